"""The ports through which calls are kept. What is done in one :class:`Turn` is one transaction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

from holofleet.protocols.signaling import Call
from holofleet.server.assist.values import Party
from holofleet.server.audit import AuditRecord

if TYPE_CHECKING:
    from holofleet.server.assist.recordings.store import RecordingTurn


@dataclass(frozen=True, slots=True)
class Line:
    """Something that a party is told; ``seq`` counts from 1 without gaps for each party of a call."""

    party: str
    seq: int
    type: str
    body: Mapping[str, Any]
    at: datetime


@dataclass(frozen=True, slots=True)
class NewFile:
    """A file that may go from browser to browser. ``size``: bytes; ``sha256``: of its content, in hexadecimal."""

    id: str
    name: str
    type: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class OpenCall:
    """A call that runs, as far as upkeep asks. ``who``: its parties that have not left."""

    id: str
    deadline: datetime | None
    who: frozenset[str]


@dataclass(frozen=True, slots=True)
class Socket:
    """An open socket."""

    id: str
    process: str
    who: str
    page: str


class Turn(Protocol):
    """One transaction on one call, which nobody else changes meanwhile."""

    @property
    def call(self) -> Call | None:
        """The call as it stood at the beginning of the transaction."""
        ...

    def answered(self, who: str, message_id: str) -> Mapping[str, Any] | None:
        """Return the answer that a message of a party got already."""
        ...

    def remember(self, who: str, message_id: str, answer: Mapping[str, Any], *, at: datetime) -> None:
        """Keep the answer to a message."""
        ...

    def put(self, call: Call) -> None:
        """Store the call.

        Raises:
            ConflictError: one of its parties is in another call.
        """
        ...

    def stand(self, names: Iterable[str]) -> None:
        """Keep on which sides of barriers somebody stands who is seated now: who is kept from one of them reads
        nothing of this call."""
        ...

    def keep(self, *, records_until: datetime, chat_until: datetime, marks: bool) -> None:
        """Say how long the record of a call that ended is kept, and whether its marks are at all."""
        ...

    def tell(self, party: str, kind: str, body: Mapping[str, Any], *, at: datetime) -> None:
        """Tell a party something."""
        ...

    def chat(self, party: str, text: str, *, at: datetime) -> None:
        """Keep what somebody wrote."""
        ...

    def file(self, party: str, file: NewFile, *, at: datetime) -> None:
        """Keep that a file went."""
        ...

    def marks(self, events: Iterable[Mapping[str, Any]], *, kept: bool, at: datetime) -> int:
        """Keep events of marks where ``kept``, each once, and count the marks drawn; return how many were new."""
        ...

    def all_marks(self) -> Sequence[Mapping[str, Any]]:
        """Return the events that were kept, in the order of arrival."""
        ...

    def quality(self, party: str, samples: Iterable[Mapping[str, Any]]) -> None:
        """Keep how the media was."""
        ...

    def used(self, serial: str, client: str, person: str, *, at: datetime) -> None:
        """Keep at a headset that an expert was called from it."""
        ...

    def admit(self, link: str, *, at: datetime) -> bool:
        """Keep that the guest of a link is let in; false where they were, or it is over."""
        ...

    @property
    def recordings(self) -> RecordingTurn:
        """The recordings of the call, within this transaction."""
        ...

    def audit(self, record: AuditRecord, *, at: datetime) -> None:
        """Write into the audit log."""
        ...


@dataclass(frozen=True, slots=True)
class Signal:
    """A signal that may pass: from whom (by ``who`` and message), to which seat, and what it says."""

    who: str
    message_id: str
    to: str
    type: str
    body: Mapping[str, Any]


class SignalTurn(Protocol):
    """One call in a transaction on several, which nobody else changes meanwhile."""

    @property
    def call(self) -> Call | None:
        """The call as it stands."""
        ...

    def pass_on(self, signals: Iterable[Signal], *, at: datetime) -> Sequence[Line]:
        """Tell each signal to its seat, unless it was before; return what was told now."""
        ...


class CallStore(Protocol):
    """Keeps calls."""

    def turn(self, call_id: str) -> AbstractContextManager[Turn]:
        """Open a transaction on a call, or on one that is about to begin."""
        ...

    def turns(self, calls: Iterable[str]) -> AbstractContextManager[Mapping[str, SignalTurn]]:
        """Open one transaction on several calls, for signals alone."""
        ...

    def call(self, call_id: str) -> Call | None:
        """Return a call."""
        ...

    def answered(self, who: str, message_id: str) -> Mapping[str, Any] | None:
        """Return the answer that a message of a party got already."""
        ...

    def calls_of(self, who: str) -> Sequence[Call]:
        """Return the calls in which a party is now."""
        ...

    def open_calls(self) -> Sequence[OpenCall]:
        """Return every call that runs."""
        ...

    def lines(self, call_id: str, after: Mapping[str, int]) -> Sequence[Line]:
        """Return what parties (by seat) were told after the number that they have, in order."""
        ...

    def seats(self, call_id: str) -> Mapping[str, tuple[str, int]]:
        """Return the seat of each party (``who``) of a call, its newest one, and the number of its last line."""
        ...

    def forget(self, *, before: datetime) -> int:
        """Delete what is kept past its time: records, chats, answers, the last lines of calls that are over."""
        ...

    def keep_check(self, client: str, serial: str, found: Mapping[str, Any], *, at: datetime) -> None:
        """Keep what a check before a call found."""
        ...

    def last_check(self, serial: str) -> tuple[Mapping[str, Any], datetime] | None:
        """Return what the newest check before a call found at a headset, and when."""
        ...


class PresenceStore(Protocol):
    """Keeps who is there, and whom a headset has at hand."""

    def open(self, socket: Socket, *, at: datetime) -> None:
        """Keep that a socket is open."""
        ...

    def close(self, socket_id: str) -> None:
        """Keep that it is not any more."""
        ...

    def renew(self, process: str, *, at: datetime) -> None:
        """Keep that all sockets of a process are still open."""
        ...

    def clear(self, *, process: str | None = None, before: datetime | None = None) -> None:
        """Forget the sockets of a process, those not renewed since a moment, or all."""
        ...

    def there(self, who: Iterable[str], *, since: datetime) -> frozenset[str]:
        """Return who of these has a socket that was renewed since a moment."""
        ...

    def busy(self, who: Iterable[str]) -> frozenset[str]:
        """Return who of these is in a call."""
        ...

    def set(self, who: str, state: str, *, at: datetime) -> None:
        """Keep whether somebody wants to be called."""
        ...

    def away(self, who: Iterable[str]) -> frozenset[str]:
        """Return who of these does not want to be called now."""
        ...

    def at_hand(self, serial: str) -> Mapping[str, tuple[bool, datetime | None]]:
        """Return the experts that a headset keeps: whether marked, and when they were last called."""
        ...

    def mark(self, serial: str, client: str, person: str, *, on: bool, at: datetime) -> None:
        """Mark an expert as a favourite of a headset, or not any more."""
        ...


class Parties(Protocol):
    """Who somebody is, as the server knows it."""

    def headset(self, serial: str) -> Party | None:
        """Return a headset of the fleet with who has it now."""
        ...

    def expert(self, person: str) -> Party | None:
        """Return a person, by id."""
        ...

    def pairing(self, serial: str, *, now: datetime) -> str | None:
        """Return the id of the pairing of a headset's browser that stands now."""
        ...

    def person_of(self, upn: str) -> str | None:
        """Return the id of the person of a name."""
        ...
