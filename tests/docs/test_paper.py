"""The page about paper names what `render` writes, and the day on which its calendar ends."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from tests.unit.desired.paper_fleets import samples

from holofleet.catalog import reading

PAGE = (Path(__file__).parents[2] / "docs" / "paper.md").read_text(encoding="utf-8")


def test_every_kind_of_paper_is_in_the_table() -> None:
    kinds = {"SERIAL.html" if "/shipping/" in name else name.rpartition("/")[2] for name, _ in samples()}
    assert kinds == {"hand-out.html", "SERIAL.html", "reconnect.ics"}
    assert all(f"{kind}`" in PAGE for kind in kinds)


def test_the_last_day_of_the_calendar_is_the_catalogs() -> None:
    ends = date.fromisoformat(reading.read("builds")["supported_until"])
    assert f"{ends.day} {ends:%B} {ends.year}" in PAGE
