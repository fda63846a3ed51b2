"""Whom a party finds: experts that may be called, with whether they are there, favourites and recent ones first.

Finding asks the same function as calling: whoever may not be called is not in any list (SECURITY AST-1).
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from holofleet.clock import Clock
from holofleet.protocols.signaling import PartyKind, messages
from holofleet.protocols.signaling.views import ms
from holofleet.server.assist.policy import CallPolicy, Found
from holofleet.server.assist.presence import Presence
from holofleet.server.assist.store import CallStore
from holofleet.server.assist.telling import Teller
from holofleet.server.assist.values import DONE, Outcome, Party, Refusal

RECENT: Final = 5
CHECK_COUNTS: Final = timedelta(minutes=30)
"""For how long a check before a call says something about the network: a headset is carried about."""


class ExpertSearch:
    """Lists experts, and keeps which of them a headset has at hand."""

    def __init__(
        self, store: CallStore, policy: CallPolicy, presence: Presence, teller: Teller, clock: Clock
    ) -> None:
        self._store = store
        self._policy = policy
        self._presence = presence
        self._teller = teller
        self._clock = clock

    def listed(self, party: Party, message: messages.ExpertsList) -> Outcome:
        """List whom a headset may call or, for a call, whom it may take in.

        Raises:
            Refusal: it is not the party's call; guests find nobody.
        """
        if party.kind is PartyKind.GUEST:
            raise Refusal("assist.forbid", "Guests find nobody.")
        found = self._for_call(party, message) if message.call else self._for_headset(party, message)
        serial = party.serial if party.kind is PartyKind.HEADSET else ""
        about = self._network(party) if serial and not message.call else {}
        return Outcome({**self._shown(found, serial), **about})

    def _network(self, party: Party) -> dict[str, Any]:
        """Return what a headset has to know of its network before it calls: the rule, and what was found last."""
        side = self._policy.headset(party.key)
        answer: dict[str, Any] = {}
        if side is not None:
            answer["low_bandwidth"] = self._policy.switches((side,)).low_bandwidth
            answer["leave"] = self._policy.leaves(side).allowed
        last = self._store.last_check(party.serial)
        if last is not None and self._clock.now() - last[1] <= CHECK_COUNTS:
            found, at = last
            answer["check"] = {"at": ms(at), "grade": found.get("grade"), "up_kbps": found.get("up_kbps")}
        return answer

    def _for_headset(self, party: Party, message: messages.ExpertsList) -> Found:
        side = self._policy.headset(party.key) if party.kind is PartyKind.HEADSET else None
        if side is None:
            return Found(())
        return self._policy.find(side, query=message.query, after=message.after)

    def _for_call(self, party: Party, message: messages.ExpertsList) -> Found:
        call = self._store.call(message.call)
        seat = call.seat_of(party.who) if call is not None else None
        if call is None or call.is_over or seat is None or not seat.has_accepted:
            raise Refusal("no-such-call", "There is no such call here.")
        sides = self._teller.sides(call.present)
        headset = next((side for side in sides if side.key == call.serial), None)
        if headset is None:
            return Found(())
        others = [side for side in sides if side is not headset]
        return self._policy.find(headset, others=others, query=message.query, after=message.after)

    def _shown(self, found: Found, serial: str) -> dict[str, Any]:
        keys = [entry.key for entry in found.entries] + [key for rota in found.rotas for key in rota.experts]
        states = self._presence.states(f"{PartyKind.EXPERT}:{key}" for key in keys)
        at_hand = self._presence.store.at_hand(serial) if serial else {}
        used = sorted((used for _, used in at_hand.values() if used is not None), reverse=True)[:RECENT]
        entries = [
            {
                "key": entry.key,
                "name": entry.name,
                "about": list(entry.about),
                "presence": states[f"{PartyKind.EXPERT}:{entry.key}"],
                "favourite": at_hand.get(entry.key, (False, None))[0],
                "recent": at_hand.get(entry.key, (False, None))[1] in used if used else False,
            }
            for entry in found.entries
        ]
        # Favourites, then whom this headset called last, then the rest as the rules list them.
        entries.sort(key=lambda one: (not one["favourite"], not one["recent"]))
        rotas = [
            {
                "rota": rota.name,
                "name": rota.display_name,
                "ready": sum(states[f"{PartyKind.EXPERT}:{key}"] == "ready" for key in rota.experts),
            }
            for rota in found.rotas
        ]
        answer: dict[str, Any] = {"type": "experts", "entries": entries, "any": rotas}
        if found.after:
            answer["next"] = found.after
        if not found.verdict.allowed:
            answer["refused"] = {"rule": found.verdict.rule, "words": found.verdict.words}
        if found.closed_until is not None:
            answer["closed"] = {"until": ms(found.closed_until)}
        return answer

    def favourite(self, party: Party, message: messages.FavouriteSet) -> Outcome:
        """Mark an expert as a favourite of the headset, whoever wears it.

        Raises:
            Refusal: it is no headset, or the expert may not be called from it.
        """
        if party.kind is not PartyKind.HEADSET:
            raise Refusal("not-now", "Favourites are kept for headsets.")
        mine, theirs = self._policy.headset(party.key), self._policy.expert(message.key)
        if message.on and (mine is None or theirs is None or not self._policy.stands((mine, theirs)).allowed):
            raise Refusal("EXT-57", "Nobody of that name can be called from here.")
        self._presence.store.mark(party.serial, party.client, message.key, on=message.on, at=self._clock.now())
        return Outcome(DONE)

    def presence(self, party: Party, message: messages.PresenceSet) -> Outcome:
        """An expert wants to be called, or not.

        Raises:
            Refusal: it is no expert who says so.
        """
        if party.kind is not PartyKind.EXPERT:
            raise Refusal("not-now", "Only experts say whether they want to be called.")
        self._presence.store.set(party.who, message.state, at=self._clock.now())
        return Outcome(DONE)
