"""EXT-10: whoever wears the headset is online while calling."""

from __future__ import annotations

from collections.abc import Iterator

from holofleet.checks.case import Case
from holofleet.checks.rule import Enforced, Fault, Rule

_DETAIL = "The client borrows the headset to call your experts; without a network it does nothing."


def _check(case: Case) -> Iterator[Fault]:
    for index, site in case.sites:
        if site.connectivity == "offline":
            key = "connectivity"
        elif site.connected_in_use is False:
            key = "connected_in_use"
        else:
            continue
        yield Fault(
            f"headsets of {case.name} are used at {site.name}, where they are not online",
            case.at("sites", index, key),
            "Connect the site and write `connectivity: online` and `connected_in_use: true`, or use another one.",
            _DETAIL,
            subject=f"site:{site.name}",
        )
    if case.value("network.wifi.radio") is False and not _wired(case):
        yield Fault(
            f"Wi-Fi of {case.name} is off",
            case.place("network.wifi.radio"),
            "Write `network: {wifi: {radio: true}}`.",
            _DETAIL,
        )


def _wired(case: Case) -> bool:
    return bool(case.sites) and all(site.network.first_wifi == "ethernet" for _, site in case.sites)


RULE = Rule(
    id="EXT-10",
    title="Whoever wears the headset is online while calling",
    why="A call needs the network for as long as it lasts. A site that is fine for a visit once a month is not "
    "fine for calling.",
    how="No site of the deployment is `offline` or says `connected_in_use: false`; Wi-Fi is on unless every "
    "site is wired (`first_wifi: ethernet`). A near-offline site is in order where headsets are connected while "
    "they are worn. Headsets have to report Wi-Fi as on; whether they are online in a call, calls tell.",
    mend="Plan calls at a connected site, and leave `network.wifi.radio` on.",
    check=_check,
    nodes=(Enforced("./Device/Vendor/MSFT/Policy/Config/Wifi/AllowWiFi", ("network.wifi.radio",)),),
    verification="headsets are online during calls",
)
