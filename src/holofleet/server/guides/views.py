"""What pages show of the guides: plain values, so that nobody has to know the fleet file or the rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

WORDS = ("not met", "waiting", "not judged", "waived", "attested", "met", "not applicable")
"""The words of a statement, the one that needs most attention first; the same as on the command line."""


@dataclass(frozen=True, slots=True)
class Place:
    """A line of the fleet file that a standing hangs on; without a path it is a preset's word.

    Args:
        key: Dotted key, or ``waivers`` or ``attestations``.
        layer: Who says it: ``scenario``, ``defaults``, ``deployment`` or ``file``.
        rule: Statement that a preset follows.
    """

    key: str
    layer: str
    path: str = ""
    line: int = 0
    rule: str = ""


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault of the file, and how to mend it."""

    summary: str
    detail: str = ""
    mend: str = ""
    path: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True)
class Cell:
    """What can be said of a statement for some deployments at once; of the whole file where there are none.

    Args:
        word: One of :data:`WORDS`.
        why: What it waits for, what is wrong, who accepts it, or why it does not apply.
        evidence: What proves it, or as much as there is.
        since: When it came to be so; ``None`` until that was noted.
        against: Serials that report another value, each standing for all that want and say the same.
        lost: It would apply if another target delivered.
    """

    deployments: tuple[str, ...]
    word: str
    why: str = ""
    evidence: str = ""
    faults: tuple[Fault, ...] = ()
    places: tuple[Place, ...] = ()
    since: datetime | None = None
    against: tuple[str, ...] = ()
    lost: bool = False


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement of a guide, with where it stands.

    Args:
        title: What is asked for, in a short line.
        requirement: The same in full, in our words.
        kind: ``must``, ``recommended``, ``optional`` ...
        weight: The same as a number, 0 for the heaviest.
        source: Title and date of the guide, section and lines.
        derived: The guide implies it rather than saying it.
    """

    id: str
    guide: str
    section: str
    title: str
    requirement: str
    kind: str
    weight: int
    word: str
    source: str
    verify: str
    enforce: str
    cells: tuple[Cell, ...]
    derived: bool = False
    note: str = ""

    @property
    def must(self) -> bool:
        """Whether the guide leaves no choice."""
        return self.weight == 0

    @property
    def since(self) -> datetime | None:
        """When the word came to be so: that of the deployment it was true for first."""
        moments = [cell.since for cell in self.cells if cell.word == self.word and cell.since is not None]
        return min(moments, default=None)

    @property
    def against(self) -> tuple[str, ...]:
        """Every serial that reports another value."""
        return tuple(dict.fromkeys(serial for cell in self.cells for serial in cell.against))


@dataclass(frozen=True, slots=True)
class GuideBar:
    """One guide: which deployments it binds, each with the reason, and its statements counted by word."""

    id: str
    title: str
    published: str
    binds: Mapping[str, str]
    counts: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Board:
    """Where the fleet stands on every statement.

    Args:
        publication: Which publication was judged; empty where none was ever made.
        unread: Why the fleet file cannot be judged here; then there are no statements.
        digest: SHA-256 over names and texts of the fleet file.
        headsets: In the fleet file.
        reported: How many of them have said what they have.
        oldest, latest: When they spoke: the one not heard for longest, and the last one.
    """

    publication: str
    published_at: datetime | None
    made_at: datetime
    day: date
    organization: str = ""
    digest: str = ""
    headsets: int = 0
    reported: int = 0
    oldest: datetime | None = None
    latest: datetime | None = None
    guides: tuple[GuideBar, ...] = ()
    statements: tuple[Statement, ...] = ()
    unread: str = ""
    outdated: bool = field(default=False)
    """Something newer was published and is being judged."""

    def statement(self, id_: str) -> Statement | None:
        """Return a statement by its id."""
        return next((statement for statement in self.statements if statement.id == id_), None)
