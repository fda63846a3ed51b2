"""The port through which messages left are kept."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Protocol

from holofleet.server.assist.left.values import LeftMessage, PartKind, SealedPart
from holofleet.server.audit import AuditRecord
from holofleet.server.authorization import Scope


class LeftStore(Protocol):
    """Keeps messages, whom each is for, and their sealed parts."""

    def put(
        self,
        message: LeftMessage,
        people: Sequence[str],
        parts: Sequence[SealedPart],
        audit: AuditRecord,
        *,
        sides: Iterable[str] = (),
    ) -> bool:
        """Keep a message for people (by id); false where it is there already.

        ``sides``: on which sides of barriers its headset and its people stand.
        """
        ...

    def waiting(self, serial: str) -> int:
        """Count the messages of a headset that nobody has taken."""
        ...

    def of_person(self, person: str, *, now: datetime) -> Sequence[LeftMessage]:
        """Return the messages for somebody that are still kept: those that wait first, newest first."""
        ...

    def part(self, person: str, message: str, kind: PartKind, *, now: datetime) -> SealedPart | None:
        """Return a part of a message that is for somebody and still kept."""
        ...

    def take(
        self, person: str, message: str, *, at: datetime, audit: AuditRecord, sides: Iterable[str] = ()
    ) -> bool:
        """Keep that somebody sees to a message, and their sides; false where another does already."""
        ...

    def note(self, audit: AuditRecord, *, at: datetime) -> None:
        """Write into the audit log."""
        ...

    def drop(self, person: str, message: str, *, at: datetime, audit: AuditRecord) -> bool:
        """Delete a message that is for somebody; false where there is none."""
        ...

    def listed(self, scope: Scope, *, after: str, limit: int) -> tuple[Sequence[LeftMessage], str]:
        """Return messages inside a scope, newest first, with where the next page begins (or nothing)."""
        ...

    def forget(self, *, before: datetime) -> int:
        """Delete messages whose time is over; return how many."""
        ...
