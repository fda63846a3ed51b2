"""Who opens a socket: proved by a cookie before the upgrade, never by what the page says (SECURITY WEB-1, D4)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final, Protocol

from holofleet.errors import RefusedError
from holofleet.protocols.signaling import PartyKind
from holofleet.server.access import COOKIE_NAME
from holofleet.server.assist import Party
from holofleet.server.authorization import Action, PrincipalKind, Target, permit
from holofleet.web.services import Services

DEVICE_COOKIE: Final = "__Host-holofleet-headset"
"""Holds the secret of a browser that is paired with a headset."""


class WhoIsThere(Protocol):
    """Tells which parties the cookies of a request prove, by kind of page."""

    def parties(self, cookies: Mapping[str, str]) -> Mapping[str, Party]:
        """Return the party of each page (``headset``, ``expert``) that these cookies open; reads the store."""
        ...


class CookieParties:
    """Implements :class:`WhoIsThere` by the sessions of people and the pairings of headsets."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def parties(self, cookies: Mapping[str, str]) -> Mapping[str, Party]:
        found = {"expert": self._expert(cookies.get(COOKIE_NAME, "")), "headset": self._headset(cookies)}
        return {page: party for page, party in found.items() if party is not None}

    def _expert(self, cookie: str) -> Party | None:
        """Return the person of a session whom the fleet file makes an expert; console roles say nothing here."""
        principal = self._services.access.session(cookie, touch=False) if cookie else None
        if principal is None or principal.kind is not PrincipalKind.PERSON:
            return None
        if not permit(principal, Action.ANSWER_CALLS, Target.installation()).allowed:
            return None
        rooms = self._services.assist
        key = rooms.parties.person_of(principal.name)
        if key is None or rooms.policy.expert(key) is None:
            return None
        party = rooms.parties.expert(key)
        return None if party is None else replace(party, session=principal.id)

    def _headset(self, cookies: Mapping[str, str]) -> Party | None:
        secret = cookies.get(DEVICE_COOKIE, "")
        if not secret:
            return None
        try:
            serial = self._services.custody.kiosk.state(secret).serial
        except RefusedError:
            return None
        party = self._services.assist.parties.headset(serial)
        return None if party is None else replace(party, session=f"{PartyKind.HEADSET}:{serial}")
