"""OFF-24: headsets reach the endpoints of the guide's tables."""

from __future__ import annotations

from collections.abc import Iterator

from holofleet.checks import firewalls
from holofleet.checks.case import Case
from holofleet.checks.rule import Fault, Rule


def _check(case: Case) -> Iterator[Fault]:
    for index, site in firewalls.restricted(case):
        if site.network.firewall is None:
            yield Fault(
                f"nothing says what the firewall of site {site.name} lets through",
                case.at("sites", index, "network"),
                "Write `network: {firewall: {filter: url, open: [near-offline-setup, certificates]}}` with every "
                "group that is open, or `{filter: none}` where nothing is filtered.",
                "Each endpoint that is closed shows itself later as something that does not work, and nothing on "
                "the headset names the endpoint.",
                subject=f"site:{site.name}",
            )


RULE = Rule(
    id="OFF-24",
    title="It is written down what each restricted site lets through",
    why="Setting up, signing in, management and updates each need hosts of the Internet. At a restricted site "
    "each of them has been opened by somebody, or it does not work.",
    how="Each restricted site (`connectivity: near-offline`, or not said) has a `network.firewall`. Its groups "
    "are judged one by one by OFF-28 to OFF-38, what goes beyond them by OFF-39, OFF-40 and OFF-43. That the "
    "endpoints answer, a probe tells: one that "
    "passed, written in `network.probe`, attests it.",
    mend="Ask the network team for what is open, and write it as groups under `firewall.open`.",
    check=_check,
    verification="a probe from each site reaches every endpoint of the open groups",
    confirmed=firewalls.probed,
    excused=firewalls.no_network,
)
