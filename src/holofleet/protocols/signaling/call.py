"""One call as a value, and everything that can happen to it. Pure: the time is given, nothing is read or written.

    ringing -> connecting -> connected <-> reconnecting -> ended(reason)

The state of a call follows from the states of its seats; only its end is kept. Whoever asks for what does not fit
the moment gets :class:`NotNowError`; whoever asks for the same thing twice gets the same call.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from holofleet.protocols.errors import BrokenRuleError
from holofleet.protocols.signaling.consent import Consent, Recording
from holofleet.protocols.signaling.parties import PartyKind, Seat, SeatState

MOST_SEATS: Final = 4
"""Parties at one time: a headset, two others, and whoever takes over from one of them."""
MOST_SEATS_EVER: Final = 32
"""Parties that one call may see altogether."""


class CallState(StrEnum):
    """Where a call stands."""

    RINGING = "ringing"
    CONNECTING = "connecting"
    CONNECTED = "connected"
    RECONNECTING = "reconnecting"
    ENDED = "ended"


class NotNowError(BrokenRuleError):
    """The call is not where this could happen, or it is not this party's to do."""


@dataclass(frozen=True, slots=True)
class Timers:
    """How long each state may last."""

    ring: timedelta = timedelta(seconds=45)
    ring_in_rota: timedelta = timedelta(seconds=20)
    connect: timedelta = timedelta(seconds=20)
    reconnect: timedelta = timedelta(seconds=30)
    guest: timedelta = timedelta(minutes=60)
    """How long a guest may stay, whatever they do."""


@dataclass(frozen=True, slots=True)
class Ending:
    """Why a call ended and through whom: a seat, or nobody. ``offer``: who else could be called, if one said."""

    reason: str
    at: datetime
    by: str = ""
    offer: str = ""


@dataclass(frozen=True, slots=True)
class Call:
    """One call.

    Args:
        seats: In the order of joining; who left stays, for the record.
        queue: Keys of experts who are asked next, where nobody was named.
        started_at: When two parties were first connected.
        note: An expert's; never shown to a headset.
    """

    id: str
    client: str
    serial: str
    caller: str
    created_at: datetime
    since: datetime
    seats: tuple[Seat, ...] = ()
    queue: tuple[str, ...] = ()
    rota: str = ""
    asset: str = ""
    work_order: str = ""
    note: str = ""
    started_at: datetime | None = None
    ending: Ending | None = None
    consent: Consent = field(default_factory=Consent)
    timers: Timers = field(default_factory=Timers)

    # What is read

    @property
    def state(self) -> CallState:
        """Where the call stands."""
        if self.ending is not None:
            return CallState.ENDED
        joined = sum(seat.state is SeatState.JOINED for seat in self.seats)
        if joined >= 2:
            return CallState.CONNECTED
        if len([seat for seat in self.seats if seat.has_accepted]) < 2:
            return CallState.RINGING
        if self.started_at is not None:
            return CallState.RECONNECTING
        return CallState.CONNECTING

    @property
    def is_over(self) -> bool:
        """Whether it has ended; nothing changes it any more."""
        return self.ending is not None

    @property
    def present(self) -> tuple[Seat, ...]:
        """Who has not left."""
        return tuple(seat for seat in self.seats if seat.is_in)

    @property
    def asks_next(self) -> bool:
        """Whether nobody rings and the next expert of the rota is to be asked."""
        waiting = not self.is_over and len(self.present) == 1 and self.present[0].id == self.caller
        return waiting and self.started_at is None

    @property
    def deadline(self) -> datetime | None:
        """When :meth:`tick` has something to do."""
        if self.is_over:
            return None
        ends = (self._stays_until(seat) for seat in self.present)
        moments = [*(seat.deadline for seat in self.seats), *ends]
        return min((moment for moment in moments if moment is not None), default=None)

    def seat(self, seat_id: str) -> Seat:
        """Return a seat.

        Raises:
            NotNowError: there is none of that name.
        """
        for seat in self.seats:
            if seat.id == seat_id:
                return seat
        raise NotNowError("nobody of that name is in this call")

    def seat_of(self, who: str) -> Seat | None:
        """Return the seat in which a party (:attr:`Seat.who`) is, or was last."""
        own = [seat for seat in self.seats if seat.who == who]
        return next((seat for seat in own if seat.is_in), own[-1] if own else None)

    # Beginning

    @staticmethod
    def begin(
        key: str,
        *,
        caller: Seat,
        client: str,
        serial: str,
        now: datetime,
        queue: Iterable[str] = (),
        rota: str = "",
        asset: str = "",
        work_order: str = "",
        timers: Timers | None = None,
    ) -> Call:
        """Return a call in which only the caller is yet; :meth:`ring` asks somebody."""
        seated = replace(caller, state=SeatState.JOINING, since=now, accepted_at=now, deadline=None)
        return Call(
            key, client, serial, caller.id, now, now, (seated,), tuple(queue), rota, asset, work_order,
            timers=timers or Timers(),
        )  # fmt: skip

    def ring(self, seat: Seat, now: datetime, *, replaces: str = "", asked_by: str = "") -> Call:
        """Ask somebody: the one who is called, somebody to take in, or with ``replaces`` to take over.

        ``asked_by``: who hands over, where it is not the one who leaves.

        Raises:
            NotNowError: the call is over or full, they are in it, the id of the seat is taken, a guest would come
                before an expert, or another kind of party would take over.
        """
        self._require_open()
        if len(self.present) >= MOST_SEATS or len(self.seats) >= MOST_SEATS_EVER:
            raise NotNowError("this call is full")
        if any(other.who == seat.who for other in self.present):
            raise NotNowError("they are in this call")
        if any(other.id == seat.id for other in self.seats):
            raise NotNowError("that seat is taken")
        if seat.kind is PartyKind.GUEST and not self._has_expert:
            raise NotNowError("a guest comes when an expert has answered")
        if replaces:
            before = self.seat(replaces)
            if not before.has_accepted:
                raise NotNowError("who hands over is not in this call")
            if before.kind is not seat.kind:
                raise NotNowError("only an expert takes over from an expert")
        how_long = self.timers.ring_in_rota if self.queue else self.timers.ring
        ringing = replace(
            seat,
            state=SeatState.RINGING,
            since=now,
            deadline=now + how_long,
            replaces=replaces,
            asked_by=(asked_by or replaces) if replaces else "",
        )
        return self._seated(ringing, now)

    def admit(self, seat: Seat, now: datetime) -> Call:
        """Let somebody in who waits for it, without a ring.

        Raises:
            NotNowError: as :meth:`ring`; whoever was in this call once is not let in again.
        """
        if any(other.who == seat.who for other in self.seats):
            raise NotNowError("they were in this call once")
        return self.ring(seat, now).accept(seat.id, now)

    def without_queue(self, keys: Iterable[str]) -> Call:
        """Return it with the experts who were asked, or could not be, taken off the list."""
        gone = set(keys)
        return replace(self, queue=tuple(key for key in self.queue if key not in gone))

    # What parties do

    def accept(self, seat_id: str, now: datetime) -> Call:
        """Say yes to being called. Saying it again changes nothing.

        Raises:
            NotNowError: it does not ring there any more.
        """
        self._require_open()
        seat = self.seat(seat_id)
        if seat.has_accepted and seat.id != self.caller:
            return self
        if seat.state is not SeatState.RINGING:
            raise NotNowError("this call does not ring here any more")
        until = now + self.timers.connect
        call = self._put(replace(seat, state=SeatState.JOINING, since=now, accepted_at=now, deadline=until), now)
        waiting = [one for one in call.present if one.state is SeatState.JOINING and one.deadline is None]
        for one in waiting:
            call = call._put(replace(one, deadline=until), now)
        return call.without_queue(call.queue)._consented()

    def decline(self, seat_id: str, reason: str, now: datetime, *, offer: str = "") -> Call:
        """Say no to being called.

        Raises:
            NotNowError: it does not ring there any more.
        """
        self._require_open()
        seat = self.seat(seat_id)
        if seat.state is not SeatState.RINGING:
            raise NotNowError("this call does not ring here any more")
        return self._gone(seat, reason, now, offer=offer)

    def cancel(self, seat_id: str, now: datetime) -> Call:
        """Stop ringing: by who called, or for a party that was asked in by who is in the call.

        Raises:
            NotNowError: somebody has answered.
        """
        self._require_open()
        if self.seat(seat_id).id != self.caller or self.state is not CallState.RINGING:
            raise NotNowError("this call does not ring any more")
        return self.stop("cancelled", now, by=seat_id)

    def connected(self, seat_id: str, now: datetime, *, path: str = "") -> Call:
        """The media of a party is connected, first or again.

        Raises:
            NotNowError: it is not in the call.
        """
        seat = self._require_accepted(seat_id)
        call = self._put(
            replace(
                seat,
                state=SeatState.JOINED,
                since=seat.since if seat.state is SeatState.JOINED else now,
                deadline=None,
                joined_at=seat.joined_at or now,
                path=path or seat.path,
            ),
            now,
        )
        if call.started_at is None and sum(one.joined_at is not None for one in call.present) >= 2:
            call = replace(call, started_at=now)
        replaced = [one for one in call.present if seat.replaces and one.id == seat.replaces]
        for one in replaced:
            call = call._gone(one, "handed-over", now)
        return call

    def lost(self, seat_id: str, now: datetime) -> Call:
        """The socket or the media of a party is lost; it has some time to come back.

        Raises:
            NotNowError: it is not in the call.
        """
        seat = self._require_accepted(seat_id)
        if seat.state is SeatState.RECONNECTING:
            return self
        until = now + self.timers.reconnect
        return self._put(replace(seat, state=SeatState.RECONNECTING, since=now, deadline=until), now)

    def back(self, seat_id: str, now: datetime) -> Call:
        """The socket of a party is there again: its media never stopped, or it has to connect now.

        Raises:
            NotNowError: it is not in the call.
        """
        seat = self._require_accepted(seat_id)
        if seat.state is not SeatState.RECONNECTING:
            return self
        if seat.joined_at is not None:
            return self._put(replace(seat, state=SeatState.JOINED, since=now, deadline=None), now)
        answered = seat.id != self.caller or any(one.has_accepted for one in self.present if one.id != seat.id)
        until = now + self.timers.connect if answered else None
        return self._put(replace(seat, state=SeatState.JOINING, since=now, deadline=until), now)

    def leave(self, seat_id: str, now: datetime, *, reason: str = "hung-up") -> Call:
        """A party goes; without a headset, or without anybody else to talk to, the call is over.

        Raises:
            NotNowError: it is not there.
        """
        self._require_open()
        seat = self.seat(seat_id)
        if not seat.is_in:
            raise NotNowError("they have left this call")
        return self._gone(seat, reason, now)

    def stop(self, reason: str, now: datetime, *, by: str = "", offer: str = "") -> Call:
        """End the call for everybody; a call that is over stays as it ended."""
        if self.is_over:
            return self
        seats = tuple(
            seat if not seat.is_in else replace(seat, state=SeatState.LEFT, since=now, left_at=now,
                                                deadline=None, why=seat.why or reason)
            for seat in self.seats
        )  # fmt: skip
        return replace(
            self, seats=seats, ending=Ending(reason, now, by, offer), since=now, queue=(), consent=Consent()
        )

    def media(self, seat_id: str, *, camera: bool, microphone: bool) -> Call:
        """A party turns its camera or microphone on or off.

        Raises:
            NotNowError: it is not in the call.
        """
        seat = self._require_accepted(seat_id)
        return self._with(replace(seat, camera=camera, microphone=microphone))

    def about(self, *, asset: str, work_order: str, note: str) -> Call:
        """Say what the call is about.

        Raises:
            NotNowError: it is over.
        """
        self._require_open()
        return replace(self, asset=asset, work_order=work_order, note=note)

    # Recording

    def ask_to_record(self, seat_id: str) -> Call:
        """Ask everybody whether the call may be recorded.

        Raises:
            NotNowError: the party is not connected.
        """
        if self._require_accepted(seat_id).state is not SeatState.JOINED or self.state is not CallState.CONNECTED:
            raise NotNowError("a call that is not connected cannot be recorded")
        return replace(self, consent=self.consent.asked(seat_id, self._heard()))

    def answer_recording(self, seat_id: str, agree: bool) -> Call:
        """Agree to a recording, or not, or not any more.

        Raises:
            NotNowError: the party is not in the call.
        """
        self._require_accepted(seat_id)
        return replace(self, consent=self.consent.answered(seat_id, agree, self._heard()))

    def stop_recording(self, seat_id: str) -> Call:
        """Stop a recording; everybody may.

        Raises:
            NotNowError: the party is not in the call.
        """
        self._require_accepted(seat_id)
        return replace(self, consent=Consent())

    # Time

    def tick(self, now: datetime) -> Call:
        """Do what time alone asks for: ringing, connecting and reconnecting end."""
        call = self
        late = sorted(
            (seat for seat in self.seats if seat.deadline is not None and seat.deadline <= now),
            key=lambda seat: (seat.deadline or now, self.seats.index(seat)),
        )
        for seat in late:
            if call.is_over or not call.seat(seat.id).is_in or call.seat(seat.id).deadline is None:
                continue
            reason = {SeatState.RINGING: "missed", SeatState.JOINING: "no-connection"}.get(seat.state, "lost")
            call = call._gone(call.seat(seat.id), reason, now)
        for seat in call.present:
            until = call._stays_until(seat)
            if not call.is_over and until is not None and until <= now:
                call = call._gone(seat, "time-over", now)
        return call

    def postponed(self, now: datetime) -> Call:
        """Give whoever connects or reconnects the whole time again: the server was away, not they."""
        until = now + self.timers.reconnect
        waiting = (SeatState.JOINING, SeatState.RECONNECTING)
        seats = tuple(
            replace(seat, deadline=until) if seat.deadline is not None and seat.state in waiting else seat
            for seat in self.seats
        )
        return replace(self, seats=seats)

    # Within

    def _require_open(self) -> None:
        if self.is_over:
            raise NotNowError("this call is over")

    def _require_accepted(self, seat_id: str) -> Seat:
        self._require_open()
        seat = self.seat(seat_id)
        if not seat.has_accepted:
            raise NotNowError("they are not in this call")
        return seat

    @property
    def _has_expert(self) -> bool:
        return any(seat.kind is PartyKind.EXPERT and seat.has_accepted for seat in self.present)

    def _stays_until(self, seat: Seat) -> datetime | None:
        """Return when a guest has to go; ``None`` for anybody else."""
        if seat.kind is not PartyKind.GUEST or seat.accepted_at is None:
            return None
        return seat.accepted_at + self.timers.guest

    def _heard(self) -> list[str]:
        """Whose agreement a recording needs: everybody who has accepted."""
        return [seat.id for seat in self.seats if seat.has_accepted]

    def _consented(self) -> Call:
        if self.consent.state is Recording.NONE:
            return self
        return replace(self, consent=self.consent.with_present(self._heard()))

    def _with(self, seat: Seat) -> Call:
        return replace(self, seats=tuple(seat if one.id == seat.id else one for one in self.seats))

    def _put(self, seat: Seat, now: datetime) -> Call:
        before = self.state
        call = self._with(seat)
        return call if call.state is before else replace(call, since=now)

    def _seated(self, seat: Seat, now: datetime) -> Call:
        before = self.state
        call = replace(self, seats=(*self.seats, seat))
        return call if call.state is before else replace(call, since=now)

    def _gone(self, seat: Seat, why: str, now: datetime, *, offer: str = "") -> Call:
        """Let a party go, and end the call if it was the last that made it one."""
        left = replace(seat, state=SeatState.LEFT, since=now, left_at=now, deadline=None, why=why)
        call = self._put(left, now)._consented()
        kinds = {one.kind for one in call.present}
        enough = PartyKind.HEADSET in kinds and PartyKind.EXPERT in kinds
        if enough and any(one.has_accepted for one in call.present):
            return call
        caller_waits = seat.id != self.caller and call.queue and call.started_at is None
        if caller_waits and call.asks_next:
            return call
        return call.stop(why, now, by=seat.id, offer=offer)
