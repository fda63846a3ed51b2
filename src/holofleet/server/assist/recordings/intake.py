"""Taking in what an expert's browser records: refused unless everybody agrees at this moment (SECURITY AST-4).

Each call is one transaction on the call, in which its consents are read again. A chunk is sealed and written
before that transaction, so that nobody waits for a disk, and is deleted again where the transaction does not take
it; without its row it opens with no key.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TypeVar

from holofleet.clock import Clock
from holofleet.protocols.signaling import Call, Consent, Recording, Seat
from holofleet.server.assist.calls import CallService
from holofleet.server.assist.recordings.consents import ConsentKeeper
from holofleet.server.assist.recordings.sealing import RecordingKeys
from holofleet.server.assist.recordings.shelf import Shelf
from holofleet.server.assist.recordings.store import ChunkRow, OpenRecording, RecordingStore
from holofleet.server.assist.recordings.values import MOST, TYPES, Bounds, RecordingRecord
from holofleet.server.assist.store import CallStore, Turn
from holofleet.server.assist.values import Party, Refusal
from holofleet.server.audit import AuditRecord
from holofleet.server.authorization import Action

Done = TypeVar("Done")
_STOPPING = frozenset({"disk", "quota", "too-long", "assist.recording"})
"""Refusals after which nothing more can come: the recording is stopped for everybody, who see that it is."""


@dataclass(frozen=True, slots=True)
class Begun:
    """A recording to which chunks may be sent, the first of which is number 0."""

    id: str
    chunk_bytes: int
    bits_per_s: int


class RecordingIntake:
    """Begins recordings, takes their chunks, ends them."""

    def __init__(
        self,
        store: RecordingStore,
        calls: CallStore,
        service: CallService,
        consents: ConsentKeeper,
        keys: RecordingKeys,
        shelf: Shelf,
        clock: Clock,
        *,
        bounds: Bounds = MOST,
    ) -> None:
        self._store = store
        self._calls = calls
        self._service = service
        self._consents = consents
        self._keys = keys
        self._shelf = shelf
        self._clock = clock
        self._bounds = bounds

    def begin(self, party: Party, call_id: str, kind: str) -> Begun:
        """Begin a recording of a call; one of it that still goes on ends.

        Args:
            party: The expert who asked for it.
            call_id: The call.
            kind: Media type of what comes, without parameters.

        Raises:
            Refusal: not everybody has agreed, it was not this party that asked, or there is no room.
        """
        if kind not in TYPES:
            raise Refusal("malformed", "That is nothing that a browser records.")
        return self._stopping(call_id, lambda: self._begin(party, call_id, kind))

    def _begin(self, party: Party, call_id: str, kind: str) -> Begun:
        self._require_allowed(call_id)
        now = self._clock.now()
        key = uuid.uuid4().hex
        with self._calls.turn(call_id) as turn:
            call, seat = _agreed(turn.call, party)
            self._require_room(turn, call, 0)
            for one in turn.recordings.going_on():
                self._end(turn, call, one, why="replaced", at=now)
            until = now + timedelta(days=self._consents.terms_of(call).days)
            agreed = tuple(sorted(call.consent.answers))
            record = RecordingRecord(
                key, call.id, call.client, call.serial, seat.id, agreed, kind, now, None, "", 0, 0, until
            )
            turn.recordings.begin(record, party.who, self._keys.new(key))
            turn.audit(
                AuditRecord(
                    party.actor,
                    str(Action.ANSWER_CALLS),
                    f"recording:{key}",
                    call.client,
                    {"act": "recording-began", "call": call.id, "agreed": list(agreed)},
                ),
                at=now,
            )
        return Begun(key, self._bounds.chunk_bytes, self._bounds.bits_per_s)

    def take(self, party: Party, recording: str, number: int, body: bytes) -> int:
        """Keep a chunk; return the number of the next one. A chunk that was taken already changes nothing.

        Raises:
            Refusal: somebody does not agree now, it is over, not this party's, out of order, or too much.
            StorageError: it cannot be written.
        """
        found = self._mine(party, recording)
        if not body:
            raise Refusal("malformed", "There is nothing in it.")
        if len(body) > self._bounds.chunk_bytes:
            raise Refusal("too-big", "The chunk is too big.")
        if number < found.next:
            return found.next
        return self._stopping(found.call, lambda: self._take(party, found, number, body))

    def _take(self, party: Party, found: OpenRecording, number: int, body: bytes) -> int:
        self._require_allowed(found.call)
        if number > found.next:
            raise Refusal("order", f"Chunk {found.next} comes first.")
        box = self._keys.open(found.id, found.key).seal(number, body)
        name = self._shelf.put(found.id, number, box.body)
        taken = False
        try:
            with self._calls.turn(found.call) as turn:
                call, _ = _agreed(turn.call, party)
                one = next((one for one in turn.recordings.going_on() if one.id == found.id), None)
                if one is None:
                    raise _over()
                if number != one.next:
                    return one.next  # the same chunk came twice at once
                self._require_within(one, len(body))
                self._require_room(turn, call, len(body))
                turn.recordings.add(one.id, ChunkRow(number, name, box.header, len(body)))
            taken = True
        finally:
            if not taken:
                self._shelf.drop(found.id, name)
        return number + 1

    def finish(self, party: Party, recording: str) -> None:
        """End a recording: its browser has nothing more to send. What is over stays over.

        Raises:
            Refusal: it is not this party's.
        """
        try:
            found = self._mine(party, recording)
        except Refusal:
            return
        with self._calls.turn(found.call) as turn:
            for one in turn.recordings.going_on():
                if one.id == recording and turn.call is not None:
                    self._end(turn, turn.call, one, why="finished", at=self._clock.now())

    # Within

    def _mine(self, party: Party, recording: str) -> OpenRecording:
        found = self._store.open(recording)
        if found is None or found.who != party.who:
            raise _over()
        return found

    def _require_allowed(self, call_id: str) -> None:
        """The rules of everybody in the call, and the disk: neither waits for the call's lock."""
        call = self._calls.call(call_id)
        if call is None or call.is_over:
            raise _over()
        if not self._service.teller.permitted(call).recording:
            raise Refusal("assist.recording", "Calls of this headset are not recorded.")
        if self._shelf.free_share() < self._bounds.least_free:
            raise Refusal("disk", "The server's disk is almost full, so nothing is recorded.")

    def _require_room(self, turn: Turn, call: Call, more: int) -> None:
        if turn.recordings.bytes_of_client(call.client) + more > self._bounds.bytes_per_client:
            raise Refusal("quota", "There is no room left for recordings of this client.")

    def _require_within(self, one: OpenRecording, more: int) -> None:
        lasted = self._clock.now() - one.started_at
        if lasted > self._bounds.lasts:
            raise Refusal("too-long", "A recording ends after four hours.")
        most = self._bounds.bits_per_s / 8 * lasted.total_seconds() + self._bounds.burst_bytes
        if one.bytes + more > most:
            raise Refusal("rate", "That is more than a recording may bring in this time.")

    def _end(self, turn: Turn, call: Call, one: OpenRecording, *, why: str, at: datetime) -> None:
        mark = self._keys.open(one.id, one.key).close(one.next)
        turn.recordings.end(
            one.id, mark, why=why, until=at + timedelta(days=self._consents.terms_of(call).days), at=at
        )

    def _stopping(self, call_id: str, act: Callable[[], Done]) -> Done:
        try:
            return act()
        except Refusal as refusal:
            if refusal.rule in _STOPPING:
                self._service.apply(call_id, _unrecorded, why=refusal.rule)
            raise


def _unrecorded(call: Call) -> Call:
    return replace(call, consent=Consent())


def _agreed(call: Call | None, party: Party) -> tuple[Call, Seat]:
    """Return the call with the seat of who asked for the recording, if everybody in the call agrees now.

    Raises:
        Refusal: they do not.
    """
    seat = call.seat_of(party.who) if call is not None else None
    if call is None or call.is_over or seat is None or not seat.has_accepted:
        raise _over()
    here = {one.id for one in call.seats if one.has_accepted}
    said = {key for key, yes in call.consent.answers.items() if yes}
    if call.consent.state is not Recording.ON or here != said or call.consent.by != seat.id:
        raise Refusal("consent", "Not everybody has agreed to a recording.")
    return call, seat


def _over() -> Refusal:
    return Refusal("no-such-recording", "There is no such recording here.")
