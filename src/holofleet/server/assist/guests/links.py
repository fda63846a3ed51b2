"""Making links for guests, listing them, and taking them back."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Final

from holofleet.clock import Clock, render_utc
from holofleet.errors import InputError, NotFoundError, RefusedError
from holofleet.server.access.secret import SecretKind, digest_of, make_secret
from holofleet.server.assist.calls import CallService
from holofleet.server.assist.guests.store import GuestStore
from holofleet.server.assist.guests.values import LONGEST, MOST_OPEN, SHORTEST, USUAL, GuestLink, MadeLink, plain
from holofleet.server.assist.policy import CallPolicy, Side, SideKind
from holofleet.server.assist.roster import ExpertRoster
from holofleet.server.assist.store import CallStore, Parties
from holofleet.server.assist.values import Party
from holofleet.server.audit import AuditRecord
from holofleet.server.authorization import Action, Principal, Target, nothing_here, permit

LISTED: Final = 200
_WORDS: Final = 60


class GuestLinks:
    """Links, for whoever may make them and whoever looks after them."""

    def __init__(
        self,
        store: GuestStore,
        calls: CallService,
        kept: CallStore,
        policy: CallPolicy,
        parties: Parties,
        clock: Clock,
        *,
        epoch: int,
    ) -> None:
        self._store = store
        self._calls = calls
        self._kept = kept
        self._policy = policy
        self._roster = ExpertRoster(policy, parties)
        self._clock = clock
        self._epoch = epoch

    def make(
        self, principal: Principal, words: str, *, call: str = "", headset: str = "", life: timedelta = USUAL
    ) -> MadeLink:
        """Make a link, for a call that runs or for a headset with which the maker will talk.

        Args:
            words: Who is expected, such as ``Service of Fabrikam``.
            call: Id of a call in which the maker is.
            headset: Serial number, where there is no call yet.
            life: Until when it counts.

        Raises:
            RefusedError: they are no expert, or guests may not take part in calls of this headset.
            NotFoundError: no such call of theirs, or no headset that they may talk to.
            InputError: no words, another life than 5 minutes to 24 hours, or too many open links.
        """
        maker = self._expert(principal)
        expected = plain(words)
        if not 1 <= len(expected) <= _WORDS:
            raise InputError(
                "the guest has no name",
                mend=f"Say who is expected, in at most {_WORDS} letters.",
            )
        if not SHORTEST <= life <= LONGEST:
            raise InputError("a link lives from 5 minutes to 24 hours", mend="Choose another time.")
        now = self._clock.now()
        if len(self._still(self._store.of_person(maker.key, after=now))) >= MOST_OPEN:
            raise InputError("too many of your links are open", mend="Withdraw those that nobody needs.")
        client, serial = self._of_call(maker, call) if call else self._of_headset(maker, headset)
        token = make_secret(SecretKind.GUEST_LINK)
        link = GuestLink(
            uuid.uuid4().hex,
            client,
            serial,
            maker.key,
            expected,
            now,
            now + life,
            self._epoch,
            call=call,
            by=maker.name,
        )
        data = {"act": "guest-link", "link": link.id, "call": call, "expires_at": render_utc(link.expires_at)}
        audit = AuditRecord(
            principal.actor, str(Action.ANSWER_CALLS), f"headset:{serial}", client, data, {"guest": expected}
        )
        sides = self._policy.segments(headset=serial, people=(maker.key,))
        self._store.make(link, digest_of(token), audit, sides=sides)
        return MadeLink(link, token)

    def own(self, principal: Principal) -> Sequence[GuestLink]:
        """Return one's own links that are not over, newest first; nothing for whoever is no expert."""
        key = self._key(principal)
        return self._still(self._store.of_person(key, after=self._clock.now())) if key else ()

    def listed(self, principal: Principal) -> Sequence[GuestLink]:
        """Return all links that are not over, as far as the principal sees calls, newest first.

        Raises:
            RefusedError: the principal may not read calls.
        """
        permit(principal, Action.READ_CALLS, Target.installation()).require()
        return self._still(self._store.listed(principal.scope, after=self._clock.now(), limit=LISTED))

    def withdraw(self, principal: Principal, key: str) -> None:
        """Take a link back; whoever came by it is out of the call. One that is over already stays as it is.

        Raises:
            RefusedError: it is somebody else's, and the principal does not look after calls.
            NotFoundError: no such link here.
        """
        own = self._store.link(key)
        if own is None or own.person != self._key(principal):
            found = self._store.within(principal.scope, key)
            client = found.client if found is not None else ""
            permit(principal, Action.WITHDRAW_GUEST, Target.of_client(client)).require()
            if found is None:
                raise nothing_here()
            own = found
        self.take_back(own, principal.actor, "withdrawn")

    def take_back(self, link: GuestLink, actor: str, why: str) -> bool:
        """End a link for a reason, and let whoever came by it go; false where it was over."""
        action = Action.WITHDRAW_GUEST if why == "withdrawn" else Action.ANSWER_CALLS
        data = {"act": f"guest-{why}", "link": link.id}
        audit = AuditRecord(actor, str(action), f"headset:{link.serial}", link.client, data)
        now = self._clock.now()
        if not self._store.end(link.id, why, at=now, audit=audit):
            return False
        for call in self._kept.calls_of(link.who):
            self._calls.put_out(call.id, link.who, why)
        return True

    # Within

    def _still(self, links: Iterable[GuestLink]) -> tuple[GuestLink, ...]:
        """Leave out links whose guest was in a call and is not any more: nobody comes in by them again."""
        return tuple(link for link in links if link.admitted_at is None or self._kept.calls_of(link.who))

    def _key(self, principal: Principal) -> str:
        return self._roster.key(principal) or ""

    def _expert(self, principal: Principal) -> Party:
        permit(principal, Action.ANSWER_CALLS, Target.installation()).require()
        found = self._roster.party(principal)
        if found is None:
            raise RefusedError("only experts of the fleet file invite guests")
        return found

    def _of_call(self, maker: Party, key: str) -> tuple[str, str]:
        call = self._kept.call(key)
        seat = call.seat_of(maker.who) if call is not None else None
        if call is None or call.is_over or seat is None or not seat.has_accepted:
            raise NotFoundError("there is no such call of yours")
        present = self._calls.teller.sides(call.present)
        self._require((*present, _STRANGER))
        return call.client, call.serial

    def _of_headset(self, maker: Party, serial: str) -> tuple[str, str]:
        headset, expert = self._policy.headset(serial), self._policy.expert(maker.key)
        if headset is None or expert is None or not self._policy.stands((headset, expert)).allowed:
            raise nothing_here()
        self._require((headset, expert, _STRANGER))
        return headset.client, headset.key

    def _require(self, sides: tuple[Side, ...]) -> None:
        verdict = self._policy.stands(sides)
        if not verdict.allowed:
            raise RefusedError("guests may not take part in calls of this headset", detail=verdict.words)


_STRANGER: Final = Side(SideKind.GUEST, "", "")
