"""The page about the emulator says what it answers."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

from holofleet.emulator import Delays
from holofleet.emulator.paths import table

PAGE = Path(__file__).parents[3] / "docs/graph-emulator.md"


def test_every_path_stands_on_the_page() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert text.endswith(table()), "replace the last table with what `python -m holofleet.emulator.paths` prints"
    assert table().count("\n") > 100


def test_the_delays_on_the_page_are_those_of_the_program() -> None:
    text = PAGE.read_text(encoding="utf-8").partition("## What takes time")[2].partition("## What goes wrong")[0]
    units = {"s": 1, "min": 60, "h": 3600}
    told = sorted(int(number) * units[unit] for number, unit in re.findall(r"(\d+) (s|min|h)\b", text))
    slow = Delays.like_the_service()
    assert told == sorted(int(getattr(slow, part.name).total_seconds()) for part in fields(slow))
