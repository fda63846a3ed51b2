"""Names of headsets: people call them by name, machines by serial."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from holofleet.server.authorization import Scope

if TYPE_CHECKING:
    from holofleet.web.console.visit import Visit

MOST_KEPT = 32


def names_of(visit: Visit, serials: Iterable[str]) -> dict[str, str]:
    """Return the names of some headsets by serial; one without a name is left out."""
    return dict(visit.services.fleet.names(visit.scope, set(serials)))


class KnownNames:
    """Names that were looked up, for each scope, until the fleet file changes them.

    The overview is made once a second while events come.
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
