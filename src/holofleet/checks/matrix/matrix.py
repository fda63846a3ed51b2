"""The matrix: every statement of the guides, and per deployment where it stands, why, and by which lines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from holofleet.catalog import Guide, Statement
from holofleet.diagnostics import Finding, Position, Severity


class Mark(StrEnum):
    """The word of a standing, or that no rule judges it; the one that needs most attention first."""

    NOT_MET = "not met"
    WAITING = "waiting"
    NOT_JUDGED = "not judged"
    WAIVED = "waived"
    ATTESTED = "attested"
    MET = "met"
    NOT_APPLICABLE = "not applicable"

    @property
    def rank(self) -> int:
        """0 for the word that needs most attention."""
        return _RANKS[self]


_RANKS = {mark: rank for rank, mark in enumerate(Mark)}


@dataclass(frozen=True, slots=True)
class Place:
    """Something that a standing hangs on.

    Args:
        key: A dotted key of the fleet file, or ``waivers`` or ``attestations``.
        layer: ``scenario``, ``defaults``, ``deployment`` or ``file``.
        position: Where it is written; ``None`` where a preset says it.
        rule: Statement (or source) that a preset follows.
    """

    key: str
    layer: str
    position: Position | None = None
    rule: str = ""


@dataclass(frozen=True, slots=True)
class Cell:
    """Where a statement stands for one deployment; for the whole file where ``deployment`` is empty.

    Args:
        why: What it waits for, what is wrong, who accepts it, or why it does not apply.
        evidence: What proves it; empty while nothing does.
        findings: Faults of the file behind it, accepted ones included.
        places: What in the fleet file it hangs on.
        lost: It would apply with another target.
    """

    deployment: str
    mark: Mark
    why: str = ""
    evidence: str = ""
    findings: tuple[Finding, ...] = ()
    places: tuple[Place, ...] = ()
    lost: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """Deployments of which all the same can be said."""

    deployments: tuple[str, ...]
    cell: Cell


@dataclass(frozen=True, slots=True)
class Row:
    """One statement.

    Args:
        title: What is asked for, in a short line; the requirement itself where no rule has one.
        forms: The ways in which its rule knows; empty where there is no rule.
        source: Title and date of the guide, section and lines.
    """

    statement: Statement
    title: str
    forms: tuple[str, ...]
    source: str
    cells: tuple[Cell, ...]

    @property
    def mark(self) -> Mark:
        """The word over all deployments: the one that needs most attention."""
        return min((cell.mark for cell in self.cells), key=lambda mark: mark.rank)

    @property
    def shared_places(self) -> tuple[Place, ...]:
        """What it hangs on where that is the same for every deployment; else nothing."""
        first = self.cells[0].places
        return first if all(cell.places == first for cell in self.cells) else ()

    @property
    def groups(self) -> tuple[Group, ...]:
        """Its cells, those that say the same put together; most in need of attention first."""
        found: dict[object, list[Cell]] = {}
        for cell in self.cells:
            key = (cell.mark, cell.why, cell.evidence, cell.findings, cell.places)
            found.setdefault(key, []).append(cell)
        groups = (Group(tuple(cell.deployment for cell in cells), cells[0]) for cells in found.values())
        return tuple(sorted(groups, key=lambda group: group.cell.mark.rank))


@dataclass(frozen=True, slots=True)
class Part:
    """One guide: which deployments it binds, each with the reason, and its statements."""

    guide: Guide
    binds: Mapping[str, str]
    rows: tuple[Row, ...]

    @property
    def counts(self) -> Mapping[Mark, int]:
        """Statements by word; every word is there."""
        return _counts(self.rows)


@dataclass(frozen=True, slots=True)
class Heard:
    """What headsets reported: through which server, how many of the file's, and when they spoke last."""

    server: str
    headsets: int
    reported: int
    oldest: datetime | None = None
    latest: datetime | None = None


@dataclass(frozen=True, slots=True)
class About:
    """What was looked at.

    Args:
        digest: SHA-256 over names and texts of the file.
        heard: ``None`` where no reports were given.
    """

    organization: str
    files: tuple[str, ...]
    digest: str
    target: str
    day: date
    made_at: datetime
    version: str
    heard: Heard | None = None


@dataclass(frozen=True, slots=True)
class Matrix:
    """All statements of all guides.

    Args:
        others: Findings about waivers and attestations themselves.
    """

    about: About
    parts: tuple[Part, ...]
    others: tuple[Finding, ...] = ()

    @property
    def rows(self) -> tuple[Row, ...]:
        """Every statement, in the order of the guides."""
        return tuple(row for part in self.parts for row in part.rows)

    @property
    def counts(self) -> Mapping[Mark, int]:
        """Statements by word; every word is there."""
        return _counts(self.rows)

    @property
    def deployments(self) -> tuple[str, ...]:
        """Names of the deployments that some guide binds."""
        return tuple(dict.fromkeys(name for part in self.parts for name in part.binds))

    def unmet(self, severity: Severity) -> tuple[Row, ...]:
        """Return the statements as heavy as ``severity`` or heavier that are not met, heaviest first."""
        found = [row for row in self.rows if row.mark is Mark.NOT_MET and row.statement.kind.at_least(severity)]
        return tuple(sorted(found, key=lambda row: row.statement.kind.rank))


def _counts(rows: Iterable[Row]) -> Mapping[Mark, int]:
    counted = Counter(row.mark for row in rows)
    return {mark: counted[mark] for mark in Mark}
