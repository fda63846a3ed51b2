"""What is written about the rooms of the source, against the source: the map, and each room's own few lines."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "holofleet"
ROOMS = sorted(path.parent for path in SOURCE.rglob("__init__.py"))
SPLIT = ("server", "web")
"""Packages whose rooms stand in the map one by one; of the others the map names the whole."""


def mapped() -> set[str]:
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    rows = text.partition("## The map")[2].partition("\n## ")[0].splitlines()
    return {name for row in rows if row.startswith("| `") for name in re.findall(r"`([^`]+)`", row.split("|")[1])}


def is_there(name: str) -> bool:
    return (SOURCE / name).is_dir() or (SOURCE / f"{name}.py").is_file()


def told(room: Path) -> str:
    return ast.get_docstring(ast.parse((room / "__init__.py").read_text(encoding="utf-8"))) or ""


def test_the_map_names_every_room_and_no_other() -> None:
    named = mapped()
    assert {name for name in named if not is_there(name)} == set()
    top = {path.stem for path in SOURCE.iterdir() if path.suffix in ("", ".py") and not path.name.startswith("__")}
    rooms = {path.relative_to(SOURCE).as_posix() for path in ROOMS if path.parent.name in SPLIT}
    assert top - named == set(SPLIT)
    assert rooms - named == set()


@pytest.mark.parametrize("room", ROOMS, ids=lambda room: room.relative_to(SOURCE).as_posix())
def test_what_a_room_says_of_itself_is_there(room: Path) -> None:
    text = told(room)
    assert text, "a room says what lives there"
    above = (room, room.parent, SOURCE, SOURCE.parent)
    for name in re.findall(r"``([a-z_0-9/]+(?:\.py|/))``", text):
        assert any((place / name).exists() for place in above), name
    for module in re.findall(r":mod:`holofleet\.([a-z_.0-9]+)`", text):
        assert is_there(module.replace(".", "/")), module
