"""OFF-20: firewalls filter by URL."""

from __future__ import annotations

from collections.abc import Iterator

from holofleet.checks import firewalls
from holofleet.checks.case import Case
from holofleet.checks.rule import Fault, Rule


def _check(case: Case) -> Iterator[Fault]:
    for index, site, firewall in firewalls.filtering(case):
        if firewall.filter == "ip":
            yield Fault(
                f"the firewall of site {site.name} filters by address",
                case.at("sites", index, "network", "firewall", "filter"),
                "Write `filter: url` once the firewall filters by name.",
                "The services behind the endpoints are known by name. Their addresses are shared with others, "
                "differ from place to place and change without notice.",
                subject=f"site:{site.name}",
            )


RULE = Rule(
    id="OFF-20",
    title="Firewalls filter by URL",
    why="The endpoints that headsets need are names. A filter by name opens what is meant, and stays right when "
    "the service moves.",
    how="The firewall of each restricted site has `filter: url`. A site that filters nothing (`filter: none`) is "
    "not concerned. What the firewall does in fact, a probe by name tells: one that passed, written in "
    "`network.probe`, attests it.",
    mend="Have the firewall filter by name, then write `filter: url`.",
    check=_check,
    verification="a probe from each site reaches the endpoints by their names",
    confirmed=firewalls.probed,
    excused=firewalls.no_filter,
)
