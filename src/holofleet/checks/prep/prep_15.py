"""PREP-15: a new headset finds a network that it can join."""

from __future__ import annotations

from collections.abc import Iterator

from holofleet.checks.case import Case
from holofleet.checks.rule import Enforced, Fault, Rule
from holofleet.spec.model.site import Site


def _networked(case: Case) -> list[tuple[int, Site]]:
    return [(index, site) for index, site in case.sites if site.connectivity != "offline"]


def _check(case: Case) -> Iterator[Fault]:
    sites = _networked(case)
    for index, site in sites:
        first = site.network.first_wifi
        if first is None:
            yield Fault(
                f"site {site.name} does not say which network a new headset meets first",
                case.at("sites", index, "network"),
                "Write `network: {first_wifi: open}`, or psk, captive-portal or ethernet.",
                "Setting up begins with a network. Whoever unpacks a headset where none fits stops there.",
                subject=f"site:{site.name}",
            )
        elif first == "enterprise":
            yield Fault(
                f"the first network of site {site.name} is an enterprise one, which a new headset cannot join",
                case.at("sites", index, "network", "first_wifi"),
                "Offer an open network or one with a key for setting up, and write it in `first_wifi`.",
                "802.1X asks for a certificate or a profile that a headset gets only once it is managed.",
                subject=f"site:{site.name}",
            )
    wired = bool(sites) and all(site.network.first_wifi == "ethernet" for _, site in sites)
    if case.value("network.wifi.radio") is False and not wired:
        yield Fault(
            f"Wi-Fi of {case.name} is off, and its headsets are not wired",
            case.place("network.wifi.radio"),
            "Write `network: {wifi: {radio: true}}`.",
            "The headset reaches the Internet by the Wi-Fi that is there, and by nothing else.",
        )


RULE = Rule(
    id="PREP-15",
    title="A new headset finds a network that it can join",
    why="The guide expects headsets to use whatever open Wi-Fi a place offers. A headset knows no network when "
    "it is unpacked; one that asks for more than a key or a click keeps it from being set up at all.",
    how="Every site of the deployment that has a network says `first_wifi`: open, psk, captive-portal or "
    "ethernet. An enterprise network (802.1X) may come later, never first. Wi-Fi is on, unless every site is "
    "wired. Headsets have to report Wi-Fi as on, and which network they are on they tell at check-ins. The guide "
    "words this as an expectation; the fleet file has to say it, because the first headset finds out otherwise.",
    mend="Write `first_wifi` for each site, and offer a plain network for setting up.",
    check=_check,
    nodes=(Enforced("./Device/Vendor/MSFT/Policy/Config/Wifi/AllowWiFi", ("network.wifi.radio",)),),
    verification="headsets report the network that they are connected to",
)
