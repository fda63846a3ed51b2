"""OFF-02: cloud services stay usable on a restricted network, and not without any."""

from __future__ import annotations

from collections.abc import Iterator

from holofleet.checks.case import Case
from holofleet.checks.rule import Fault, Rule


def _counted_on(case: Case) -> list[str]:
    """Return what the deployment uses that needs a network now and then."""
    ways = (
        (case.value("enrollment.join") != "package", "enrollment"),
        (case.value("reconnect.rule") is not None, "visits to the network"),
        (case.value("updates.automatic") != "off", "Windows Update"),
    )
    return [what for used, what in ways if used]


def _check(case: Case) -> Iterator[Fault]:
    used = _counted_on(case)
    if not used:
        return
    for index, site in case.sites:
        if site.connectivity == "offline":
            yield Fault(
                f"site {site.name} is offline for good, and {case.name} counts on {', '.join(used)}",
                case.at("sites", index, "connectivity"),
                "Write `connectivity: near-offline` if headsets meet a network now and then.",
                "The guide keeps sign-in, management and updates usable because headsets come back to a network. "
                "A headset that never does gets none of them.",
                subject=f"site:{site.name}",
            )


RULE = Rule(
    id="OFF-02",
    title="Cloud services are counted on only where headsets meet a network",
    why="Entra ID, management, Windows Update and several users with iris work for headsets that come back to a "
    "network. Without any network they do not work at all, and nothing on the headset says why.",
    how="No site of the deployment is `offline` while the deployment counts on a network: a join other than "
    "`package`, a `reconnect.rule`, or system updates. A site that has no network of its own, but whose headsets "
    "visit one, is `near-offline` with `connected_in_use: false`.",
    mend="Write `connectivity: near-offline` for headsets that visit a network. For headsets that never do, set "
    "them up by a package, take out `reconnect` and write `updates: {automatic: off}`.",
    check=_check,
)
