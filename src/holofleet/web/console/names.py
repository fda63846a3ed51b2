"""Names of headsets: people call them by name, machines by serial."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from holofleet.server.authorization import Scope
from holofleet.server.fleet.views import HeadsetQuery

if TYPE_CHECKING:
    from holofleet.web.console.visit import Visit

MOST_KEPT = 32


def names_of(visit: Visit, serials: Iterable[str]) -> dict[str, str]:
    """Return the names of some headsets by serial; one without a name is left out."""
    found = {}
    for serial in serials:
        page = visit.services.fleet.headsets(visit.scope, HeadsetQuery(text=serial), after=None, limit=1)
        if page.headsets and page.headsets[0].serial == serial and page.headsets[0].name:
            found[serial] = page.headsets[0].name
    return found


class KnownNames:
    """Names that were looked up, for each scope, until the fleet file changes them.

    Looking one up searches all headsets, and the overview is made once a second while events come.
    """

    def __init__(self) -> None:
        self._known: dict[tuple[Scope, datetime | None], dict[str, str]] = {}

    def of(self, visit: Visit, published_at: datetime | None, serial: str) -> str:
        """Return the name of a headset, or its serial where it has none."""
        key = (visit.scope, published_at)
        if key not in self._known and len(self._known) >= MOST_KEPT:
            self._known.clear()
        known = self._known.setdefault(key, {})
        if serial not in known:
            known[serial] = names_of(visit, {serial}).get(serial, serial)
        return known[serial]
