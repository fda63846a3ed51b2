"""OFF-03: what an organization does in its own way is said so that it can be compared with the guide."""

from __future__ import annotations

from collections.abc import Iterator

from holofleet.checks import firewalls
from holofleet.checks.case import Case
from holofleet.checks.rule import Fault, Rule


def _check(case: Case) -> Iterator[Fault]:
    for index, site, firewall in firewalls.filtering(case):
        for number, item in enumerate(firewall.closed):
            if item.group in firewall.open:
                yield Fault(
                    f"the firewall of site {site.name} both opens and closes {item.group}",
                    case.at("sites", index, "network", "firewall", "closed", number),
                    f"Take `{item.group}` out of one of `open` and `closed`.",
                    "Your own requirements are laid beside the guide's by the names of its endpoint groups. A "
                    "group that is said to be both is no decision that anybody can check.",
                    subject=f"site:{site.name}",
                )


RULE = Rule(
    id="OFF-03",
    title="What is done in another way than the guide's can be compared with it",
    why="The guide shows one way and leaves room for others. An exception is worth something when it names what "
    "it departs from, and why.",
    how="No endpoint group of a site stands in both `firewall.open` and `firewall.closed`. Closed groups and "
    "further hosts carry a reason and name groups that exist, else the file cannot be read; an interval of one's "
    "own is judged by OFF-17; any other departure is a waiver with a person, a reason and an end.",
    mend="Decide whether the group is open, and take it out of the other list.",
    check=_check,
)
