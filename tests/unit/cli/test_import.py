"""``holofleet import kiosk``: YAML on standard output, what was lost on the other one."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from holofleet.cli.app import main
from holofleet.formats import assigned_access as formats

APP = "Contoso.App_1qaz2wsx3edc4!App"
KIOSK = formats.Configuration(formats.MultiApp((formats.App(APP),)), except_device_owners=True)


def run(*words: str | Path) -> int:
    with pytest.raises(SystemExit) as ended:
        main(["import", *map(str, words)])
    return int(ended.value.code or 0)


def test_a_kiosk_becomes_a_part_of_a_fleet_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "kiosk.xml"
    path.write_text(formats.render(KIOSK))
    assert run("kiosk", path) == 0
    said = capsys.readouterr()
    assert said.out.startswith("# A kiosk from kiosk.xml.")
    assert f"      - {APP}\n" in said.out
    assert "except: [device-owners]" in said.out


def test_what_is_lost_is_said_and_ends_with_1(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "kiosk.xml"
    path.write_text(formats.render(KIOSK).replace("<App ", '<App DesktopAppPath="C:\\a.exe"/><App ', 1))
    assert run("kiosk", path) == 1
    assert f"{path}:1: lost: the desktop program" in capsys.readouterr().err
    assert run("kiosk", path, "--format", "json") == 1
    found = json.loads(capsys.readouterr().out)
    assert found["kiosk"]["apps"] == [APP]
    assert [remark["line"] for remark in found["remarks"] if remark["lost"]] == [1]


def test_a_file_that_is_none_or_too_large_is_refused(tmp_path: Path) -> None:
    assert run("kiosk", tmp_path / "none.xml") == 2
    (tmp_path / "large.xml").write_bytes(b" " * (1 << 20) + b"<a/>")
    assert run("kiosk", tmp_path / "large.xml") == 2


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with names here")
def test_IMP_1_links_and_pipes_are_refused_at_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    os.mkfifo(tmp_path / "pipe.xml")
    (tmp_path / "link.xml").symlink_to(tmp_path / "real.xml")
    (tmp_path / "real.xml").write_text("<a/>", encoding="utf-8")
    for name, said in (("pipe.xml", "not a regular file"), ("link.xml", "a link, not a file")):
        with pytest.raises(SystemExit) as ended:
            main(["import", "kiosk", str(tmp_path / name)])
        assert ended.value.code == 2
        assert said in capsys.readouterr().err
