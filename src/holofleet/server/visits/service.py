"""The visits' service: windows of every site with who came, and one window with who is expected."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import pairwise

from holofleet.clock import Clock
from holofleet.errors import NotFoundError
from holofleet.resources import Deployment, Site
from holofleet.server.authorization import Scope
from holofleet.server.visits.store import PlaceCount, Since, VisitorPage, VisitStore
from holofleet.server.visits.windows import Window, window_of, windows

LARGE_UPDATE_MBIT = 4 * 8 * 1000
"""Four gigabytes for each headset: assumed, for a large system update with its apps, as rule OFF-18 does."""
MAX_PAGE = 500


@dataclass(frozen=True, slots=True)
class Place:
    """Headsets of one deployment at one site, with their windows.

    Args:
        site: As published; ``None`` where the file does not say where they are.
        last: The window that began last.
        ahead: The next ones.
        cache_ends_in: Windows between which the headsets forget who is in which group, by first day.
    """

    deployment: Deployment
    site: Site | None
    count: PlaceCount
    last: Window | None
    ahead: tuple[Window, ...]
    cache_ends_in: frozenset[date] = field(default=frozenset())

    @property
    def site_name(self) -> str:
        """Name of the site in addresses; empty where there is none."""
        return self.count.site

    @property
    def update_time(self) -> timedelta | None:
        """How long a large update of all of them takes on the site's line; ``None`` where nobody said its rate."""
        rate = self.site.downlink_mbps if self.site is not None else None
        return None if not rate else timedelta(seconds=self.count.headsets * LARGE_UPDATE_MBIT / rate)


@dataclass(frozen=True, slots=True)
class Visiting:
    """One window of one place, with a page of who is expected."""

    place: Place
    window: Window
    came: int | None
    page: VisitorPage


class VisitService:
    """Who reconnects when. Whoever reads passes the scope of the one who asks."""

    def __init__(self, store: VisitStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def count_ahead(self) -> timedelta:
        """Count the places of the whole fleet before anybody asks, and return when to do it again."""
        now, scope = self._clock.now(), Scope.every()
        spans = {one.deployment.name: windows(one.deployment, now) for one in self._store.deployments(scope)}
        return self._store.count_ahead(scope, _since(spans), now=now)

    def places(self, scope: Scope) -> Sequence[Place]:
        """Return every deployment at every site, those with the next window first."""
        now = self._clock.now()
        known = {one.deployment.name: one for one in self._store.deployments(scope)}
        spans = {name: windows(one.deployment, now) for name, one in known.items()}
        counts: dict[str, list[PlaceCount]] = {}
        for count in self._store.places(scope, _since(spans), now=now):
            counts.setdefault(count.deployment, []).append(count)
        sites = self._store.sites(scope)
        found = []
        for name, one in known.items():
            last, ahead = spans[name]
            ends = _cache_ends(one.cache_days, last, ahead)
            for count in counts.get(name, [PlaceCount(name, "", 0)]):
                found.append(Place(one.deployment, sites.get(count.site), count, last, ahead, ends))
        return sorted(
            found,
            key=lambda place: (
                place.ahead[0].first if place.ahead else date.max,
                place.site_name,
                place.deployment.name,
            ),
        )

    def visiting(
        self, scope: Scope, deployment: str, site: str, first: date, *, after: str = "", limit: int = 50
    ) -> Visiting:
        """Return one window with who is expected.

        Raises:
            NotFoundError: no such place in this scope, or no window begins on that day.
        """
        places = [one for one in self.places(scope) if one.deployment.name == deployment and one.site_name == site]
        window = window_of(places[0].deployment, first) if places else None
        if window is None:
            raise NotFoundError("no window of this place begins on that day")
        place = places[0]
        page = self._store.visitors(
            scope,
            deployment,
            site,
            now=self._clock.now(),
            after=after,
            limit=max(1, min(limit, MAX_PAGE)),
        )
        came = place.count.came if place.last is not None and place.last.first == first else None
        return Visiting(place, window, came, page)


def _since(spans: Mapping[str, tuple[Window | None, Sequence[Window]]]) -> dict[str, Since]:
    """Return since when headsets came, and until when certificates must last, by deployment."""
    return {
        name: Since(last.begins if last else None, ahead[0].begins if ahead else None)
        for name, (last, ahead) in spans.items()
    }


def _cache_ends(days: int, last: Window | None, ahead: tuple[Window, ...]) -> frozenset[date]:
    """Return the windows before which the memory of groups ends, counted from the window before."""
    if not days:
        return frozenset()
    row = (*((last,) if last is not None else ()), *ahead)
    return frozenset(later.first for before, later in pairwise(row) if (later.first - before.last).days > days)
