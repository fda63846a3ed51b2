"""The ports through which recordings are kept. Their files are behind :class:`Shelf`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from holofleet.server.assist.recordings.values import ConsentRecord, RecordingRecord
from holofleet.server.audit import AuditRecord
from holofleet.server.authorization import Scope


@dataclass(frozen=True, slots=True)
class OpenRecording:
    """A recording that goes on. ``who``: the expert, as :attr:`Party.who`; ``key``: wrapped; ``next``: chunk."""

    id: str
    call: str
    client: str
    party: str
    who: str
    key: bytes
    started_at: datetime
    next: int
    bytes: int


@dataclass(frozen=True, slots=True)
class ChunkRow:
    """A chunk as the database has it. ``header``: of its box; ``size``: bytes of what it holds."""

    number: int
    name: str
    header: bytes
    size: int


@dataclass(frozen=True, slots=True)
class KeptRecording:
    """A recording with what opens it. ``mark``: what closes it; empty while it goes on."""

    record: RecordingRecord
    key: bytes
    mark: bytes
    chunks: tuple[ChunkRow, ...]


@dataclass(frozen=True, slots=True)
class RecordingQuery:
    """Which recordings; what is empty narrows nothing."""

    call: str = ""
    serial: str = ""


class RecordingTurn(Protocol):
    """Recordings within the transaction on their call (:class:`holofleet.server.assist.store.Turn`)."""

    def consents(self, acts: Iterable[ConsentRecord]) -> None:
        """Keep who agreed to what."""
        ...

    def going_on(self) -> Sequence[OpenRecording]:
        """Return the recordings of the call that go on."""
        ...

    def begin(self, record: RecordingRecord, who: str, key: bytes) -> None:
        """Keep that a recording begins."""
        ...

    def bytes_of_client(self, client: str) -> int:
        """Return how much is kept of all recordings of a client."""
        ...

    def add(self, recording: str, chunk: ChunkRow) -> None:
        """Keep a chunk.

        Raises:
            ConflictError: there is one of its number.
        """
        ...

    def end(self, recording: str, mark: bytes, *, why: str, until: datetime, at: datetime) -> None:
        """Keep that a recording is over and how long it is kept."""
        ...

    def forget(self, recording: str, *, why: str, at: datetime) -> None:
        """Delete the key of a recording and the list of its chunks."""
        ...


class RecordingStore(Protocol):
    """Keeps recordings. Each call is one transaction."""

    def open(self, recording: str) -> OpenRecording | None:
        """Return a recording that goes on."""
        ...

    def listed(
        self, scope: Scope, query: RecordingQuery, *, after: str, limit: int
    ) -> tuple[Sequence[RecordingRecord], str]:
        """Return recordings within a scope, newest first, with where the next page begins (or nothing)."""
        ...

    def consents(self, scope: Scope, call: str) -> Sequence[ConsentRecord]:
        """Return who agreed to what in a call within a scope, in order."""
        ...

    def kept(self, scope: Scope, recording: str) -> KeptRecording | None:
        """Return a recording within a scope with what opens it; a deleted one has neither key nor chunks."""
        ...

    def note(self, audit: AuditRecord, *, at: datetime) -> None:
        """Write into the audit log."""
        ...

    def hold(self, recording: str, *, by: str, why: str, at: datetime, audit: AuditRecord) -> None:
        """Keep a recording until the hold is lifted."""
        ...

    def lift(self, recording: str, *, at: datetime, audit: AuditRecord) -> None:
        """Lift a hold."""
        ...

    def forget(self, recording: str, *, why: str, at: datetime, audit: AuditRecord) -> bool:
        """Delete the key of a recording that is over and not held; false where it is held, goes on or is gone."""
        ...

    def past(self, *, now: datetime) -> Sequence[RecordingRecord]:
        """Return recordings that are kept past their time and not held."""
        ...

    def names(self, recording: str) -> frozenset[str] | None:
        """Return the names of the chunks of a recording; ``None`` for one whose key is gone."""
        ...
