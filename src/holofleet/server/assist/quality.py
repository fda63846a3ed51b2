"""Which site or link hurts calls: how the media was, by site, never by person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Protocol

from holofleet.clock import Clock
from holofleet.server.authorization import Action, Principal, Scope, Target, permit

WINDOWS: Final = (7, 30, 90)
"""Days that can be looked at."""
MOST_CHECKS: Final = 20
GOOD: Final = frozenset({"optimal", "minimum"})
"""Grades in which a call does what the guide asks of it: 1.5 Mbit/s and better."""


@dataclass(frozen=True, slots=True)
class SiteQuality:
    """How calls were at a site. ``site``: empty for headsets that stand at none.

    Args:
        seconds: By grade, as the headsets measured.
        relayed: Seconds of those that went through a relay.
        calls: Calls that began, and of those, the ones in which two were connected.
        checks: By grade, how many headsets found it at their last check before a call.
    """

    site: str
    seconds: Mapping[str, float] = field(default_factory=dict)
    relayed: float = 0.0
    calls: int = 0
    connected: int = 0
    checks: Mapping[str, int] = field(default_factory=dict)

    @property
    def measured(self) -> float:
        """Seconds that were measured."""
        return sum(self.seconds.values())

    @property
    def poor(self) -> float:
        """The share of the measured time below what the guide asks; 0 where nothing was measured."""
        poor = sum(seconds for grade, seconds in self.seconds.items() if grade not in GOOD)
        return poor / self.measured if self.measured else 0.0


@dataclass(frozen=True, slots=True)
class PoorCheck:
    """A headset whose last check before a call found less than the guide asks."""

    serial: str
    name: str
    site: str
    grade: str
    at: datetime


class QualityStore(Protocol):
    """Counts calls by site, one statement each."""

    def sites(self, scope: Scope, *, since: datetime, relayed: bool | None) -> Sequence[SiteQuality]:
        """Return every site inside ``scope`` with calls or checks since then; of one kind of path where asked."""
        ...

    def poor_checks(self, scope: Scope, *, since: datetime, limit: int) -> Sequence[PoorCheck]:
        """Return headsets whose last check since then was poor, the newest first."""
        ...


class CallQuality:
    """Answers whoever may read calls."""

    def __init__(self, store: QualityStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def by_site(
        self, principal: Principal, *, days: int = 30, relayed: bool | None = None
    ) -> Sequence[SiteQuality]:
        """Return sites, the worst first, then those with more time.

        Raises:
            RefusedError: the principal may not read calls.
        """
        permit(principal, Action.READ_CALLS, Target.installation()).require()
        found = self._store.sites(principal.scope, since=self._clock.now() - timedelta(days=days), relayed=relayed)
        return sorted(found, key=lambda one: (-one.poor, -one.measured, -one.calls, one.site))

    def poor_checks(self, principal: Principal, *, days: int = 30) -> Sequence[PoorCheck]:
        """Return the newest headsets whose last check found less than the guide asks.

        Raises:
            RefusedError: the principal may not read calls.
        """
        permit(principal, Action.READ_CALLS, Target.installation()).require()
        since = self._clock.now() - timedelta(days=days)
        return self._store.poor_checks(principal.scope, since=since, limit=MOST_CHECKS)
