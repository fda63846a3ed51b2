"""The port of this room: what was published, what headsets said (many alike at once), and how standings turned."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Alike:
    """Headsets that want the same and said the same; one serial stands for all of them.

    Args:
        wanted: Hash of the document that they shall have.
        taken: Hash of the document that they took; ``None`` where nothing is known of them.
        overlay: What they have otherwise, as it is stored.
        oldest, latest: When they were heard.
    """

    serial: str
    deployment: str
    client: str
    number: int
    wanted: str
    taken: str | None
    overlay: str
    oldest: datetime | None = None
    latest: datetime | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything that a judgement rests on, read at one moment.

    Args:
        publication: Its id; empty where there is none.
        texts: Of the fleet file, by name.
        undelivered: Per deployment, what nothing delivers: ``key``, ``reason``, ``path``, ``line``.
        documents: Stored documents by hash.
    """

    publication: str
    published_at: datetime | None
    texts: Mapping[str, str]
    undelivered: Mapping[str, tuple[Mapping[str, object], ...]]
    alike: tuple[Alike, ...]
    documents: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Turn:
    """A statement that came to stand otherwise for a deployment (empty: for the whole file)."""

    rule: str
    deployment: str
    client: str
    word: str
    why: str
    at: datetime


class GuideStore(Protocol):
    """Unscoped, because a fleet file names every client at once: the service asks who may see it."""

    def published(self, *, most: int) -> tuple[str, datetime | None, int]:
        """Return id and moment of the newest publication, and how many headsets it has, counting to ``most``."""
        ...

    def evidence(self) -> Evidence:
        """Read what a judgement rests on; takes seconds for 100,000 headsets."""
        ...

    def like(self, serials: Iterable[str], *, after: str, limit: int) -> Sequence[tuple[str, str]]:
        """Return serial and name of headsets that want and said the same as one of ``serials``, by serial."""
        ...

    def turns(self, rule: str, *, limit: int) -> Sequence[Turn]:
        """Return how a statement turned, newest first."""
        ...

    def standing(self) -> Mapping[tuple[str, str], Turn]:
        """Return the newest turn per statement and deployment."""
        ...

    def note(self, turns: Sequence[Turn]) -> None:
        """Keep turns."""
        ...
