"""What the parties of a call are told when it changes, and the sides that the rules judge."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from holofleet.protocols.signaling import (
    Call,
    PartyKind,
    Permitted,
    Recording,
    Seat,
    SeatState,
    call_view,
    party_view,
)
from holofleet.protocols.signaling.views import ms
from holofleet.server.assist.policy import CallPolicy, Side, SideKind
from holofleet.server.assist.store import Turn
from holofleet.server.assist.values import nobody

if TYPE_CHECKING:
    from holofleet.server.assist.recordings.consents import ConsentKeeper


class Teller:
    """Shows a call to its parties, each as it may see it."""

    def __init__(
        self,
        policy: CallPolicy,
        guest_stands: Callable[[str], bool] | None = None,
        consents: ConsentKeeper | None = None,
    ) -> None:
        """Take what is needed.

        Args:
            policy: The rules.
            guest_stands: Whether the link of a guest (by id) was not taken back.
            consents: What people are told of recordings; without it nothing is recorded.
        """
        self._policy = policy
        self._consents = consents
        self._guest_stands = guest_stands or (lambda key: True)

    def side(self, seat: Seat) -> Side:
        """Return a party as the rules see it now; one that they do not know any more is refused everything."""
        match seat.kind:
            case PartyKind.HEADSET:
                return self._policy.headset(seat.key) or Side(SideKind.HEADSET, seat.key, seat.client, here=False)
            case PartyKind.EXPERT:
                return self._policy.expert(seat.key) or nobody(seat.key)
            case PartyKind.GUEST:
                return Side(SideKind.GUEST, seat.key, "", here=self._guest_stands(seat.key))

    def sides(self, seats: Iterable[Seat]) -> tuple[Side, ...]:
        """Return the sides of seats."""
        return tuple(self.side(seat) for seat in seats)

    def segments(self, seats: Iterable[Seat]) -> frozenset[str]:
        """Return on which sides of barriers seats stand, and whoever has a headset among them."""
        listed = tuple(seats)
        people = [seat.key for seat in listed if seat.kind is PartyKind.EXPERT]
        people += [seat.holder.key for seat in listed]
        headsets = [self._policy.segments(headset=seat.key) for seat in listed if seat.kind is PartyKind.HEADSET]
        return self._policy.segments(people=people).union(*headsets)

    def permitted(self, call: Call) -> Permitted:
        """Return what a call may do now: what all who are in it may."""
        found = self._policy.switches(self.sides(call.present or call.seats))
        return Permitted(
            recording=found.recording and self._consents is not None and self._consents.is_on,
            chat=found.chat,
            files=found.files,
            snapshots=found.snapshots,
            location=found.location,
            guests=found.guests,
            low_bandwidth=found.low_bandwidth,
        )

    def view(self, call: Call, me: Seat, permitted: Permitted | None = None) -> dict[str, Any]:
        """Return a call as one of its seats sees it."""
        view = call_view(call, me, permitted or self.permitted(call))
        view["recording"] |= self.words(call)
        if call.ending is not None and call.ending.offer and me.id == call.caller:
            offered = self._policy.expert(call.ending.offer)
            if offered is not None and self._policy.judge(self.side(me), offered).allowed:
                view["ended"]["offer"] = {"key": offered.key, "name": offered.name or offered.upn}
        return view

    def words(self, call: Call) -> dict[str, Any]:
        """Return what is shown to whoever is asked for their agreement; nothing while nobody asks."""
        if self._consents is None or call.consent.state is Recording.NONE:
            return {}
        return {"words": self._consents.terms_of(call).words}

    def tell(self, turn: Turn, before: Call | None, call: Call, *, at: datetime) -> Permitted:
        """Tell everybody in a call, and whoever has just left, how it stands; let it ring where it begins to."""
        permitted = self.permitted(call)
        were_in = {seat.id for seat in before.present} if before is not None else set()
        rang = {seat.id for seat in before.seats} if before is not None else set()
        for seat in call.seats:
            if not seat.is_in and seat.id not in were_in:
                continue
            if seat.state is SeatState.RINGING and seat.id not in rang:
                turn.tell(seat.id, "call.ring", self._ring(call, seat), at=at)
            turn.tell(seat.id, "call.state", {"call": self.view(call, seat, permitted)}, at=at)
        return permitted

    @staticmethod
    def _ring(call: Call, seat: Seat) -> dict[str, Any]:
        caller = call.seat(seat.asked_by or call.caller)
        return {
            "call": call.id,
            "from": party_view(caller, to=seat.kind),
            "asset": call.asset,
            "work_order": call.work_order,
            "expires": ms(seat.deadline),
            "hand_over": bool(seat.replaces),
        }
