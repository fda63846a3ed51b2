"""OFF-01: the near-offline guide is for headsets whose network is restricted or cannot be relied on."""

from __future__ import annotations

from collections.abc import Iterator

from holofleet.checks.case import Case
from holofleet.checks.rule import Fault, NotApplicable, Rule


def _excused(case: Case) -> NotApplicable | None:
    if case.sites:
        return None
    return NotApplicable("there is no site to judge (OFF-12 asks for it)")


def _check(case: Case) -> Iterator[Fault]:
    if all(site.connectivity == "online" for _, site in case.sites):
        names = ", ".join(site.name for _, site in case.sites)
        yield Fault(
            f"{case.name} follows the guide for restricted networks, and all of its sites are online: {names}",
            case.at("deployments", case.deployment.index, "scenario"),
            "Write `scenario: cloud-connected`, or `connectivity: near-offline` at the site.",
            "The guide is meant for plants, ships and the like. Its monthly visits and long memory of groups only "
            "delay what a headset on an open network gets at once.",
        )


RULE = Rule(
    id="OFF-01",
    title="The deployment is where the network is restricted or cannot be relied on",
    why="What the guide asks for is made for headsets that meet a network rarely, or behind a firewall. On an "
    "open network it makes management slower for nothing.",
    how="A deployment that follows the guide has at least one site that is not `connectivity: online`. A site "
    "that does not say its connectivity counts as restricted here. How often headsets are online in fact, their "
    "check-ins tell.",
    mend="Give the deployment the scenario that fits its network, or say what the network of the site is.",
    check=_check,
    verification="the time that each headset is online fits the connectivity of its site",
    excused=_excused,
)
