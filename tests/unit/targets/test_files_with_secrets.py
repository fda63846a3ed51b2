"""Files of the files target that need a secret: filled in only when asked for, by the rules of their format."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from xml.etree import ElementTree

import pytest

from holofleet.errors import InputError
from holofleet.resources import File, State
from holofleet.targets.files import FilesTarget

REFERENCE = "env:HOLOFLEET_SECRET_WIFI"
HOSTILE = """a<b>&"'\\]]>{{secret:env:HOLOFLEET_SECRET_OTHER}}"""


def state(*files: tuple[str, str, str]) -> State:
    made = [
        (
            File(
                path=path, media_type=media, sha256=hashlib.sha256(text.encode()).hexdigest(), secrets=(REFERENCE,)
            ),
            text.encode(),
        )
        for path, media, text in files
    ]
    return State([file for file, _ in made], contents={file.sha256: content for file, content in made})


def write(folder: Path, desired: State, value: str | None) -> tuple[str, ...]:
    target = FilesTarget(folder, resolve=lambda reference: value if reference == REFERENCE else None)
    return target.apply(target.plan(desired), desired, {}).notes


def test_without_being_asked_a_file_keeps_the_reference(tmp_path: Path) -> None:
    desired = state(("a/b.xml", "application/xml", "<k>{{secret:" + REFERENCE + "}}</k>"))
    target = FilesTarget(tmp_path / "out")
    target.apply(target.plan(desired), desired, {})
    assert (tmp_path / "out/a/b.xml").read_text() == "<k>{{secret:" + REFERENCE + "}}</k>"


def test_FIL_1_a_secret_is_escaped_as_its_format_needs_and_the_file_is_named(tmp_path: Path) -> None:
    desired = state(
        ("a.xml", "application/xml", '<k v="{{secret:' + REFERENCE + '}}">{{secret:' + REFERENCE + "}}</k>"),
        ("b.json", "application/json", '{"k": "{{secret:' + REFERENCE + '}}"}'),
        ("c.txt", "text/plain", "k={{secret:" + REFERENCE + "}}"),
    )
    notes = write(tmp_path / "out", desired, HOSTILE)
    read = ElementTree.fromstring((tmp_path / "out/a.xml").read_text())
    assert (read.attrib["v"], read.text) == (HOSTILE, HOSTILE)
    assert json.loads((tmp_path / "out/b.json").read_text()) == {"k": HOSTILE}
    assert (tmp_path / "out/c.txt").read_text() == "k=" + HOSTILE
    assert [note.split(" ")[0] for note in notes[1:]] == ["a.xml", "b.json", "c.txt"]
    assert all(HOSTILE not in note for note in notes)


def test_a_secret_that_is_not_there_leaves_the_folder_as_it_was(tmp_path: Path) -> None:
    desired = state(("a.xml", "application/xml", "<k>{{secret:" + REFERENCE + "}}</k>"))
    write(tmp_path / "out", desired, "first")
    with pytest.raises(InputError, match=REFERENCE):
        write(tmp_path / "out", desired, None)
    assert (tmp_path / "out/a.xml").read_text() == "<k>first</k>"
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_the_state_beside_the_files_holds_no_secret(tmp_path: Path) -> None:
    desired = state(("a.xml", "application/xml", "<k>{{secret:" + REFERENCE + "}}</k>"))
    write(tmp_path / "out", desired, "canary-7f3a")
    holding = [
        path.name for path in (tmp_path / "out").rglob("*") if path.is_file() and b"canary" in path.read_bytes()
    ]
    assert holding == ["a.xml"]
    assert FilesTarget(tmp_path / "out").plan(desired).empty


@pytest.mark.parametrize("path", ["../a", "/etc/a", "a//b", "a/./b", "a/../b", "a b", "a\\b", "", "ä"])
def test_FIL_1_a_path_that_leads_out_of_the_folder_is_no_file(path: str) -> None:
    with pytest.raises(ValueError, match="plain relative path"):
        File(path=path, media_type="text/plain", sha256="0" * 64)
