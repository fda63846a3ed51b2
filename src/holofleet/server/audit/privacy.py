"""What is kept about a person: all of it given out, and all of it erased without breaking the chain.

The chain holds ids and salted commitments; what names somebody stands beside it and is deleted. What somebody did
stays, done by an id that leads to nobody any more.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from holofleet.clock import Clock
from holofleet.errors import NotFoundError
from holofleet.server.audit.record import AuditRecord
from holofleet.server.authorization import Action, Principal, Target, permit


@dataclass(frozen=True, slots=True)
class PersonalData:
    """Everything that is kept about somebody, by the room that keeps it; rows as plain JSON values.

    Secrets (digests, hashes, keys) are left out: they would help whoever holds the export, and say nothing.
    """

    person: str
    upn: str
    rooms: Mapping[str, tuple[Mapping[str, Any], ...]]


@dataclass(frozen=True, slots=True)
class Erased:
    """What was erased.

    Args:
        fields: Personal values of audit records.
        rows: Other rows in which a name was deleted or replaced.
        kept: What still may name them, in sentences, and until when.
    """

    fields: int
    rows: int
    kept: tuple[str, ...]


class PrivacyStore(Protocol):
    """Finds and erases people. Each call is one transaction."""

    def find(self, key: str) -> str | None:
        """Return the id of somebody by id or UPN, also of those who left."""
        ...

    def export(self, person: str, *, at: datetime, audit: AuditRecord) -> PersonalData:
        """Return everything about somebody, and record that it was given out."""
        ...

    def erase(self, person: str, *, at: datetime, audit: AuditRecord) -> Erased:
        """Erase what names somebody who left.

        Raises:
            ConflictError: they are here, or the fleet file that was published last names them.
        """
        ...


class PrivacyService:
    """Personal data, for whoever may give it out or erase it."""

    def __init__(self, store: PrivacyStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def export(self, principal: Principal, key: str) -> PersonalData:
        """Return everything that is kept about somebody.

        Raises:
            RefusedError: the principal may not, or sees some clients only.
            NotFoundError: nobody.
        """
        permit(principal, Action.EXPORT_PERSON, Target.installation()).require()
        person = self._found(key)
        record = AuditRecord(principal.actor, str(Action.EXPORT_PERSON), f"person:{person}")
        return self._store.export(person, at=self._clock.now(), audit=record)

    def erase(self, principal: Principal, key: str, *, reason: str = "") -> Erased:
        """Erase what names somebody who left; it cannot be taken back.

        Raises:
            RefusedError: the principal may not, or sees some clients only.
            NotFoundError: nobody.
            ConflictError: they are here, or the fleet file still names them.
        """
        permit(principal, Action.ERASE_PERSON, Target.installation()).require()
        person = self._found(key)
        data = {"reason": reason[:500]} if reason else {}
        record = AuditRecord(principal.actor, str(Action.ERASE_PERSON), f"person:{person}", data=data)
        return self._store.erase(person, at=self._clock.now(), audit=record)

    def _found(self, key: str) -> str:
        person = self._store.find(key.casefold() if "@" in key else key)
        if person is None:
            raise NotFoundError("there is nobody of this name here")
        return person
