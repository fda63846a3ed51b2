"""PREP-19: 1.5 Mbit/s each way for every call at the same time."""

from __future__ import annotations

from collections.abc import Iterator

from holofleet import catalog
from holofleet.checks import call_sites
from holofleet.checks.case import Case
from holofleet.checks.rule import Fault, Rule

_LEAST = {"uplink_mbps": "min_up_mbps", "downlink_mbps": "min_down_mbps"}


def _check(case: Case) -> Iterator[Fault]:
    params = catalog.statements()["PREP-19"].params
    for index, site in call_sites.calling(case):
        calls = site.network.concurrent_calls
        for key, way in call_sites.RATES.items():
            needed = params[_LEAST[key]] * calls
            rate = getattr(site.network, key)
            if rate is not None and rate >= needed:
                continue
            has = f"has {rate:g}" if rate is not None else "does not say how many it has"
            yield Fault(
                f"site {site.name} needs {needed:g} Mbit/s {way} the Internet for "
                f"{calls} {'call' if calls == 1 else 'calls'} at the same time and {has}",
                case.at("sites", index, "network", key),
                f"Measure it and write `{key}`, get a faster line, or lower `concurrent_calls`.",
                "The guide asks for 1.5 Mbit/s each way for one call in full quality; that each call needs "
                "its own share is our reading.",
                subject=f"site:{site.name}",
            )


RULE = Rule(
    id="PREP-19",
    title="1.5 Mbit/s each way for every call at the same time",
    why="A call sends what the wearer sees, and that takes 1.5 Mbit/s up and down for 1080p at 30 frames per "
    "second. Where several headsets call at the same time, each needs its share.",
    how="For each site of the deployment whose headsets are connected while they are worn, `uplink_mbps` and "
    "`downlink_mbps` are at least 1.5 times `concurrent_calls`; a site that does not say them is found too. Sites "
    "without a connection in use are left out. What a line gives in fact only calls can tell.",
    mend="Measure the line from the place where the headsets are worn and write both rates; then get a faster "
    "line or plan fewer calls at the same time (`concurrent_calls`).",
    check=_check,
    verification="measured bitrate, picture size and frame rate of calls",
    excused=call_sites.no_calls,
)
