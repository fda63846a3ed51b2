"""Reading files: several files, folders, tables beside them, and nothing from elsewhere (IMP-1)."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from fleets import HEAD, SMALL

from holofleet import spec
from holofleet.diagnostics import Position
from holofleet.spec import files


def refused(*paths: Path) -> list[str]:
    with pytest.raises(spec.SpecError) as caught:
        spec.load(paths)
    return [f"{finding.rule}: {finding.summary}" for finding in caught.value.findings]


def test_one_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "fleet.yaml"
    path.write_text("\ufeff" + SMALL, encoding="utf-8")
    found = spec.load([path])
    assert [headset.serial for headset in found.model.headsets] == ["003421700101", "003421700102"]
    assert found.positions.of(("headsets", 1, "serial")) == Position(str(path), 8, 6)


def test_lists_of_several_files_join_and_keep_their_places(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(SMALL)
    (tmp_path / "b.yml").write_text("# more\nheadsets:\n  - {serial: X1}\npeople:\n  - {upn: x@contoso.com}\n")
    (tmp_path / "readme.txt").write_text("not a fleet file")
    found = spec.load([tmp_path])
    assert [headset.serial for headset in found.model.headsets][-1] == "X1"
    assert found.positions.of(("headsets", 2, "serial")) == Position(str(tmp_path / "b.yml"), 3, 6)
    assert found.positions.of(("people", 1, "upn")) == Position(str(tmp_path / "b.yml"), 5, 6)
    assert found.positions.of(("people", 0, "upn")) == Position(str(tmp_path / "a.yaml"), 5, 6)


def test_any_other_key_in_two_files_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(SMALL)
    (tmp_path / "b.yaml").write_text(HEAD)
    assert refused(tmp_path) == [
        "file/duplicate-key: key `holofleet` stands in two files",
        "file/duplicate-key: key `organization` stands in two files",
        "file/duplicate-key: key `tenant` stands in two files",
    ]


def test_a_file_that_is_not_utf8_is_refused_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "fleet.yaml"
    path.write_bytes(SMALL.encode() + b"# caf\xe9\n")
    with pytest.raises(spec.SpecError) as caught:
        spec.load([path])
    assert caught.value.findings[0].position == Position(str(path), 13, 1)
    path.write_bytes(SMALL.encode("utf-16"))
    assert refused(path) == ["file/encoding: this file is not UTF-8"]


def test_what_is_not_there_or_nothing_is_refused(tmp_path: Path) -> None:
    assert refused(tmp_path / "fleet.yaml") == ["file/unreadable: there is no such file"]
    assert refused(tmp_path) == ["file/missing: no .yaml file in this folder"]
    assert refused() == ["file/missing: no fleet file was given"]


def test_a_file_that_is_too_large_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MAX_BYTES", 100)
    path = tmp_path / "fleet.yaml"
    path.write_text(SMALL)
    assert refused(path) == ["file/unreadable: larger than 100 bytes"]


@pytest.fixture
def with_table(tmp_path: Path) -> Path:
    folder = tmp_path / "fleet"
    folder.mkdir()
    (folder / "fleet.yaml").write_text(HEAD + "headsets: {csv: headsets.csv}\n")
    return folder


def test_a_table_beside_the_file_is_read(with_table: Path) -> None:
    (with_table / "headsets.csv").write_text("serial,asset\n003421700101,HL-1\n")
    found = spec.load([with_table / "fleet.yaml"])
    assert found.model.headsets[0].serial == "003421700101"
    assert found.positions.of(("headsets", 0, "asset")) == Position("headsets.csv", 2, 14)


def test_IMP_1_a_table_that_is_a_link_is_not_followed(with_table: Path, tmp_path: Path) -> None:
    (tmp_path / "secret.csv").write_text("serial\nX1\n")
    (with_table / "headsets.csv").symlink_to(tmp_path / "secret.csv")
    assert refused(with_table / "fleet.yaml") == ["file/table: `headsets.csv`: a link is not followed"]


def test_IMP_1_a_folder_that_is_a_link_is_not_followed(with_table: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "t.csv").write_text("serial\nX1\n")
    (with_table / "sub").symlink_to(tmp_path / "elsewhere")
    (with_table / "fleet.yaml").write_text(HEAD + "headsets: {csv: sub/t.csv}\n")
    assert refused(with_table / "fleet.yaml") == ["file/table: `sub/t.csv`: a link is not followed"]


@pytest.mark.parametrize(
    "name", ["../secret.csv", "/etc/passwd", "a/../../secret.csv", "./t.csv", "a//b.csv", "a\\b"]
)
def test_IMP_1_a_path_that_leads_elsewhere_is_refused(with_table: Path, tmp_path: Path, name: str) -> None:
    (tmp_path / "secret.csv").write_text("serial\nX1\n")
    (with_table / "fleet.yaml").write_text(f"{HEAD}headsets: {{csv: '{name}'}}\n")
    assert refused(with_table / "fleet.yaml") == [
        f"file/table: `{name}`: not a path below the folder of the fleet file"
    ]


def test_IMP_1_a_device_file_a_pipe_or_a_folder_is_no_table(with_table: Path) -> None:
    os.mkfifo(with_table / "headsets.csv")
    assert refused(with_table / "fleet.yaml") == ["file/table: `headsets.csv`: not a regular file"]
    (with_table / "headsets.csv").unlink()
    (with_table / "headsets.csv").mkdir()
    assert refused(with_table / "fleet.yaml")[0].startswith("file/table: `headsets.csv`: ")


def test_IMP_1_a_linked_yaml_file_inside_a_folder_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "outside.yaml").write_text(SMALL)
    (tmp_path / "fleet").mkdir()
    (tmp_path / "fleet" / "a.yaml").symlink_to(tmp_path / "outside.yaml")
    assert refused(tmp_path / "fleet")[0].startswith("file/unreadable: it cannot be read")


def test_IMP_1_a_table_that_is_too_large_is_refused(with_table: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MAX_TABLE_BYTES", 10)
    (with_table / "headsets.csv").write_text("serial\n003421700101\n")
    assert refused(with_table / "fleet.yaml") == ["file/table: `headsets.csv`: larger than 10 bytes"]


def test_parsing_needs_no_file_and_says_what_table_is_missing() -> None:
    with pytest.raises(spec.SpecError, match=r"f:4:12: the table `headsets.csv` is not there"):
        spec.parse({"f": HEAD + "headsets: {csv: headsets.csv}\n"})
