"""PREP-20: 4 to 5 Mbit/s for the best picture."""

from __future__ import annotations

from collections.abc import Iterator

from holofleet import catalog
from holofleet.checks import call_sites
from holofleet.checks.case import Case
from holofleet.checks.rule import Fault, Rule


def _check(case: Case) -> Iterator[Fault]:
    least = catalog.statements()["PREP-19"].params["min_up_mbps"]
    good, best = catalog.statements()["PREP-20"].params["optimal_mbps"]
    for index, site in call_sites.calling(case):
        for key, share in call_sites.shares(site):
            if least <= share < good:
                calls = site.network.concurrent_calls
                yield Fault(
                    f"site {site.name} has {share:.3g} Mbit/s {call_sites.RATES[key]} the Internet for "
                    f"{'its call' if calls == 1 else f'each of {calls} calls'}; the best picture takes {good}",
                    case.at("sites", index, "network", key),
                    f"Plan with {best * calls:g} Mbit/s: get a faster line, or lower `concurrent_calls`.",
                    "Calls work from 1.5 Mbit/s on, at times with a coarser picture. Small print on a machine is "
                    "then what the expert cannot read.",
                    subject=f"site:{site.name}",
                )


RULE = Rule(
    id="PREP-20",
    title="4 to 5 Mbit/s each way for the best picture of every call",
    why="1.5 Mbit/s is what a call needs, 4 to 5 is what it takes to stay at 1080p. Experts mostly look at small "
    "things.",
    how="For each site whose headsets are connected while they are worn, both rates are at least 4 times "
    "`concurrent_calls`; we propose 5. Below 1.5 for each call, PREP-19 tells alone, and a rate that the site "
    "does not say is PREP-19's as well. That each call at the same time needs its own share is our reading. How "
    "long calls ran in full quality, calls tell.",
    mend="Plan 5 Mbit/s up and down for each call at the same time.",
    check=_check,
    verification="share of call time at full 1080p",
    excused=call_sites.no_calls,
)
