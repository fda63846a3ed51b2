"""PREP-18: below the least bandwidth it is decided what a call gives up."""

from __future__ import annotations

from collections.abc import Iterator

from holofleet import catalog
from holofleet.checks import call_sites
from holofleet.checks.case import Case
from holofleet.checks.rule import Fault, NotApplicable, Rule

_KEY = "assist.low_bandwidth"


def _short(case: Case) -> list[tuple[str, float]]:
    """Return the sites whose calls have less than the guide's least, each with the smaller share of a call."""
    params = catalog.statements()["PREP-19"].params
    least = {"uplink_mbps": params["min_up_mbps"], "downlink_mbps": params["min_down_mbps"]}
    found = []
    for _, site in call_sites.calling(case):
        short = [share for key, share in call_sites.shares(site) if share < least[key]]
        if short:
            found.append((site.name, min(short)))
    return found


def _excused(case: Case) -> NotApplicable | None:
    none = call_sites.no_calls(case)
    if none is not None or _short(case):
        return none
    return NotApplicable("no site is known to have less than 1.5 Mbit/s for each call (PREP-19)")


def _check(case: Case) -> Iterator[Fault]:
    decided = case.value(_KEY)
    if decided in ("snapshots", "low-resolution"):
        return
    for name, share in _short(case):
        yield Fault(
            f"each call from site {name} has {share:.3g} Mbit/s, and {case.name} "
            + ("refuses such calls" if decided == "refuse" else "does not say what calls give up"),
            case.place(_KEY),
            "Write `assist: {low_bandwidth: snapshots}`, which sends still pictures, or `low-resolution`.",
            "Below 1.5 Mbit/s a call works with less: a moving picture in full quality does not fit. "
            + (
                "Refused, nobody at this site gets help at all."
                if decided == "refuse"
                else "Undecided, picture and voice fail at the same time, and voice matters most."
            ),
            subject=f"site:{name}",
        )


RULE = Rule(
    id="PREP-18",
    title="Below the least bandwidth it is decided what a call gives up",
    why="Calls do not end below 1.5 Mbit/s, they get worse. Whoever plans with a slow line should choose what "
    "stays: with still pictures an expert sees a sharp part instead of a blurred film.",
    how="Where a site's rate, divided by its `concurrent_calls`, is below 1.5 Mbit/s in one direction, "
    "`assist.low_bandwidth` is `snapshots` or `low-resolution`. `refuse` is found as well, because then no call "
    "works from that site. That the line is too slow is told by PREP-19 and is not excused by this. Sites that "
    "say no rates are not judged. Which calls ran with less, calls tell.",
    mend="Write `assist: {low_bandwidth: snapshots}`, or get a faster line.",
    check=_check,
    verification="calls that begin below the least bandwidth are marked as such",
    excused=_excused,
)
