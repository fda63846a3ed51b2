"""``holofleet autopilot``: hash files checked and merged, on disk."""

from __future__ import annotations

import base64
import json
import stat
from pathlib import Path

import pytest

from holofleet.cli.app import main
from holofleet.formats import autopilot_csv

HEAD = ",".join(autopilot_csv.HEADER)
HASH = base64.b64encode(b"OA" + bytes(range(90))).decode()


def run(*words: str | Path) -> int:
    with pytest.raises(SystemExit) as ended:
        main(["autopilot", *map(str, words)])
    return int(ended.value.code or 0)


def file(path: Path, *rows: str) -> Path:
    path.write_text("\n".join([HEAD, *rows]) + "\n")
    return path


def test_merge_writes_padded_hashes_in_files_of_500(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first = file(tmp_path / "1.csv", *(f"A{n:04d},,{HASH.rstrip('=')},," for n in range(400)))
    second = file(tmp_path / "2.csv", *(f"A{n:04d},,{HASH},," for n in range(300, 700)))
    assert run("merge", first, second, "--out", tmp_path / "out", "--group-tag", "field") == 0
    written = sorted((tmp_path / "out").iterdir())
    readings = [autopilot_csv.read(path.read_bytes()) for path in written]
    assert [len(reading.rows) for reading in readings] == [500, 200]
    assert {row.group_tag for reading in readings for row in reading.rows} == {"field"}
    assert {row.repaired for reading in readings for row in reading.rows} == {False}
    assert {stat.S_IMODE(path.stat().st_mode) for path in written} == {0o600}
    assert HASH not in capsys.readouterr().err


def test_one_bad_row_and_nothing_is_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good, bad = file(tmp_path / "1.csv", f"A1,,{HASH},,"), file(tmp_path / "2.csv", "A2,,#,,")
    assert run("merge", good, bad, "--out", tmp_path / "out") == 1
    assert not (tmp_path / "out").exists()
    said = capsys.readouterr().err
    assert f"{bad}:2: row 2: the hardware hash is not base64" in said
    assert "Nothing was written." in said


def test_a_folder_with_files_is_not_written_over(tmp_path: Path) -> None:
    good = file(tmp_path / "1.csv", f"A1,,{HASH},,")
    assert run("merge", good, "--out", tmp_path) == 2
    assert run("merge", good, "--out", tmp_path / "out", "--group-tag", "a,b") == 2
    assert not (tmp_path / "out").exists()


def test_check_says_what_would_be_refused_as_json_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bad = file(tmp_path / "2.csv", f"A1,,{HASH},,", "A2,,#,,")
    assert run("check", bad, "--format", "json") == 1
    said = json.loads(capsys.readouterr().out)
    assert said["headsets"] == 1
    assert [(p["file"], p["line"]) for p in said["problems"]] == [(str(bad), 3)]
    assert run("check", file(tmp_path / "3.csv", f"A1,,{HASH.rstrip('=')},,")) == 0
    assert "1 headset, 1 with padding" in capsys.readouterr().out


def test_a_missing_file_is_unusable_input(tmp_path: Path) -> None:
    assert run("check", tmp_path / "none.csv") == 2
