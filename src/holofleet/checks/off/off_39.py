"""OFF-39: beyond the guide's groups, what setting up and signing in need is open too."""

from __future__ import annotations

from collections.abc import Iterator

from holofleet import catalog
from holofleet.checks import firewalls
from holofleet.checks.case import Case
from holofleet.checks.rule import Fault, NotApplicable, Rule


def _excused(case: Case) -> NotApplicable | None:
    if case.value("enrollment.join") != "entra":
        return NotApplicable("headsets do not join Entra ID (OFF-06 says so)")
    return firewalls.no_filter(case)


def _needed(case: Case) -> tuple[str, tuple[str, ...]]:
    """Return the way of setting up, and the groups that it needs beyond the guide's table."""
    endpoints = catalog.endpoints()
    autopilot = case.value("enrollment.autopilot") is not None
    table = {group.key for group in endpoints.guide_groups}
    groups = endpoints.tasks["autopilot" if autopilot else "oobe-entra"]
    return "Autopilot" if autopilot else "the first start", tuple(group for group in groups if group not in table)


def _check(case: Case) -> Iterator[Fault]:
    way, groups = _needed(case)
    for index, site, firewall in firewalls.filtering(case):
        missing = firewalls.missing(firewall, groups)
        if missing:
            yield Fault(
                f"the firewall of site {site.name} does not open {', '.join(missing)}, which {way} needs",
                firewalls.place(case, index, missing[0]),
                f"Add {', '.join(f'`{group}`' for group in missing)} to `firewall.open` of the site.",
                "The eleven groups of the guide's table leave out hosts that the vendor names on other pages: "
                "those of sign-in, of the clock, of redirects, and of Autopilot.",
                subject=f"site:{site.name}",
            )


RULE = Rule(
    id="OFF-39",
    title="What setting up and signing in need beyond the guide's groups is open",
    why="The guide means its eleven groups to be enough for Autopilot, the first start and sign-in with Windows "
    "Hello. The vendor's own list of endpoints shows that they are not: it has further groups for these.",
    how="At every restricted site whose firewall filters, the groups `entra-auth`, `ntp`, `device-authentication` "
    "and `fwlink` are open, and `autopilot` where the deployment has a profile, whichever target delivers. We "
    "take completeness as what is asked for, not the number eleven. That it is enough, only a headset that is set "
    "up from the restricted network tells.",
    mend="Add the groups to `firewall.open`, and have the firewall opened accordingly.",
    check=_check,
    verification="a headset was set up and signed in from each restricted network",
    excused=_excused,
)
