"""`holofleet guide`: its forms, where it writes, and how it ends."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from holofleet.catalog import statements
from holofleet.cli import main

ROOT = Path(__file__).parents[3]


@pytest.fixture
def fleet(tmp_path: Path) -> Path:
    """A fleet on which every statement at or above `must` is met or waits."""
    path = tmp_path / "fleet.yaml"
    path.write_text((ROOT / "src/holofleet/samples/cloud-connected.yaml").read_text(encoding="utf-8"))
    return path


def status(*words: str | Path) -> int:
    with pytest.raises(SystemExit) as ended:
        main([str(word) for word in words])
    return int(ended.value.code or 0)


def test_the_text_goes_to_standard_output_and_the_sum_to_the_other(
    fleet: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert status("guide", fleet, "--severity", "must") == 0
    said = capsys.readouterr()
    assert "PREP-04" in said.out
    assert "0 statements at or above must are not met." in said.err


def test_json_is_one_document_with_every_statement(fleet: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status("guide", fleet, "--format", "json")
    report = json.loads(capsys.readouterr().out)
    found = [item["id"] for guide in report["guides"] for item in guide["statements"]]
    assert found == list(statements())
    assert report["files"] == [str(fleet)]


def test_a_statement_that_is_not_met_ends_with_1_at_its_severity(
    fleet: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fleet.write_text(fleet.read_text().replace("edition: P1 ", "edition: free ", 1))
    assert status("guide", fleet, "--severity", "must") == 1
    assert "PREP-04" in capsys.readouterr().out


def test_a_page_is_written_whole_into_the_file_that_is_named(
    fleet: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "standing.html"
    status("guide", fleet, "--format", "html", "--out", out)
    said = capsys.readouterr()
    assert said.out == ""
    assert "Wrote" in said.err
    assert out.read_text(encoding="utf-8").rstrip().endswith("</html>")


def test_a_file_that_cannot_be_written_ends_with_2(
    fleet: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert status("guide", fleet, "--out", tmp_path / "nowhere" / "x.txt") == 2
    assert "cannot be written" in capsys.readouterr().err


def test_a_servers_reports_are_refused_for_another_target(
    fleet: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert status("guide", fleet, "--data", tmp_path, "--target", "graph") == 2
    assert "say nothing about the target graph" in capsys.readouterr().err


def test_an_unusable_file_ends_with_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "fleet.yaml"
    path.write_text("holofleet: 1\nnonsense: true\n")
    assert status("guide", path) == 2
    assert "nonsense" in capsys.readouterr().err
