"""OFF-21: a list of addresses grows old within weeks."""

from __future__ import annotations

from collections.abc import Iterator

from holofleet.checks import firewalls
from holofleet.checks.case import Case
from holofleet.checks.rule import Fault, NotApplicable, Rule
from holofleet.spec.model.site import Site

_FRESH_DAYS = 31
"""How long a probe vouches for a list of addresses: one visit to the next. Our own choice."""


def _by_address(case: Case) -> Iterator[tuple[int, Site]]:
    for index, site, firewall in firewalls.filtering(case):
        if firewall.filter == "ip":
            yield index, site


def _excused(case: Case) -> NotApplicable | None:
    if any(_by_address(case)):
        return None
    return firewalls.no_filter(case) or NotApplicable("no firewall filters by address (filter: ip)")


def _check(case: Case) -> Iterator[Fault]:
    for index, site in _by_address(case):
        probe = site.network.probe
        if probe is not None and probe.passed and 0 <= (case.today - probe.on).days <= _FRESH_DAYS:
            continue
        tried = probe is not None and probe.passed and probe.on <= case.today
        last = f"was last tried on {probe.on}" if probe is not None and tried else "was never found right"
        yield Fault(
            f"the firewall of site {site.name} filters by address, and the list {last}",
            case.at("sites", index, "network", "firewall", "filter"),
            "Filter by name and write `filter: url`, or try the list before each visit and write it in `probe`.",
            "Addresses of the services change without notice. Only the media ranges of Teams are published as "
            "addresses, with a date; for everything else the list has to be found right again and again.",
            subject=f"site:{site.name}",
        )


RULE = Rule(
    id="OFF-21",
    title="A list of addresses is tried before each visit",
    why="An address list is right on the day on which it is made. Weeks later some endpoint has moved, and the "
    "headsets that come for their monthly visit find it closed.",
    how="Where a restricted site has `filter: ip`, its `network.probe` passed within the last 31 days, our own "
    "measure for one visit to the next. That filtering by address should be given up is the business of OFF-20.",
    mend="Have the firewall filter by name. Until then, probe the site before each visit and write the day.",
    check=_check,
    verification="a probe resolves no endpoint to an address outside the list",
    excused=_excused,
)
