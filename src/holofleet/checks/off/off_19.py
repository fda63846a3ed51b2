"""OFF-19: the details of a site's network are its own, and no guide knows them."""

from __future__ import annotations

from collections.abc import Iterator

from holofleet.checks import firewalls
from holofleet.checks.case import Case
from holofleet.checks.rule import Fault, Rule


def _check(case: Case) -> Iterator[Fault]:
    for index, site in firewalls.restricted(case):
        if site.network.proxy is None:
            yield Fault(
                f"site {site.name} does not say whether a proxy stands before it",
                case.at("sites", index, "network"),
                "Write `network: {proxy: none}`, or the proxy as your network team gives it.",
                "The guide leaves the details of each network to you: hosts, ports and the proxy. A proxy that "
                "nobody mentions shows itself as a headset that cannot be set up.",
                subject=f"site:{site.name}",
            )


RULE = Rule(
    id="OFF-19",
    title="Each site says what its own network needs",
    why="The guide names what headsets need of the Internet. How a site lets them out, by which proxy, hosts and "
    "ports, differs from site to site, and no guide can know it.",
    how="Each restricted site says whether there is a proxy (`network.proxy`, or `none`). Its firewall is asked "
    "for by OFF-24; further hosts and ports stand under `firewall.extra`.",
    mend="Ask the network team of the site, and write `network.proxy` and `firewall.extra` there.",
    check=_check,
    excused=firewalls.no_network,
)
