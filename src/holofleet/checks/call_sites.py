"""Sites from which headsets call, and what their line leaves for each call."""

from __future__ import annotations

from collections.abc import Iterator

from holofleet.checks.case import Case
from holofleet.checks.rule import NotApplicable
from holofleet.spec.model.site import Site

RATES = {"uplink_mbps": "to", "downlink_mbps": "from"}
"""Keys of a line's rates, each with its direction as seen from the Internet."""


def calling(case: Case) -> list[tuple[int, Site]]:
    """Return the sites at which headsets are connected while they are worn."""
    return [
        (index, site)
        for index, site in case.sites
        if site.connected_in_use is not False and site.connectivity != "offline"
    ]


def no_calls(case: Case) -> NotApplicable | None:
    """Excuse a deployment whose headsets are nowhere connected while they are worn."""
    if case.sites and not calling(case):
        return NotApplicable("headsets are not connected while they are used, so there are no calls")
    return None


def shares(site: Site) -> Iterator[tuple[str, float]]:
    """Yield, for each rate that the site says, its key and what it leaves for each call at the same time."""
    for key in RATES:
        rate = getattr(site.network, key)
        if rate is not None:
            yield key, rate / site.network.concurrent_calls
