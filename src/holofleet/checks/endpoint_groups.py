"""Rules that ask for one group of endpoints to be open: one for each row of the near-offline guide's table."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from holofleet import catalog
from holofleet.checks import firewalls
from holofleet.checks.case import Case
from holofleet.checks.rule import Fault, NotApplicable, Rule

Unused = Callable[[Case], NotApplicable | None]


def rule(id_: str, *, title: str, why: str, lost: str, unless: str = "", unused: Unused | None = None) -> Rule:
    """Return the rule of one group.

    Args:
        id_: The statement; its data name the group.
        title: What is asked for, in a short line.
        why: What the group is for.
        lost: What a headset behind a firewall without it cannot do; the detail of a finding.
        unless: When it may stay closed, in a sentence for the page.
        unused: Excuses a deployment that does not use what the group is for.
    """
    group = catalog.statements()[id_].params["endpoint_group"]
    hosts = [host.pattern for endpoint in catalog.endpoints().of_group(group) for host in endpoint.hosts]
    count = len(dict.fromkeys(hosts))
    example = f"{count} hosts, `{hosts[0]}` among them" if count > 1 else f"`{hosts[0]}`"
    need = unless or (
        "A reason under `closed` does not replace the group: whoever wants it closed accepts that by a waiver."
    )

    def check(case: Case) -> Iterator[Fault]:
        yield from _check(case, group, lost)

    def excused(case: Case) -> NotApplicable | None:
        return firewalls.no_filter(case) or (unused(case) if unused is not None else None)

    return Rule(
        id=id_,
        title=title,
        why=why,
        how=f"At every restricted site (`connectivity: near-offline`, or not said) whose firewall filters, "
        f"`firewall.open` names the group `{group}` ({example}). {need} That the hosts answer, only a probe "
        "from the site tells: one that passed, written in `network.probe`, attests it.",
        mend=f"Add `{group}` to `firewall.open` of the site, and have the firewall opened accordingly.",
        check=check,
        verification=f"a probe from each site reaches the endpoints of {group}",
        confirmed=firewalls.probed,
        excused=excused,
    )


def _check(case: Case, group: str, lost: str) -> Iterator[Fault]:
    for index, site, firewall in firewalls.filtering(case):
        if not firewalls.missing(firewall, (group,)):
            continue
        closed = any(item.group == group for item in firewall.closed)
        keeps = "closes" if closed else "does not open"
        yield Fault(
            f"the firewall of site {site.name} {keeps} the endpoint group {group}",
            firewalls.place(case, index, group),
            f"Add `{group}` to `firewall.open` of the site"
            + (", and take it out of `closed`." if closed else "."),
            lost,
            subject=f"site:{site.name}",
        )
