"""Records of calls for who runs the fleet: who took part, how it is known who they were, and how the call was.

Nothing of what was said is here; what was drawn is, where the call keeps it. Numbers are about calls and headsets,
never a score of a person.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, Protocol

from holofleet.clock import Clock
from holofleet.server.audit import AuditRecord
from holofleet.server.authorization import (
    Action,
    Principal,
    Scope,
    Target,
    nothing_here,
    permit,
)

PAGE: Final = 50


@dataclass(frozen=True, slots=True)
class PartyRecord:
    """One party of a call.

    Args:
        id: Of the seat, within the call.
        kind: ``headset``, ``expert`` or ``guest``.
        account: Name under which an expert signs in; empty of others.
        holder, holder_method, assurance: Who had the headset, how that was known, and how sure it is (0 to 3).
        accepted_at, joined_at, left_at: ``None`` where it never came to that.
        why: Why they left; empty while they are there.
        path: How their media went last: ``direct``, ``relay-udp``, ``relay-tcp``, ``relay-tls``, or not known.
        grades: Seconds in each grade of quality, as the party measured them.
        freezes: How often the picture stood still there.
    """

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
    label: str = ""
    """Of a guest: whose link they came by."""
    replaces: str = ""
    """Of who took over: the party that left for it."""
    asked_by: str = ""
    """The party that handed over to them."""


@dataclass(frozen=True, slots=True)
class CallRecord:
    """One call.

    Args:
        state: ``ended`` for all but those that run now.
        started_at: When two were connected; ``None`` where it never came to that.
        reason: Why it ended; empty while it runs.
        rota: Whom the headset asked for, where it asked for no person.
        files, marks: How many were allowed, and how many were drawn.
        kept_until: When the record is deleted; ``None`` while the call runs.
    """

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


class Came(StrEnum):
    """What came of a call."""

    CONNECTED = "connected"
    """Two parties were connected, and it is over."""
    UNANSWERED = "unanswered"
    """It is over, and nobody was ever connected."""
    RUNNING = "running"


@dataclass(frozen=True, slots=True)
class RecordQuery:
    """Which calls; what is empty narrows nothing.

    Args:
        serial: Of this headset.
        person: With this expert, by id or sign-in name.
        since, until: That began at or after, and before.
    """

    serial: str = ""
    person: str = ""
    came: Came | None = None
    since: datetime | None = None
    until: datetime | None = None


EVERY_CALL: Final = RecordQuery()


@dataclass(frozen=True, slots=True)
class FileRecord:
    """A file that was allowed to go from browser to browser; what is in it was never here. ``size``: bytes."""

    party: str
    name: str
    type: str
    size: int
    at: datetime


@dataclass(frozen=True, slots=True)
class QualityRecord:
    """How the media was for a party for ``seconds`` from ``at``, as its page measured; ``None``: not measured.

    Args:
        up_kbps, down_kbps: Sent and received, in kilobits per second.
        rtt_ms, jitter_ms: In milliseconds.
        loss: Share of packets that did not arrive, 0 to 1.
        fps, width, height: Of the picture that was shown: pictures per second, pixels.
        freezes: How often it stood still.
    """

    party: str
    at: datetime
    seconds: float
    grade: str
    path: str = ""
    up_kbps: float | None = None
    down_kbps: float | None = None
    rtt_ms: float | None = None
    jitter_ms: float | None = None
    loss: float | None = None
    fps: float | None = None
    width: int | None = None
    height: int | None = None
    freezes: int = 0


@dataclass(frozen=True, slots=True)
class CallDetail:
    """One call with what is kept beside it. ``messages``: lines of chat; ``replayable``: its marks are kept."""

    record: CallRecord
    files: tuple[FileRecord, ...] = ()
    quality: tuple[QualityRecord, ...] = ()
    messages: int = 0
    replayable: bool = False


@dataclass(frozen=True, slots=True)
class MarkedCall:
    """A call that is over, and the events of its marks in the order in which they came."""

    record: CallRecord
    events: tuple[Mapping[str, Any], ...]


class RecordStore(Protocol):
    """Reads records."""

    def records(
        self, scope: Scope, query: RecordQuery, *, after: str, limit: int
    ) -> tuple[Sequence[CallRecord], str]:
        """Return calls of ``scope``, newest first, with where the next page begins (or nothing)."""
        ...

    def detail(self, scope: Scope, call_id: str) -> CallDetail | None:
        """Return one call inside ``scope`` with what is kept beside it."""
        ...

    def marks(self, call_id: str, *, at: datetime, audit: AuditRecord) -> Sequence[Mapping[str, Any]]:
        """Return the events of the marks of a call, and write into the audit log that they were read."""
        ...


class CallRecords:
    """Answers whoever may read calls; what a barrier keeps from them is not there (AST-1)."""

    def __init__(self, store: RecordStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def listed(
        self, principal: Principal, query: RecordQuery = EVERY_CALL, *, after: str = "", limit: int = PAGE
    ) -> tuple[Sequence[CallRecord], str]:
        """List calls that the principal sees, newest first, and say where the next page begins.

        Raises:
            RefusedError: the principal may not read calls.
        """
        permit(principal, Action.READ_CALLS, Target.installation()).require()
        return self._store.records(principal.scope, query, after=after, limit=limit)

    def detail(self, principal: Principal, call_id: str) -> CallDetail:
        """Return one call with its files and how its media was.

        Raises:
            RefusedError: the principal may not read calls.
            NotFoundError: no such call here.
        """
        permit(principal, Action.READ_CALLS, Target.installation()).require()
        found = self._store.detail(principal.scope, call_id)
        if found is None:
            raise nothing_here()
        return found

    def marks(self, principal: Principal, call_id: str) -> MarkedCall:
        """Return what was drawn in a call that is over. These are words and signs of people: reading is audited.

        Raises:
            RefusedError: the principal may not read calls.
            NotFoundError: no such call here, it goes on, or none of its marks are kept.
        """
        found = self.detail(principal, call_id)
        record = found.record
        if not found.replayable:
            raise nothing_here()
        about = {"act": "marks-read", "call": record.id}
        audit = AuditRecord(
            principal.actor, str(Action.READ_CALLS), f"headset:{record.serial}", record.client, about
        )
        events = self._store.marks(record.id, at=self._clock.now(), audit=audit)
        return MarkedCall(record, tuple(events))
