"""The lobby before a call: a guest knocks, the experts of the call hear it, and one of them opens or does not.

Letting in is a change of the call and of the link in one transaction. The rules are asked there with everybody who
is in the call, as they are when an expert is taken in.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from holofleet.clock import Clock
from holofleet.protocols.signaling import Call, PartyKind, messages
from holofleet.protocols.signaling.views import ms
from holofleet.server.assist.calls import CallService
from holofleet.server.assist.guests.door import NO_LINK
from holofleet.server.assist.guests.links import GuestLinks
from holofleet.server.assist.guests.store import GuestStore
from holofleet.server.assist.guests.values import GuestLink, LinkState, plain
from holofleet.server.assist.policy import Side, SideKind
from holofleet.server.assist.presence import Presence
from holofleet.server.assist.store import CallStore
from holofleet.server.assist.values import DONE, Outcome, Party, Refusal
from holofleet.server.audit import AuditRecord
from holofleet.server.authorization import Action

_NO_GUEST = Refusal("guest", "Nobody waits by that link.")


class GuestLobby:
    """Takes the messages about guests."""

    def __init__(
        self,
        store: GuestStore,
        links: GuestLinks,
        calls: CallService,
        kept: CallStore,
        presence: Presence,
        clock: Clock,
    ) -> None:
        self._store = store
        self._links = links
        self._calls = calls
        self._kept = kept
        self._presence = presence
        self._clock = clock

    def knock(self, party: Party, message: messages.GuestKnock) -> Outcome:
        """A guest asks to be let in, or asks again.

        Raises:
            Refusal: it is no guest, or their link does not count any more.
        """
        link = self._store.link(party.key) if party.kind is PartyKind.GUEST else None
        now = self._clock.now()
        if link is None or link.state(now) is LinkState.OVER:
            raise Refusal("guest", f"{NO_LINK.capitalize()}.")
        name = plain(message.name)
        if not name:
            raise Refusal("malformed", "Say your name.")
        changed = link.asked_at is None or link.name != name
        if link.state(now) is not LinkState.ADMITTED and changed:
            self._store.ask(link.id, name, at=now)
        call = self._call_of(link)
        woken: tuple[str, ...] = ()
        if call is not None and (changed or link.told_call != call.id):
            self._store.told(link.id, call.id)
            self._tell(call.id)
            woken = (call.id,)
        state = "waiting" if call is not None else "early"
        return Outcome({"type": "guest.lobby", "state": state, "by": link.by, "until": ms(link.expires_at)}, woken)

    def listed(self, party: Party, message: messages.GuestsList) -> Outcome:
        """List who waits before a call, and the open links to it.

        Raises:
            Refusal: it is not the party's call, or no expert asks.
        """
        return Outcome({"type": "guests", **self._shown(self._call(party, message))})

    def admit(self, party: Party, message: messages.GuestAdmit) -> Outcome:
        """Let a guest in.

        Raises:
            Refusal: nobody waits by that link, they have gone, or the rules do not allow them here.
        """
        call = self._call(party, message)
        link = self._waiting(call, message.link)
        verdict = self._calls.judge(call, Side(SideKind.GUEST, link.id, ""))
        if not verdict.allowed:
            raise Refusal.of(verdict)
        if link.who not in self._presence.there((link.who,)):
            raise Refusal("away", "They are not there any more.")
        seat = link.party().seat(uuid.uuid4().hex[:12])
        data = {"act": "guest-admitted", "link": link.id, "call": call.id}
        audit = AuditRecord(
            party.actor,
            str(Action.ANSWER_CALLS),
            f"headset:{call.serial}",
            call.client,
            data,
            {"guest": link.name},
        )
        outcome = self._calls.let_in(party, message, seat, audit)
        self._tell(call.id)
        return outcome

    def refuse(self, party: Party, message: messages.GuestRefuse) -> Outcome:
        """Do not let a guest in; their link is over.

        Raises:
            Refusal: nobody waits by that link.
        """
        call = self._call(party, message)
        self._links.take_back(self._waiting(call, message.link), party.actor, "refused")
        self._tell(call.id)
        return Outcome(DONE, (call.id,))

    def withdraw(self, party: Party, message: messages.GuestWithdraw) -> Outcome:
        """Take a link to this call back; whoever came by it goes.

        Raises:
            Refusal: there is no such link to this call.
        """
        call = self._call(party, message)
        link = self._store.link(message.link)
        here = link is not None and (self._is_of(link, call) or call.seat_of(link.who) is not None)
        if link is None or not here:
            raise Refusal("guest", "There is no such link to this call.")
        self._links.take_back(link, party.actor, "withdrawn")
        self._tell(call.id)
        return Outcome(DONE, (call.id,))

    # Within

    def _call(self, party: Party, message: messages.OfCall) -> Call:
        call = self._kept.call(message.call)
        seat = call.seat_of(party.who) if call is not None else None
        if call is None or call.is_over or seat is None or not seat.has_accepted:
            raise Refusal("no-such-call", "There is no such call here.")
        if party.kind is not PartyKind.EXPERT:
            raise Refusal("not-now", "Only an expert lets guests in.")
        return call

    def _waiting(self, call: Call, key: str) -> GuestLink:
        link = self._store.link(key)
        if link is None or link.state(self._clock.now()) is not LinkState.WAITING or not self._is_of(link, call):
            raise _NO_GUEST
        return link

    def _is_of(self, link: GuestLink, call: Call) -> bool:
        if link.call or link.serial != call.serial:
            return link.call == call.id
        found = self._call_of(link)
        return found is not None and found.id == call.id

    def _call_of(self, link: GuestLink) -> Call | None:
        """Return the call before whose lobby a guest stands: its own, or the one that its maker has now."""
        for key in (link.call, link.told_call):
            call = self._kept.call(key) if key else None
            if call is not None and not call.is_over:
                return call
        if link.call:
            return None
        maker = f"{PartyKind.EXPERT}:{link.person}"
        for call in self._kept.calls_of(maker):
            seat = call.seat_of(maker)
            if call.serial == link.serial and seat is not None and seat.has_accepted:
                return call
        return None

    def _tell(self, call_id: str) -> None:
        """Tell every expert of a call who waits before it."""
        now, call = self._clock.now(), self._kept.call(call_id)
        if call is None:
            return
        shown = self._shown(call)
        with self._kept.turn(call_id) as turn:
            for seat in turn.call.present if turn.call is not None and not turn.call.is_over else ():
                if seat.kind is PartyKind.EXPERT and seat.has_accepted:
                    turn.tell(seat.id, "guests", shown, at=now)

    def _shown(self, call: Call) -> dict[str, Any]:
        now = self._clock.now()
        links = [link for link in self._store.of_headset(call.serial, after=now) if self._is_of(link, call)]
        return {
            "call": call.id,
            "waiting": [_waits(link) for link in links if link.state(now) is LinkState.WAITING],
            "links": [_open(link, now) for link in _not_in(links, now)],
        }


def _not_in(links: Sequence[GuestLink], now: datetime) -> list[GuestLink]:
    return [link for link in links if link.state(now) in (LinkState.OPEN, LinkState.OPENED)]


def _waits(link: GuestLink) -> dict[str, Any]:
    return {
        "link": link.id,
        "name": link.party().name,
        "words": link.words,
        "by": link.by,
        "since": ms(link.asked_at),
    }


def _open(link: GuestLink, now: datetime) -> dict[str, Any]:
    return {
        "link": link.id,
        "words": link.words,
        "by": link.by,
        "state": str(link.state(now)),
        "until": ms(link.expires_at),
    }
