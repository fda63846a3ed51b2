"""Compliance over 30 days as a line, with a mark where something was applied. Drawn here: no script, no style."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import floor

from holofleet.server.fleet.history import Day

WIDTH, HEIGHT = 1000.0, 100.0
STEP = 10
"""The axis begins at a multiple of this, in percent."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A day on which something was applied; ``x`` in units of the drawing."""

    x: float
    day: Day


@dataclass(frozen=True, slots=True)
class Trend:
    """A drawing and the sentence that says the same.

    Args:
        line, area: Paths; days that nobody counted are left out, and the line does not cross them.
        floor: Where the axis begins, in percent.
        known: The days that were counted, for the table.
    """

    line: str
    area: str
    marks: tuple[Mark, ...]
    floor: int
    first: Day
    last: Day
    known: tuple[Day, ...]
    sentence: str


def trend_of(days: Sequence[Day]) -> Trend | None:
    """Draw the days; ``None`` until two of them were counted."""
    known = [(index, day, day.share) for index, day in enumerate(days)]
    counted = [(index, day, share) for index, day, share in known if share is not None]
    if len(counted) < 2:
        return None
    least = min(share for _, _, share in counted)
    base = min(90, floor(least * 100 / STEP) * STEP)
    span = len(days) - 1

    def x(index: int) -> float:
        return round(WIDTH * index / span, 1)

    def y(share: float) -> float:
        return round(HEIGHT * (1 - (share * 100 - base) / (100 - base)), 1)

    runs: list[list[tuple[float, float]]] = []
    before = None
    for index, _, share in counted:
        if before is None or index != before + 1:
            runs.append([])
        runs[-1].append((x(index), y(share)))
        before = index
    line = " ".join(_path(run) for run in runs)
    area = " ".join(f"{_path(run)} L{run[-1][0]} {HEIGHT:g} L{run[0][0]} {HEIGHT:g} Z" for run in runs)
    marks = tuple(Mark(x(index), day) for index, day in enumerate(days) if day.applied)
    first, last = counted[0], counted[-1]
    return Trend(
        line,
        area,
        marks,
        base,
        days[0],
        days[-1],
        tuple(day for _, day, _ in counted),
        _sentence(first[2], last[2], first[1], sum(day.applied for day in days)),
    )


def percent_of(day: Day) -> str:
    """Write the share of a day: never 100 % while one headset is missing."""
    share = day.share
    if share is None:
        return "–"
    return f"{min(99, round(share * 100)) if share < 1 else 100} %"


def _sentence(then: float, now: float, since: Day, applied: int) -> str:
    change = round((now - then) * 100)
    today = f"{min(99, round(now * 100)) if now < 1 else 100} % are compliant today"
    day = f"{since.day.day} {since.day:%B}"
    moved = (
        f"as on {day}" if not change else f"{abs(change)} points {'more' if change > 0 else 'less'} than on {day}"
    )
    plans = {0: "nothing was applied", 1: "one change was applied"}.get(applied, f"{applied} changes were applied")
    return f"{today}, {moved}; {plans} in these days."


def _path(run: Sequence[tuple[float, float]]) -> str:
    head, *rest = run
    start = f"M{head[0]} {head[1]}"
    if not rest:  # one day alone still shows as a short stroke
        return f"{start} L{min(WIDTH, head[0] + 4)} {head[1]}"
    return start + "".join(f" L{x} {y}" for x, y in rest)
