"""The statements of the four deployment guides, one by one, in our own words.

Ids never change. What a statement asks for stands in ``requirement``; ``check``, ``enforce`` and ``verify`` say
what can be seen in the fleet file, set on a headset or in the directory, and confirmed from reports.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from holofleet.catalog import reading
from holofleet.diagnostics import Severity


@dataclass(frozen=True, slots=True)
class Guide:
    """A deployment guide: its published title, publisher and date."""

    id: str
    title: str
    published: str


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement of a guide.

    Args:
        lines: Line numbers of the guide's text as it was read.
        kind: As the guide words it; a must below an option binds whoever chose the option.
        concern: The subject it belongs to (``licensing``, ``updates``).
        params: Numbers and names that the logic needs.
        derived: The guide implies it rather than saying it.
    """

    id: str
    guide: str
    section: str
    lines: tuple[int, ...]
    requirement: str
    kind: Severity
    check: str
    enforce: str
    verify: str
    concern: str
    params: dict[str, Any] = field(default_factory=dict, hash=False)
    derived: bool = False
    note: str = ""


def load_guides() -> dict[str, Guide]:
    """Read the guides, by the prefix of their statements."""
    return {key: Guide(key, row["title"], row["published"]) for key, row in reading.read("guides").items()}


def load() -> dict[str, Statement]:
    """Read every statement, by id, guide by guide in the order of the guides' text."""
    return {
        row["id"]: Statement(
            guide=guide,
            lines=tuple(row["lines"]),
            kind=Severity(row["kind"]),
            **{key: value for key, value in row.items() if key not in ("lines", "kind")},
        )
        for guide in reading.read("guides")
        for row in reading.read(f"statements/{guide}")
    }
