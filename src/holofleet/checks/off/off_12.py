"""OFF-12: for each site, somebody has decided whether headsets are connected while they are worn."""

from __future__ import annotations

from collections.abc import Iterator

from holofleet.checks.case import Case
from holofleet.checks.rule import Fault, NotApplicable, Rule

_DETAIL = (
    "It decides everything else: whether there are calls, whether updates come by themselves, how long group "
    "membership has to be kept, and when a silent headset is late. Nothing can be assumed."
)


def _excused(case: Case) -> NotApplicable | None:
    if case.sites or case.deployment.headsets:
        return None
    return NotApplicable("the deployment has neither headsets nor a site yet")


def _check(case: Case) -> Iterator[Fault]:
    homeless = [headset for headset in case.deployment.headsets if case.deployment.site_of(headset) is None]
    if homeless:
        which = f"{len(homeless)} headsets" if len(homeless) > 1 else f"headset {homeless[0].serial}"
        yield Fault(
            f"{which} of {case.name} without a site: nothing says whether they are connected while they are worn",
            case.deployment.position,
            "Declare a site under `sites` with `connected_in_use`, and name it in `site`.",
            _DETAIL,
        )
    for index, site in case.sites:
        if site.connected_in_use is None:
            yield Fault(
                f"site {site.name} does not say whether headsets are connected while they are worn",
                case.at("sites", index),
                "Write `connected_in_use: true` or `connected_in_use: false`.",
                _DETAIL,
                subject=f"site:{site.name}",
            )


RULE = Rule(
    id="OFF-12",
    title="For each site, it is decided whether headsets are connected in use",
    why="A headset that is connected while it is worn makes calls and is managed at any time; one that is not "
    "has to carry everything with it. The whole set-up follows from the answer, so it has no default.",
    how="Every headset of a near-offline deployment has a site (its own, or the deployment's), and every such "
    "site says `connected_in_use`. The statement is about deciding, so the file alone proves it.",
    mend="Ask those who wear the headsets, then write `connected_in_use: true` or `false` at the site.",
    check=_check,
    excused=_excused,
)
