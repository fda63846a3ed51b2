"""Figures as they are measured and shown: rounds of one quantity, with their noise, and ratios of two."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any


@dataclass(frozen=True, slots=True)
class Figure:
    """One quantity, measured in rounds.

    Args:
        name: Stands in the table and is the key in the JSON file.
        unit: ``us``, ``ms``, ``/s``, ``bytes``, ``x`` (a ratio) or a word.
        rounds: One value per round; for a count that does not vary, one.
        note: What the reader has to know about it.
        more_is_better: For rates: then the best round is the largest.
    """

    name: str
    unit: str
    rounds: tuple[float, ...]
    note: str = ""
    more_is_better: bool = False

    @property
    def median(self) -> float:
        """The value that is shown."""
        return median(self.rounds)

    @property
    def best(self) -> float:
        """The best round: the least disturbed one."""
        return max(self.rounds) if self.more_is_better else min(self.rounds)

    @property
    def spread(self) -> float:
        """How far apart the rounds lie, as a part of the median; 0 for one round."""
        return (max(self.rounds) - min(self.rounds)) / self.median if self.median else 0.0

    def to_json(self) -> dict[str, Any]:
        """Return a JSON value."""
        return {
            "unit": self.unit,
            "median": round(self.median, 4),
            "best": round(self.best, 4),
            "rounds": [round(value, 4) for value in self.rounds],
            "note": self.note,
        }


def rate(name: str, costs_us: Sequence[float], note: str = "") -> Figure:
    """Return how often a second of one core holds what costs so many microseconds."""
    return Figure(name, "/s", tuple(1e6 / cost for cost in costs_us), note, more_is_better=True)


def ratio(name: str, above: Sequence[float], below: Sequence[float], note: str = "") -> Figure:
    """Return how many times as much ``above`` is, round by round: both lived through the same disturbance."""
    return Figure(name, "x", tuple(a / b for a, b in zip(above, below, strict=True)), note)


@dataclass
class Section:
    """Figures under one title."""

    title: str
    figures: list[Figure] = field(default_factory=list)

    def add(self, *figures: Figure) -> None:
        """Append figures."""
        self.figures.extend(figures)

    def to_json(self) -> dict[str, Any]:
        """Return a JSON value."""
        return {figure.name: figure.to_json() for figure in self.figures}

    def lines(self) -> Iterator[str]:
        """Return the lines of the table."""
        yield ""
        yield self.title
        yield f"  {'':<52} {'median':>10} {'best':>10} {'spread':>7}"
        for figure in self.figures:
            several = len(figure.rounds) > 1
            best = shown(figure.best) if several else ""
            spread = f"{figure.spread:.0%}" if several else ""
            line = f"  {figure.name:<52} {shown(figure.median):>10} {best:>10} {spread:>7} {figure.unit:<6}"
            yield f"{line} {figure.note}".rstrip()


def shown(value: float) -> str:
    """Return a number with three or four digits that count."""
    if value == int(value) or abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 100 else f"{value:.2f}"
