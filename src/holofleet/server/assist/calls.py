"""Calls from the first ring to the end: who may, what the call becomes, and who is told.

Each method takes the party that asks, from whom the socket was opened, and a message; it runs in a thread and is
one transaction. The rules are asked when a call begins, when it is answered, when somebody is taken in, and again
while it runs (:mod:`holofleet.server.assist.watch`).
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from holofleet.clock import Clock
from holofleet.errors import ConflictError
from holofleet.protocols.signaling import Call, NotNowError, PartyKind, Seat, Timers, messages
from holofleet.server.assist.audited import audit_of_beginning, audit_of_end
from holofleet.server.assist.policy import CallPolicy, Side, Verdict
from holofleet.server.assist.presence import Presence
from holofleet.server.assist.store import CallStore, Parties, Turn
from holofleet.server.assist.telling import Teller
from holofleet.server.assist.values import Outcome, Party, Refusal, nobody
from holofleet.server.audit import AuditRecord

if TYPE_CHECKING:
    from holofleet.server.assist.recordings.consents import ConsentKeeper

_NOBODY_NOW = Refusal("assist.rota", "Nobody who answers is there now.")
_BUSY = Refusal("busy", "They are in another call.")
_AWAY = Refusal("away", "They are not there now.")
_OWN_BUSY = Refusal("busy", "You are in a call already.")
Change = Callable[[Call, Seat], Call]


class CallService:
    """Begins, changes and ends calls."""

    def __init__(
        self,
        store: CallStore,
        policy: CallPolicy,
        presence: Presence,
        parties: Parties,
        clock: Clock,
        *,
        timers: Timers | None = None,
        guest_stands: Callable[[str], bool] | None = None,
        consents: ConsentKeeper | None = None,
    ) -> None:
        self._store = store
        self._policy = policy
        self._presence = presence
        self._parties = parties
        self._clock = clock
        self._timers = timers or Timers()
        self._consents = consents
        self.teller = Teller(policy, guest_stands, consents)

    # Beginning

    def invite(self, party: Party, message: messages.CallInvite) -> Outcome:
        """Call somebody, or whoever answers.

        Raises:
            Refusal: not allowed, not there, or busy.
        """
        done = self._store.answered(party.who, message.id)
        if done is not None:
            return Outcome(done)
        if (message.to is None) == (message.any is None):
            raise Refusal("malformed", "Say whom to call: to, or any.")
        if party.kind is PartyKind.GUEST:
            raise Refusal("assist.forbid", "Guests do not call anybody.")
        queue: Sequence[str] = ()
        if message.to is not None:
            callee = self._callee(party, message.to)
        else:
            queue = self._queue(party, rota=message.any or "", asset=message.asset)
            callee = self._expert(queue[0])
        headset = party if party.kind is PartyKind.HEADSET else callee
        if headset.kind is not PartyKind.HEADSET:
            raise Refusal.of(self._policy.judge(nobody(party.key), nobody(callee.key)))
        now = self._clock.now()
        begun = Call.begin(
            uuid.uuid4().hex,
            caller=party.seat(_party_id()),
            client=headset.client,
            serial=headset.serial,
            now=now,
            queue=queue[1:],
            rota=message.any or "",
            asset=message.asset,
            work_order=message.work_order,
            timers=self._timers,
        )
        call = begun.ring(callee.seat(_party_id()), now)
        return self._begin(party, message.id, call, now)

    def _begin(self, party: Party, message_id: str, call: Call, now: datetime) -> Outcome:
        try:
            with self._store.turn(call.id) as turn:
                done = turn.answered(party.who, message_id)
                if done is not None:
                    return Outcome(done)
                turn.put(call)
                turn.stand(self.teller.segments(call.seats))
                permitted = self.teller.tell(turn, None, call, at=now)
                for seat in call.seats:
                    if seat.kind is PartyKind.EXPERT:
                        turn.used(call.serial, call.client, seat.key, at=now)
                answer = {
                    "type": "call.state",
                    "call": self.teller.view(call, call.seat(call.caller), permitted),
                }
                turn.remember(party.who, message_id, answer, at=now)
                turn.audit(audit_of_beginning(call, party), at=now)
        except ConflictError:
            raise (_OWN_BUSY if self._store.calls_of(party.who) else _BUSY) from None
        return Outcome(answer, (call.id,))

    def _callee(self, party: Party, key: str) -> Party:
        """Return whom a key names, if they may be called, are there and are free."""
        if party.kind is PartyKind.HEADSET:
            mine, theirs = self._policy.headset(party.key), self._policy.expert(key)
            found = self._parties.expert(key) if theirs is not None else None
            # Whoever names a headset of their own client is told why not; any other is nobody (ISO-2).
            other = self._policy.headset(key) if theirs is None else None
            theirs = other if other is not None and other.client == party.client else theirs
        else:
            mine, theirs = self._policy.expert(party.key), self._policy.headset(key)
            found = self._parties.headset(key) if theirs is not None else None
        verdict = self._policy.judge(mine or nobody(party.key), theirs or nobody(key))
        if not verdict.allowed or found is None:
            raise Refusal.of(verdict)
        self._require_free(found)
        return found

    def _require_free(self, party: Party) -> None:
        state = self._presence.states((party.who,))[party.who]
        if state == "busy":
            raise _BUSY
        if state == "away":
            raise _AWAY

    def _queue(self, party: Party, *, rota: str, asset: str) -> Sequence[str]:
        """Return who is asked one after the other: those who answer, are there and are free."""
        side = self._policy.headset(party.key) if party.kind is PartyKind.HEADSET else None
        if side is None:
            raise _NOBODY_NOW
        keys = self._policy.anyone(side, rota=rota, asset=asset)
        if not keys:
            verdict = self._policy.find(side, limit=1).verdict
            raise Refusal.of(verdict) if not verdict.allowed else _NOBODY_NOW
        states = self._presence.states(f"{PartyKind.EXPERT}:{key}" for key in keys)
        ready = tuple(key for key in keys if states[f"{PartyKind.EXPERT}:{key}"] == "ready")
        if not ready:
            raise _NOBODY_NOW
        return ready

    def _expert(self, key: str) -> Party:
        found = self._parties.expert(key)
        if found is None:
            raise _NOBODY_NOW
        return found

    # In a call

    def accept(self, party: Party, message: messages.CallAccept) -> Outcome:
        """Answer a call that rings.

        Raises:
            Refusal: not allowed any more, or it does not ring here.
        """
        call = self._mine(party, message.call)
        others = [one for one in call.present if one.who != party.who]
        seat = call.seat_of(party.who)
        if seat is None:
            raise _not_yours()
        verdict = self._judge(others, self.teller.side(seat), begins=call.started_at is None)
        if verdict.allowed:
            return self._change(party, message, lambda now, seat: now.accept(seat.id, self._clock.now()))
        self._change(
            party,
            message,
            lambda now, seat: now.leave(seat.id, self._clock.now(), reason="not-allowed"),
            refused=Refusal.of(verdict),
        )
        raise Refusal.of(verdict)

    def decline(self, party: Party, message: messages.CallDecline) -> Outcome:
        """Say no to a call that rings; see :meth:`_change` for what is raised."""
        return self._change(
            party,
            message,
            lambda call, seat: call.decline(seat.id, message.reason, self._clock.now(), offer=message.offer),
        )

    def cancel(self, party: Party, message: messages.CallCancel) -> Outcome:
        """Stop calling."""
        return self._change(party, message, lambda call, seat: call.cancel(seat.id, self._clock.now()))

    def connected(self, party: Party, message: messages.CallConnected) -> Outcome:
        """The party's media is connected."""
        return self._change(
            party, message, lambda call, seat: call.connected(seat.id, self._clock.now(), path=message.path)
        )

    def lost(self, party: Party, message: messages.CallLost) -> Outcome:
        """The party's media is lost; it tries again."""
        return self._change(party, message, lambda call, seat: call.lost(seat.id, self._clock.now()))

    def leave(self, party: Party, message: messages.CallLeave) -> Outcome:
        """Go."""
        return self._change(party, message, lambda call, seat: call.leave(seat.id, self._clock.now()))

    def end(self, party: Party, message: messages.CallEnd) -> Outcome:
        """End the call for everybody; a guest only goes, and so does whom it still rings for."""

        def ended(call: Call, seat: Seat) -> Call:
            if seat.kind is PartyKind.GUEST or not seat.has_accepted:
                return call.leave(seat.id, self._clock.now())
            return call.stop("hung-up", self._clock.now(), by=seat.id)

        return self._change(party, message, ended)

    def add(self, party: Party, message: messages.CallAdd) -> Outcome:
        """Ask somebody into the call.

        Raises:
            Refusal: they may not meet everybody in it, are not there, or are busy.
        """
        return self._take_in(party, message, message.to)

    def hand_over(self, party: Party, message: messages.CallHandOver) -> Outcome:
        """Ask another expert to take over; once they are connected, the one before leaves.

        An expert hands over their own place, who wears the headset that of an expert in the call.

        Raises:
            Refusal: as :meth:`add`, or nobody leaves for it, or not this one.
        """
        if party.kind is PartyKind.GUEST:
            raise Refusal("assist.forbid", "Guests hand nothing over.")
        return self._take_in(party, message, message.to, goes=lambda call, seat: _goes(call, seat, message.goes))

    def _take_in(
        self,
        party: Party,
        message: messages.OfCall,
        key: str,
        *,
        goes: Callable[[Call, Seat], str] = lambda call, seat: "",
    ) -> Outcome:
        done = self._store.answered(party.who, message.id)
        if done is not None:
            return Outcome(done)
        if party.kind is PartyKind.GUEST:
            raise Refusal("assist.forbid", "Guests take nobody in.")
        call = self._mine(party, message.call)
        asks = call.seat_of(party.who)
        if asks is None or not asks.has_accepted:
            raise _not_yours()
        theirs = self._policy.expert(key)
        # Who hands over as well: until the other is connected both are in the call, and see each other.
        verdict = self._judge(call.present, theirs or nobody(key), begins=False)
        found = self._parties.expert(key) if theirs is not None else None
        if not verdict.allowed or found is None:
            raise Refusal.of(verdict)
        self._require_free(found)
        guest = found.seat(_party_id())
        return self._change(
            party,
            message,
            lambda now, seat: now.ring(guest, self._clock.now(), replaces=goes(now, seat), asked_by=seat.id),
        )

    def judge(self, call: Call, theirs: Side) -> Verdict:
        """Tell whether a side may come into a call as it is now."""
        return self._judge(call.present, theirs, begins=False)

    def let_in(self, party: Party, message: messages.OfCall, guest: Seat, audit: AuditRecord) -> Outcome:
        """Seat a guest who waited, as a party of a call asks for it; their link is used up by it.

        Raises:
            Refusal: it is not the party's call, it is full, or the link is over.
        """

        def used(turn: Turn, now: datetime) -> None:
            if not turn.admit(guest.key, at=now):
                raise Refusal("guest", "Nobody waits by that link.")
            turn.audit(audit, at=now)

        return self._change(party, message, lambda call, seat: call.admit(guest, self._clock.now()), first=used)

    def put_out(self, call_id: str, who: str, why: str) -> bool:
        """Let a party go, by the server itself; true where it was there."""

        def gone(call: Call) -> Call:
            seat = call.seat_of(who)
            return call if seat is None or not seat.is_in else call.leave(seat.id, self._clock.now(), reason=why)

        return self.apply(call_id, gone)

    def media(self, party: Party, message: messages.CallMedia) -> Outcome:
        """The party's camera or microphone was turned on or off."""
        return self._change(
            party,
            message,
            lambda call, seat: call.media(seat.id, camera=message.camera, microphone=message.microphone),
        )

    def about(self, party: Party, message: messages.CallAbout) -> Outcome:
        """Say what the call is about; only an expert writes the note, which no headset sees.

        Raises:
            Refusal: a guest, or somebody who has not answered yet.
        """

        def changed(call: Call, seat: Seat) -> Call:
            if seat.kind is PartyKind.GUEST or not seat.has_accepted:
                raise NotNowError("only who is in the call says what it is about")
            note = message.note if seat.kind is PartyKind.EXPERT else call.note
            return call.about(asset=message.asset, work_order=message.work_order, note=note)

        return self._change(party, message, changed)

    def ask_to_record(self, party: Party, message: messages.RecordAsk) -> Outcome:
        """Ask everybody whether the call may be recorded.

        Raises:
            Refusal: the rules of somebody in it forbid recordings, or it is not an expert who asks.
        """
        call = self._mine(party, message.call)
        if party.kind is not PartyKind.EXPERT or not self.teller.permitted(call).recording:
            raise Refusal("assist.recording", "Calls of this headset are not recorded.")
        return self._change(party, message, lambda call, seat: call.ask_to_record(seat.id))

    def answer_recording(self, party: Party, message: messages.RecordAnswer) -> Outcome:
        """Agree to a recording, or not, or not any more."""
        return self._change(party, message, lambda call, seat: call.answer_recording(seat.id, message.agree))

    def stop_recording(self, party: Party, message: messages.RecordStop) -> Outcome:
        """Stop a recording."""
        return self._change(party, message, lambda call, seat: call.stop_recording(seat.id))

    # By the server itself

    def apply(self, call_id: str, change: Callable[[Call], Call], *, why: str = "") -> bool:
        """Change a call without being asked by a party; true where something changed.

        Args:
            call_id: The call.
            change: What becomes of it.
            why: Why its recording ends, where it does.
        """
        now = self._clock.now()
        with self._store.turn(call_id) as turn:
            if turn.call is None or turn.call.is_over:
                return False
            call = self._next(change(turn.call), now)
            if call == turn.call:
                return False
            self._write(turn, turn.call, call, now, why=why)
        return True

    # Within

    def _judge(self, others: Sequence[Seat], theirs: Side, *, begins: bool) -> Verdict:
        sides = self.teller.sides(others)
        if begins and sides:
            return self._policy.judge(sides[0], theirs, sides[1:])
        return self._policy.stands((*sides, theirs))

    def _mine(self, party: Party, call_id: str) -> Call:
        call = self._store.call(call_id)
        if call is None or call.seat_of(party.who) is None:
            raise _not_yours()
        return call

    def _change(
        self,
        party: Party,
        message: messages.OfCall,
        change: Change,
        *,
        refused: Refusal | None = None,
        first: Callable[[Turn, datetime], None] | None = None,
    ) -> Outcome:
        """Change the call of a party in one transaction, and tell everybody; ``first`` is part of it.

        Raises:
            Refusal: it is not the party's call, or not the moment.
        """
        now = self._clock.now()
        try:
            with self._store.turn(message.call) as turn:
                done = turn.answered(party.who, message.id)
                if done is not None:
                    return Outcome(done)
                before = turn.call
                seat = before.seat_of(party.who) if before is not None else None
                if before is None or seat is None:
                    raise _not_yours()
                call = self._next(change(before, seat), now)
                if first is not None:
                    first(turn, now)
                self._write(turn, before, call, now, by=seat.id)
                answer: dict[str, Any] = {
                    "type": "call.state",
                    "call": self.teller.view(call, call.seat(seat.id)),
                }
                turn.remember(party.who, message.id, refused.answer if refused else answer, at=now)
        except NotNowError as error:
            raise Refusal("not-now", _sentence(error.summary)) from None
        except ConflictError:
            raise _BUSY from None
        return Outcome(answer, (message.call,))

    def _write(self, turn: Turn, before: Call, call: Call, now: datetime, *, by: str = "", why: str = "") -> None:
        if call == before:
            return
        turn.put(call)
        if seated := call.seats[len(before.seats) :]:
            turn.stand(self.teller.segments(seated))
        permitted = self.teller.tell(turn, before, call, at=now)
        if call.consent != before.consent:
            self._recording_changed(turn, before, call, now, by=by, why=why)
        if not call.is_over:
            self._show_marks(turn, before, call, now)
            return
        chat_days, record_days = self._kept_days(call)
        turn.keep(records_until=now + record_days, chat_until=now + chat_days, marks=permitted.snapshots)
        turn.audit(audit_of_end(call), at=now)

    def _recording_changed(
        self, turn: Turn, before: Call, call: Call, now: datetime, *, by: str, why: str
    ) -> None:
        """Tell everybody how the recording stands, and keep who did what; one that is not agreed to ends here."""
        consent = call.consent
        state = {"call": call.id, "state": str(consent.state), "by": consent.by, "answers": dict(consent.answers)}
        for seat in call.present:
            turn.tell(seat.id, "record.state", {**state, **self.teller.words(call), "why": why}, at=now)
        if self._consents is not None:
            for audit in self._consents.changed(turn.recordings, before, call, by=by, why=why, at=now):
                turn.audit(audit, at=now)

    def _show_marks(self, turn: Turn, before: Call, call: Call, now: datetime) -> None:
        """Whoever has just come into a call that runs gets the marks that are there."""
        here = {seat.id for seat in before.seats if seat.has_accepted}
        come = [seat for seat in call.seats if seat.has_accepted and seat.id not in here]
        events = list(turn.all_marks()) if come and before.started_at is not None else []
        for seat in come if events else ():
            turn.tell(seat.id, "marks", {"call": call.id, "events": events}, at=now)

    def _kept_days(self, call: Call) -> tuple[timedelta, timedelta]:
        side = self._policy.headset(call.serial)
        chat, records = self._policy.kept_days(side) if side is not None else (0, 730)
        return timedelta(days=chat), timedelta(days=records)

    def _next(self, call: Call, now: datetime) -> Call:
        """Let it ring at the next expert of the rota, or end the call where nobody is left."""
        while call.asks_next:
            ready = self._presence.states(f"{PartyKind.EXPERT}:{key}" for key in call.queue)
            key = next((key for key in call.queue if ready[f"{PartyKind.EXPERT}:{key}"] == "ready"), None)
            found = self._parties.expert(key) if key is not None else None
            if key is None or found is None:
                return call.stop("nobody", now)
            call = call.without_queue(call.queue[: call.queue.index(key) + 1])
            theirs = self._policy.expert(key)
            headset = self.teller.side(call.seat(call.caller))
            if theirs is not None and self._policy.judge(headset, theirs).allowed:
                call = call.ring(found.seat(_party_id()), now)
        return call


def _goes(call: Call, asks: Seat, named: str) -> str:
    """Return who leaves when a call is handed over: the expert who asks, or the one whom the headset lets go.

    Raises:
        NotNowError: it is not clear who, or not theirs to say.
    """
    experts = [seat.id for seat in call.present if seat.kind is PartyKind.EXPERT and seat.has_accepted]
    if asks.kind is PartyKind.EXPERT and named in ("", asks.id):
        return asks.id
    if asks.kind is PartyKind.EXPERT or (named and named not in experts):
        raise NotNowError("only an expert in the call can be let go, by themselves or by who wears the headset")
    if not named and len(experts) != 1:
        raise NotNowError("who of the experts goes has to be said" if experts else "no expert is in this call yet")
    return named or experts[0]


def _party_id() -> str:
    return uuid.uuid4().hex[:12]


def _not_yours() -> Refusal:
    return Refusal("no-such-call", "There is no such call here.")


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:] + "."
