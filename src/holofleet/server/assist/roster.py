"""Which people are experts: whom calls may reach."""

from __future__ import annotations

from holofleet.server.assist.policy import CallPolicy
from holofleet.server.assist.store import Parties
from holofleet.server.assist.values import Party
from holofleet.server.authorization import Principal, PrincipalKind


class ExpertRoster:
    """Finds the expert of the published fleet file that somebody who signed in is.

    A role of the console makes nobody an expert, and being one gives no role.
    """

    def __init__(self, policy: CallPolicy, parties: Parties) -> None:
        self._policy = policy
        self._parties = parties

    def key(self, principal: Principal) -> str | None:
        """Return the id of the person that a principal is, if the fleet file names them as an expert."""
        if principal.kind is not PrincipalKind.PERSON:
            return None
        key = self._parties.person_of(principal.name)
        return key if key is not None and self._policy.expert(key) is not None else None

    def party(self, principal: Principal) -> Party | None:
        """Return a principal as they take part in calls, if they are an expert."""
        key = self.key(principal)
        return None if key is None else self._parties.expert(key)
