"""What time, rules and lost sockets do to calls while nobody says anything.

Run every second or two by each process that has sockets. Every step is one transaction on one call that finds the
call as it is then, so that several processes may do it at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from holofleet.clock import Clock
from holofleet.protocols.signaling import Call, PartyKind, SeatState
from holofleet.server.assist.calls import CallService
from holofleet.server.assist.policy import CallPolicy
from holofleet.server.assist.presence import Presence
from holofleet.server.assist.store import CallStore, OpenCall

JUDGE_EVERY: Final = timedelta(seconds=5)
"""A barrier or a license that is gone ends a call within so long."""


class Watch:
    """Looks after the calls that run."""

    def __init__(
        self,
        store: CallStore,
        calls: CallService,
        policy: CallPolicy,
        presence: Presence,
        clock: Clock,
        *,
        also_forget: Callable[[datetime], int] | None = None,
    ) -> None:
        """Take what is needed; ``also_forget``: deletes what others keep beside calls, up to a moment."""
        self._store = store
        self._calls = calls
        self._policy = policy
        self._presence = presence
        self._clock = clock
        self._also_forget = also_forget or (lambda before: 0)

    def run(self, *, judge: bool, mine: frozenset[str] | None = None) -> tuple[str, ...]:
        """Look at every call once; return those that changed.

        Args:
            judge: Whether the rules are asked as well.
            mine: Judge only calls of these parties: those with a socket in this process; ``None`` for all.
        """
        now = self._clock.now()
        running = self._store.open_calls()
        if not running:
            return ()
        there = self._presence.there({who for call in running for who in call.who})
        changed = []
        for one in running:
            late = one.deadline is not None and one.deadline <= now
            absent = one.who - there
            aged = bool(late or absent) and self._calls.apply(one.id, partial(self._aged, absent=absent))
            judged = not aged and judge and (mine is None or bool(mine & one.who)) and self._judged(one)
            if aged or judged:
                changed.append(one.id)
        return tuple(changed)

    def after_a_start(self) -> None:
        """Give parties time to come back after the server was away: their media never stopped."""
        now = self._clock.now()
        for one in self._store.open_calls():
            self._calls.apply(one.id, lambda call: call.postponed(now))

    def keep(self) -> None:
        """Look after calls of processes that ended, and delete what is past its time: the chore of upkeep."""
        self.run(judge=False)
        self.forget()

    def forget(self) -> int:
        """Delete what is kept past its time."""
        now = self._clock.now()
        return self._store.forget(before=now) + self._also_forget(now)

    def _aged(self, call: Call, *, absent: Iterable[str]) -> Call:
        return _lost(call.tick(self._clock.now()), absent, self._clock)

    def _judged(self, one: OpenCall) -> bool:
        call = self._store.call(one.id)
        if call is None or call.is_over:
            return False
        if self._policy.stands(self._calls.teller.sides(call.present)).allowed:
            return False
        return self._calls.apply(one.id, self._without_whom_it_stands)

    def _without_whom_it_stands(self, call: Call) -> Call:
        """Put guests out who may not be there any more; end the call where that is not enough."""
        now, sides = self._clock.now(), self._calls.teller.sides
        guests = [seat for seat in call.present if seat.kind is PartyKind.GUEST]
        rest = sides(seat for seat in call.present if seat.kind is not PartyKind.GUEST)
        if not self._policy.stands(rest).allowed:
            return call.stop("not-allowed", now)
        for guest in guests:
            if not call.is_over and not self._policy.stands((*rest, *sides((guest,)))).allowed:
                call = call.leave(guest.id, now, reason="not-allowed")
        return call


def _lost(call: Call, absent: Iterable[str], clock: Clock) -> Call:
    """Mark the parties of a call that have no socket as reconnecting."""
    gone = set(absent)
    for seat in call.present:
        if call.is_over:
            break
        if seat.who in gone and seat.state in (SeatState.JOINING, SeatState.JOINED):
            call = call.lost(seat.id, clock.now())
    return call
