"""OFF-25: a network engineer looked whether the endpoints can be reached."""

from __future__ import annotations

from collections.abc import Iterator

from holofleet.checks import firewalls
from holofleet.checks.case import Case
from holofleet.checks.rule import Fault, Rule


def _check(case: Case) -> Iterator[Fault]:
    for index, site in firewalls.restricted(case):
        probe = site.network.probe
        if probe is None:
            what, key = f"nobody has looked whether the endpoints can be reached from site {site.name}", ""
        elif probe.on > case.today:
            what, key = f"the probe of site {site.name} is dated {probe.on}, which has not come yet", "on"
        elif not probe.passed:
            what, key = f"the probe of site {site.name} on {probe.on} did not reach every endpoint", "passed"
        else:
            continue
        yield Fault(
            what,
            case.at("sites", index, "network", *(("probe", key) if key else ())),
            "Let an engineer probe the site from its own network, then write `probe: {on: 2026-11-16, by: "
            "network-team@contoso.com, passed: true}` with what was found.",
            "What a firewall is meant to let through and what it lets through are two things. An engineer with a "
            "laptop finds in an hour what shows on headsets in weeks.",
            subject=f"site:{site.name}",
        )


RULE = Rule(
    id="OFF-25",
    title="A network engineer probed each restricted site",
    why="The guide asks for a look at the endpoints when the site is first set up, by somebody who can change the "
    "firewall. Later, every closed endpoint costs a visit.",
    how="Each restricted site has a `network.probe` that passed, dated on a day that has come. It does not grow "
    "old, because the guide asks for it at the first configuration; where a firewall filters by address, OFF-21 "
    "asks for a fresh one.",
    mend="Probe the endpoints from the network of the site, mend what is closed, and write the probe.",
    check=_check,
    excused=firewalls.no_network,
)
