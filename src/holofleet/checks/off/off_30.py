"""OFF-30: the endpoints of Intune are open where Intune is used."""

from __future__ import annotations

from holofleet.checks import endpoint_groups
from holofleet.checks.case import Case
from holofleet.checks.rule import NotApplicable

_GROUP = "intune-mdm"


def _unused(case: Case) -> NotApplicable | None:
    if case.target == "server":
        return NotApplicable("Intune is not used: our own server manages these headsets")
    closed = {
        item.group for site in case.sites if site[1].network.firewall for item in site[1].network.firewall.closed
    }
    if case.target == "files" and _GROUP in closed:
        return NotApplicable("Intune is not used: the firewall closes its endpoints and says why")
    return None


RULE = endpoint_groups.rule(
    "OFF-30",
    title="The endpoints of Intune are open where Intune is used",
    why="A headset enrolls, gets its settings and reports through these endpoints. Where they are closed it joins "
    "the directory and stays without management.",
    lost="Headsets cannot enroll in Intune, get no settings from it and report nothing.",
    unless="It may stay closed where Intune is not used: on our own server the statement does not apply; where "
    "settings are only written to files, naming the group under `closed` with the reason says so. Where we "
    "deliver through Intune, a reason does not help.",
    unused=_unused,
)
