"""Who opens a socket: proved by a cookie before the upgrade, never by what the page says (SECURITY WEB-1, D4)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final, Protocol

from holofleet.errors import RefusedError
from holofleet.server.access import COOKIE_NAME
from holofleet.server.assist import Party
from holofleet.server.authorization import Action, Target, permit
from holofleet.web.device.identity import DEVICE_COOKIE
from holofleet.web.services import Services

GUEST_COOKIE: Final = "__Host-holofleet-guest"
"""Holds the secret of a browser in which a guest's link was opened."""


class WhoIsThere(Protocol):
    """Tells which parties somebody is, by kind of page (``headset``, ``expert``, ``guest``): each time anew."""

    def parties(self, cookies: Mapping[str, str]) -> Mapping[str, Party]:
        """Return whom the cookies of an upgrade prove."""
        ...

    def still(self, cookies: Mapping[str, str], parties: Mapping[str, Party]) -> Mapping[str, Party]:
        """Return which of these they still are, and as what, while a socket is open."""
        ...


class CookieParties:
    """Implements :class:`WhoIsThere` by the sessions of people, pairings of headsets and links of guests."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def parties(self, cookies: Mapping[str, str]) -> Mapping[str, Party]:
        return _found(
            expert=self._expert(cookies),
            headset=self._headset(cookies.get(DEVICE_COOKIE, "")),
            guest=self._guest(cookies),
        )

    def still(self, cookies: Mapping[str, str], parties: Mapping[str, Party]) -> Mapping[str, Party]:
        # The secret of a headset's browser changes while a socket is open. The one that opened it is not shown
        # again: a former secret that turns up is taken for a copy. So it is asked whether that pairing stands.
        before = parties.get("headset")
        headset = self._paired(before.serial) if before is not None else None
        if before is None or headset is None or headset.session != before.session:
            headset = None
        return _found(
            expert=self._expert(cookies) if "expert" in parties else None,
            headset=headset,
            guest=self._guest(cookies) if "guest" in parties else None,
        )

    def _guest(self, cookies: Mapping[str, str]) -> Party | None:
        """Return whoever came by a link that was opened in this browser, and still stands."""
        secret = cookies.get(GUEST_COOKIE, "")
        return self._services.assist.door.party(secret) if secret else None

    def _expert(self, cookies: Mapping[str, str]) -> Party | None:
        """Return the person of a session whom the fleet file makes an expert; console roles say nothing here."""
        cookie = cookies.get(COOKIE_NAME, "")
        principal = self._services.access.session(cookie, touch=False) if cookie else None
        if principal is None or not permit(principal, Action.ANSWER_CALLS, Target.installation()).allowed:
            return None
        party = self._services.assist.roster.party(principal)
        return None if party is None else replace(party, session=principal.id)

    def _headset(self, secret: str) -> Party | None:
        if not secret:
            return None
        try:
            return self._paired(self._services.custody.kiosk.state(secret).serial)
        except RefusedError:
            return None

    def _paired(self, serial: str) -> Party | None:
        """Return a headset whose browser is paired now, and that is not lost; its session is the pairing."""
        rooms = self._services.assist
        pairing = rooms.parties.pairing(serial, now=self._services.clock.now())
        side, party = rooms.policy.headset(serial), rooms.parties.headset(serial)
        if pairing is None or side is None or not side.here or party is None:
            return None
        return replace(party, session=pairing)


def _found(**parties: Party | None) -> Mapping[str, Party]:
    return {page: party for page, party in parties.items() if party is not None}
