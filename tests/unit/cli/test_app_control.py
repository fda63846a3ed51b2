"""``holofleet app-control``: from XML to binary and back, on disk."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest

from holofleet.cli.app import main
from holofleet.formats import app_control as wdac

POLICY = wdac.block(["Contoso.Game_1qaz2wsx3edc4"], ["msedge.exe"])


def run(*words: str | Path) -> int:
    with pytest.raises(SystemExit) as ended:
        main(["app-control", *map(str, words)])
    return int(ended.value.code or 0)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "policy.xml"
    path.write_text(wdac.render(POLICY), encoding="utf-8")
    return path


def test_a_policy_is_compiled_and_comes_back_as_xml(
    source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "policy.cip"
    assert run("compile", source, "--out", out) == 0
    assert out.read_bytes() == wdac.compile_policy(POLICY, ties=wdac.Ties.POWERSHELL)
    said = capsys.readouterr()
    assert said.out == ""
    assert f"Policies/{wdac.POLICY_ID}/Policy" in said.err
    assert run("show", out, "--xml") == 0
    again = tmp_path / "again.xml"
    again.write_text(capsys.readouterr().out, encoding="utf-8")
    assert wdac.parse(again.read_text(encoding="utf-8")) == POLICY
    assert run("compile", again, "--out", tmp_path / "again.cip") == 0
    assert (tmp_path / "again.cip").read_bytes() == out.read_bytes()
    assert run("compile", source, "--out", out, "--ties", "stable") == 0
    assert out.read_bytes() == wdac.compile_policy(POLICY)


def test_base64_is_one_line_for_the_node(source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "policy.txt"
    assert run("compile", source, "--out", out, "--base64", "--form", "8") == 0
    assert base64.b64decode(out.read_bytes(), validate=True) == wdac.compile_policy(
        POLICY, 8, ties=wdac.Ties.POWERSHELL
    )
    assert run("show", out) == 0
    assert "form      8" in capsys.readouterr().out


def test_show_says_what_a_policy_does(source: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("show", source, "--format", "json") == 0
    facts = json.loads(capsys.readouterr().out)
    assert facts["id"] == str(wdac.POLICY_ID)
    assert "deny Contoso.Game_1qaz2wsx3edc4" in facts["rule"]
    assert facts["danger"] == []


def test_a_policy_that_could_leave_a_headset_unusable_is_not_written(
    source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = source.read_text(encoding="utf-8").replace('Value="131"', 'Value="7"')
    source.write_text(text, encoding="utf-8")
    assert run("compile", source, "--out", tmp_path / "policy.cip") == 1
    assert "might never start again" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == [source]


@pytest.mark.parametrize("content", [b"", b"hello world!", b"<SiPolicy/>", b"\x07\0\0\0", b"\x30\x82\x01\x01"])
def test_what_is_no_policy_ends_with_2_and_says_why(
    content: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "odd"
    file.write_bytes(content)
    assert run("show", file) == 2
    assert "holofleet:" in capsys.readouterr().err


def test_files_that_cannot_be_read_or_written_end_with_2(source: Path, tmp_path: Path) -> None:
    assert run("compile", tmp_path / "none.xml", "--out", tmp_path / "x") == 2
    assert run("compile", source, "--out", tmp_path / "none" / "x") == 2
    assert run("compile", source, "--out", tmp_path / "x", "--form", "9") == 2
