"""Records of calls for who runs the fleet: who took part, how it is known who they were, and how the call was.

Nothing of what was said is here. Numbers are about calls and headsets, never a score of a person.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Protocol

from holofleet.server.authorization import Action, Principal, Scope, Target, nothing_here, permit

PAGE: Final = 50


@dataclass(frozen=True, slots=True)
class PartyRecord:
    """One party of a call. ``grades``: seconds in each grade of quality, as the party measured them."""

    id: str
    kind: str
    name: str
    account: str
    serial: str = ""
    holder: str = ""
    holder_method: str = "none"
    assurance: int = 0
    accepted_at: datetime | None = None
    joined_at: datetime | None = None
    left_at: datetime | None = None
    why: str = ""
    path: str = ""
    grades: Mapping[str, float] = field(default_factory=dict)
    freezes: int = 0


@dataclass(frozen=True, slots=True)
class CallRecord:
    """One call. ``state`` is ``ended`` for all but those that run now."""

    id: str
    client: str
    serial: str
    state: str
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    reason: str
    asset: str
    work_order: str
    rota: str
    files: int
    marks: int
    kept_until: datetime | None
    parties: tuple[PartyRecord, ...]

    @property
    def seconds(self) -> int:
        """How long two parties were connected."""
        if self.started_at is None or self.ended_at is None:
            return 0
        return round((self.ended_at - self.started_at).total_seconds())


class RecordStore(Protocol):
    """Reads records."""

    def records(
        self, scope: Scope, *, serial: str, person: str, after: str, limit: int
    ) -> tuple[Sequence[CallRecord], str]:
        """Return calls of the clients in ``scope``, newest first, with where the next page begins (or nothing).

        Args:
            serial, person: Only of this headset, or with this person; empty for all.
        """
        ...

    def record(self, scope: Scope, call_id: str) -> CallRecord | None:
        """Return one call inside ``scope``."""
        ...


class CallRecords:
    """Answers whoever may read calls, and everybody about their own."""

    def __init__(self, store: RecordStore) -> None:
        self._store = store

    def listed(
        self, principal: Principal, *, serial: str = "", after: str = "", limit: int = PAGE
    ) -> tuple[Sequence[CallRecord], str]:
        """List calls of the clients that the principal sees, newest first.

        Raises:
            RefusedError: the principal may not read calls.
        """
        permit(principal, Action.READ_CALLS, Target.installation()).require()
        return self._store.records(principal.scope, serial=serial, person="", after=after, limit=limit)

    def own(self, person: str, *, after: str = "", limit: int = PAGE) -> tuple[Sequence[CallRecord], str]:
        """List the calls of a person who has proved who they are."""
        return self._store.records(Scope.every(), serial="", person=person, after=after, limit=limit)

    def call(self, principal: Principal, call_id: str) -> CallRecord:
        """Return one call.

        Raises:
            RefusedError: the principal may not read calls.
            NotFoundError: no such call here.
        """
        permit(principal, Action.READ_CALLS, Target.installation()).require()
        found = self._store.record(principal.scope, call_id)
        if found is None:
            raise nothing_here()
        return found
