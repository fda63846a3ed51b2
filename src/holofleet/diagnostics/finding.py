"""A finding: what a check says of the fleet file, and where.

A finding teaches: one constant summary line, a detail that says why it matters, what to do, the place in the
file, and whose rule it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How much a statement binds, in the words of the guides; the order is the order of exit status."""

    MUST = "must"
    WARNING = "warning"
    RECOMMENDED = "recommended"
    LIMITATION = "limitation"
    OPTIONAL = "optional"

    @property
    def rank(self) -> int:
        """0 for the heaviest (``must``), growing as it gets lighter."""
        return _RANKS[self]

    def at_least(self, other: Severity) -> bool:
        """Tell whether this severity is as heavy as ``other`` or heavier."""
        return self.rank <= other.rank


_RANKS = {severity: rank for rank, severity in enumerate(Severity)}


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """A place in a file: lines and columns count from 1; ``path`` is as the operator named it."""

    path: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Finding:
    """A fault of the fleet file.

    Args:
        rule: Id of the rule: a guide statement (``EXT-30``) or a rule of the format (``file/unknown-key``).
        severity: How heavy it is.
        summary: One line; names the thing at fault.
        detail: Full sentences: what is wrong and why it matters.
        mend: What to do, in one sentence that names the key to write.
        position: Where it stands; ``None`` where no line can be blamed.
        subject: Address of the resource it is about (``deployment:field-service``), or empty.
        source: Who says so: published title, date and section.
    """

    rule: str
    severity: Severity
    summary: str
    detail: str = ""
    mend: str = ""
    position: Position | None = None
    subject: str = ""
    source: str = ""

    @property
    def sort_key(self) -> tuple[int, str, int, int, str, str]:
        """Heaviest first, then by place, then by rule and subject: the same findings, the same order."""
        place = self.position
        return (
            self.severity.rank,
            place.path if place else "",
            place.line if place else 0,
            place.column if place else 0,
            self.rule,
            self.subject,
        )
