"""PREP-17: what makes calls good or bad is known for each site."""

from __future__ import annotations

from collections.abc import Iterator

from holofleet import catalog
from holofleet.checks import call_sites
from holofleet.checks.case import Case
from holofleet.checks.rule import Fault, Rule
from holofleet.spec.model.site import Site

_METRICS = {
    "rtt_ms": ("round trip", "rtt_ms_max", "ms"),
    "jitter_ms": ("jitter", "jitter_ms_max", "ms"),
    "loss_percent": ("loss", "loss_pct_max", "percent"),
}


def _check(case: Case) -> Iterator[Fault]:
    for index, site in call_sites.calling(case):
        unknown = [key for key in _METRICS if getattr(site.network, key) is None]
        if unknown:
            yield Fault(
                f"site {site.name} does not say its {' and '.join(_METRICS[key][0] for key in unknown)}",
                case.at("sites", index, "network"),
                f"Measure from where headsets are worn, and write {', '.join(f'`{key}`' for key in unknown)}.",
                "A fast line with a long way, an uneven one or lost packets makes bad calls all the same. What "
                "nobody measured, nobody can watch.",
                subject=f"site:{site.name}",
            )
        yield from _beyond(case, index, site)


def _beyond(case: Case, index: int, site: Site) -> Iterator[Fault]:
    targets = catalog.statements()["PREP-17"].params["teams_targets"]
    for key, (noun, limit, unit) in _METRICS.items():
        value = getattr(site.network, key)
        if value is not None and value > targets[limit]:
            yield Fault(
                f"{noun} of site {site.name} is {value:g} {unit}, and calls want at most {targets[limit]:g}",
                case.at("sites", index, "network", key),
                f"Find out where it comes from, mend the network and write the new `{key}`.",
                "The guide names no number; this one is what the vendor of Teams asks of a network for calls.",
                subject=f"site:{site.name}",
            )


RULE = Rule(
    id="PREP-17",
    title="What makes calls good or bad is known for each site",
    why="Bandwidth is one of four: a long way delays, jitter tears, and loss takes away parts of picture and "
    "voice. Who knows the numbers before the first call can tell a bad network from a bad headset.",
    how="Each site whose headsets are connected while they are worn says `rtt_ms`, `jitter_ms` and "
    "`loss_percent`, and they are at most 100 ms, 30 ms and 1 percent: targets of the vendor's network page for "
    "Teams, since the guide names none. The fourth, bandwidth, is judged by PREP-19. Calls tell how it is in "
    "fact.",
    mend="Measure the network of each site at the time of day in which people call, and write the numbers.",
    check=_check,
    verification="bandwidth, round trip, jitter and loss as calls measure them",
    excused=call_sites.no_calls,
)
