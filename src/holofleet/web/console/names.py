"""Names of headsets: people call them by name, machines by serial."""

from __future__ import annotations

from collections.abc import Iterable

from holofleet.server.fleet.views import HeadsetQuery
from holofleet.web.console.visit import Visit


def names_of(visit: Visit, serials: Iterable[str]) -> dict[str, str]:
    """Return the names of some headsets by serial; one without a name is left out."""
    found = {}
    for serial in serials:
        page = visit.services.fleet.headsets(visit.scope, HeadsetQuery(text=serial), after=None, limit=1)
        if page.headsets and page.headsets[0].serial == serial and page.headsets[0].name:
            found[serial] = page.headsets[0].name
    return found
