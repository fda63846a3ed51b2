"""Signals: what two browsers tell each other to find a way between them, such as addresses to try.

They come in bursts at the beginning of a call, and are most of what a server of calls does. So those that came
together, of whatever calls, are judged and kept in one transaction; each is still numbered for its reader and done
once. The server passes on only fields that it knows, and only between parties of one call that have accepted it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from holofleet.clock import Clock
from holofleet.protocols.signaling import Call, Seat, messages
from holofleet.server.assist.store import CallStore, Line, Signal
from holofleet.server.assist.values import DONE, Outcome, Party, Refusal

SignalMessage = messages.SignalDescription | messages.SignalCandidate | messages.SignalRestart
SIGNALS: Final = (messages.SignalDescription, messages.SignalCandidate, messages.SignalRestart)


@dataclass(frozen=True, slots=True)
class Told:
    """A line that a party (``who``) of a call was told."""

    call: str
    who: str
    line: Line


@dataclass(frozen=True, slots=True)
class Passed:
    """What became of some signals: the answer to each, in their order, and what their readers are told."""

    answers: Sequence[Mapping[str, Any]]
    told: Sequence[Told]


class SignalService:
    """Passes signals on."""

    def __init__(self, store: CallStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def take(self, party: Party, message: SignalMessage) -> Outcome:
        """Pass one signal on."""
        passed = self.pass_on(((party, message),))
        return Outcome(passed.answers[0], (message.call,))

    def pass_on(self, said: Sequence[tuple[Party, SignalMessage]]) -> Passed:
        """Pass signals on in their order, in one transaction; those that may not pass are answered so."""
        answers: list[Mapping[str, Any]] = [DONE] * len(said)
        by_call: dict[str, list[int]] = defaultdict(list)
        for place, (_, message) in enumerate(said):
            by_call[message.call].append(place)
        told: list[Told] = []
        now = self._clock.now()
        with self._store.turns(by_call) as turns:
            for call_id, places in by_call.items():
                turn = turns[call_id]
                passing = []
                for place in places:
                    try:
                        passing.append(_judged(turn.call, *said[place]))
                    except Refusal as refusal:
                        answers[place] = refusal.answer
                if passing and turn.call is not None:
                    lines = turn.pass_on(passing, at=now)
                    told += [Told(call_id, turn.call.seat(line.party).who, line) for line in lines]
        return Passed(answers, told)


def seated(call: Call | None, party: Party) -> tuple[Call, Seat]:
    """Return the call with the seat of a party that has accepted it.

    Raises:
        Refusal: there is no such call for the party, or it is not in it.
    """
    seat = call.seat_of(party.who) if call is not None else None
    if call is None or seat is None:
        raise Refusal("no-such-call", "There is no such call here.")
    if call.is_over or not seat.has_accepted:
        raise Refusal("not-now", "You are not in this call.")
    return call, seat


def _judged(call: Call | None, party: Party, message: SignalMessage) -> Signal:
    """Return what passes.

    Raises:
        Refusal: it is not the party's call, or nobody of that name is in it.
    """
    call, seat = seated(call, party)
    there = next((one for one in call.present if one.id == message.to and one.has_accepted), None)
    if there is None or there.id == seat.id:
        raise Refusal("not-now", "There is nobody of that name in this call.")
    body = {"call": call.id, "from": seat.id, **_content(message)}
    return Signal(party.who, message.id, there.id, message.type, body)


def _content(message: SignalMessage) -> dict[str, Any]:
    match message:
        case messages.SignalDescription():
            return {"description": message.description.model_dump(mode="json")}
        case messages.SignalCandidate():
            found = message.candidate
            return {"candidate": found.model_dump(mode="json") if found is not None else None}
        case messages.SignalRestart():
            return {}
