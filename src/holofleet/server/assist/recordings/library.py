"""Reading recordings, holding them, and deleting them: by key first, by file afterwards.

Nobody reads one without a right of their own, a reason and a line in the audit log. A pass that comes of it lets a
player ask for part after part, for an hour and by nobody else.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from holofleet.clock import Clock
from holofleet.errors import ConflictError, InputError
from holofleet.server.assist.recordings.sealing import RecordingKey, RecordingKeys
from holofleet.server.assist.recordings.shelf import Shelf
from holofleet.server.assist.recordings.store import ChunkRow, KeptRecording, RecordingQuery, RecordingStore
from holofleet.server.assist.recordings.values import ConsentRecord, RecordingRecord
from holofleet.server.audit import AuditRecord
from holofleet.server.authorization import Action, Principal, Target, nothing_here, permit
from holofleet.server.sealing import DamagedError, SealedBox

PAGE: Final = 50
PASS_LASTS: Final = timedelta(hours=1)
REASON: Final = 500
"""Characters of a reason."""
EVERYTHING: Final = RecordingQuery()


@dataclass(frozen=True, slots=True)
class Media:
    """A recording that is open for reading; its parts are opened as they are asked for. ``size``: in bytes."""

    record: RecordingRecord
    size: int
    _chunks: tuple[ChunkRow, ...]
    _key: RecordingKey
    _shelf: Shelf
    _damaged: Callable[[DamagedError], None]

    def read(self, first: int, last: int) -> Iterator[bytes]:
        """Yield the bytes from ``first`` to ``last``, both included.

        Raises:
            DamagedError: a part is gone, or is not what was recorded; the audit log has it.
        """
        begins = 0
        for chunk in self._chunks:
            ends = begins + chunk.size
            if ends > first and begins <= last:
                try:
                    body = self._shelf.get(self.record.id, chunk.name)
                    plain = self._key.open(chunk.number, SealedBox(chunk.header, body))
                except DamagedError as error:
                    self._damaged(error)
                    raise
                yield plain[max(0, first - begins) : last + 1 - begins]
            begins = ends

    def whole(self) -> Iterator[bytes]:
        """Yield everything."""
        return self.read(0, self.size - 1)


class RecordingLibrary:
    """Answers whoever may read recordings; keeps and deletes them."""

    def __init__(
        self, store: RecordingStore, keys: RecordingKeys, shelf: Shelf, clock: Clock, *, pass_key: bytes
    ) -> None:
        self._store = store
        self._keys = keys
        self._shelf = shelf
        self._clock = clock
        self._pass_key = pass_key

    # That there is one

    def listed(
        self, principal: Principal, query: RecordingQuery = EVERYTHING, *, after: str = "", limit: int = PAGE
    ) -> tuple[Sequence[RecordingRecord], str]:
        """List recordings that the principal sees, newest first, and say where the next page begins.

        Raises:
            RefusedError: the principal may not read calls.
        """
        permit(principal, Action.READ_CALLS, Target.installation()).require()
        return self._store.listed(principal.scope, query, after=after, limit=limit)

    def show(self, principal: Principal, recording: str) -> RecordingRecord:
        """Return what is known of a recording.

        Raises:
            RefusedError: the principal may not read calls.
            NotFoundError: no such recording here.
        """
        permit(principal, Action.READ_CALLS, Target.installation()).require()
        return self._kept(principal, recording).record

    def consents(self, principal: Principal, call: str) -> Sequence[ConsentRecord]:
        """Return who agreed to what in a call.

        Raises:
            RefusedError: the principal may not read calls.
        """
        permit(principal, Action.READ_CALLS, Target.installation()).require()
        return self._store.consents(principal.scope, call)

    # What is in it

    def open(self, principal: Principal, recording: str, reason: str) -> tuple[Media, str]:
        """Open a recording for reading, and return a pass for more of it.

        Raises:
            FreshSignInError, RefusedError: the principal may not read recordings, or not without proving again.
            InputError: no reason.
            NotFoundError: no such recording here, or it was deleted.
            DamagedError: its key or its end is not what it was.
        """
        kept = self._permitted(principal, Action.READ_RECORDINGS, recording)
        reason = _reason(reason)
        media = self._media(kept, principal)
        now = self._clock.now()
        self._store.note(_audit(principal, Action.READ_RECORDINGS, kept.record, "read", reason), at=now)
        return media, self._pass(principal, recording, now + PASS_LASTS)

    def again(self, principal: Principal, recording: str, shown: str) -> Media:
        """Open a recording by a pass that :meth:`open` gave to the same principal within the hour.

        Raises:
            RefusedError: the principal may not read recordings any more.
            NotFoundError: no such recording here, or no pass for it.
        """
        kept = self._found(principal, Action.READ_RECORDINGS, recording, fresh=False)
        until = shown.partition(".")[0]
        if not (until.isascii() and until.isdigit() and len(until) < 12):
            raise nothing_here()
        ends = datetime.fromtimestamp(int(until), tz=self._clock.now().tzinfo)
        expected = self._pass(principal, recording, ends)
        if ends <= self._clock.now() or not hmac.compare_digest(expected.encode(), shown.encode()):
            raise nothing_here()
        return self._media(kept, principal)

    def _media(self, kept: KeptRecording, principal: Principal) -> Media:
        if not kept.record.is_there:
            raise nothing_here()

        def damaged(error: DamagedError) -> None:
            audit = _audit(principal, Action.READ_RECORDINGS, kept.record, "recording-damaged", error.summary)
            self._store.note(audit, at=self._clock.now())

        try:
            key = self._keys.open(kept.record.id, kept.key)
            if kept.mark:
                key.require_closed(len(kept.chunks), kept.mark)
        except DamagedError as error:
            damaged(error)
            raise
        return Media(kept.record, sum(one.size for one in kept.chunks), kept.chunks, key, self._shelf, damaged)

    def _pass(self, principal: Principal, recording: str, until: datetime) -> str:
        moment = str(int(until.timestamp()))
        said = "\x00".join((recording, str(principal.kind), principal.id, principal.name, moment)).encode()
        return f"{moment}.{hmac.new(self._pass_key, said, hashlib.sha256).hexdigest()}"

    # How long it is there

    def hold(self, principal: Principal, recording: str, reason: str) -> None:
        """Keep a recording, whatever its time, until the hold is lifted.

        Raises:
            RefusedError, InputError, NotFoundError: as :meth:`open`.
        """
        kept = self._permitted(principal, Action.HOLD_RECORDINGS, recording)
        reason = _reason(reason)
        if not kept.record.is_there:
            raise nothing_here()
        audit = _audit(principal, Action.HOLD_RECORDINGS, kept.record, "hold", reason)
        self._store.hold(recording, by=principal.actor, why=reason, at=self._clock.now(), audit=audit)

    def lift(self, principal: Principal, recording: str, reason: str) -> None:
        """Lift a hold; what is past its time goes with the next round of upkeep.

        Raises:
            RefusedError, InputError, NotFoundError: as :meth:`open`.
        """
        kept = self._permitted(principal, Action.HOLD_RECORDINGS, recording)
        audit = _audit(principal, Action.HOLD_RECORDINGS, kept.record, "lift", _reason(reason))
        self._store.lift(recording, at=self._clock.now(), audit=audit)

    def delete(self, principal: Principal, recording: str, reason: str) -> None:
        """Delete a recording: its key, and then its files.

        Raises:
            ConflictError: it is held, or still goes on.
            RefusedError, InputError, NotFoundError: as :meth:`open`.
        """
        kept = self._permitted(principal, Action.DELETE_RECORDINGS, recording)
        reason = _reason(reason)
        if not kept.record.is_there:
            raise nothing_here()
        if kept.record.held_at is not None:
            raise ConflictError("the recording is held", mend="Lift the hold first, with a reason.")
        audit = _audit(principal, Action.DELETE_RECORDINGS, kept.record, "delete", reason)
        if not self._store.forget(recording, why="deleted", at=self._clock.now(), audit=audit):
            raise ConflictError("the recording still goes on", mend="Wait until the call is over.")
        self._shelf.clear(recording)

    def expire(self) -> int:
        """Delete what is kept past its time, and files that belong to nothing: the chore of upkeep."""
        now = self._clock.now()
        gone = 0
        for one in self._store.past(now=now):
            audit = AuditRecord(
                "server", str(Action.MAINTAIN), f"recording:{one.id}", one.client, {"act": "recording-expired"}
            )
            gone += self._store.forget(one.id, why="retention", at=now, audit=audit)
        return gone + self._shelf.sweep(self._store.names, now=now)

    # Within

    def _permitted(self, principal: Principal, action: Action, recording: str) -> KeptRecording:
        return self._found(principal, action, recording, fresh=True)

    def _found(self, principal: Principal, action: Action, recording: str, *, fresh: bool) -> KeptRecording:
        # Whoever may not at all learns nothing of what there is (ISO-2); the client is judged once it is known.
        kept = self._store.kept(principal.scope, recording)
        if kept is None:
            _judged(principal, action, None, fresh=fresh)
            raise nothing_here()
        _judged(principal, action, kept.record.client, fresh=fresh)
        return kept

    def _kept(self, principal: Principal, recording: str) -> KeptRecording:
        kept = self._store.kept(principal.scope, recording)
        if kept is None:
            raise nothing_here()
        return kept


def _judged(principal: Principal, action: Action, client: str | None, *, fresh: bool) -> None:
    if client is None:
        clients = principal.scope.clients
        client = next(iter(sorted(clients)), None) if clients is not None else "own"
    decision = permit(principal, action, Target(client=client))
    if fresh:
        decision.require()
    else:
        decision.require_role()


def _reason(text: str) -> str:
    reason = " ".join(text.split())
    if not reason:
        raise InputError("say why", mend="Write for what the recording is needed; it stands in the audit log.")
    if len(reason) > REASON:
        raise InputError(f"a reason has at most {REASON} characters")
    return reason


def _audit(principal: Principal, action: Action, record: RecordingRecord, act: str, reason: str) -> AuditRecord:
    return AuditRecord(
        principal.actor,
        str(action),
        f"recording:{record.id}",
        record.client,
        {"act": act, "call": record.call, "serial": record.serial, "reason": reason},
    )
