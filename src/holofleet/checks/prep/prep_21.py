"""PREP-21: the network follows the lists for calls."""

from __future__ import annotations

from collections.abc import Iterator

from holofleet import catalog
from holofleet.checks import call_sites, calls, firewalls
from holofleet.checks.case import Case
from holofleet.checks.rule import Fault, Rule
from holofleet.spec.model.site import Site

_TASK = "remote-assist"


def _check(case: Case) -> Iterator[Fault]:
    for index, site in call_sites.calling(case):
        if site.network.first_wifi != "ethernet":
            yield from _radio(case, index, site)
        yield from _endpoints(case, index, site)


def _radio(case: Case, index: int, site: Site) -> Iterator[Fault]:
    bands = site.network.bands
    if bands != ("5GHz",):
        yield Fault(
            f"Wi-Fi of site {site.name} " + (f"uses {' and '.join(bands)}" if bands else "does not say its bands"),
            case.at("sites", index, "network", "bands"),
            "Give headsets 5 GHz only, and write `bands: [5GHz]`.",
            "At 2.4 GHz, neighbors and Bluetooth share a few channels; calls suffer from it first.",
            subject=f"site:{site.name}",
        )
    if site.network.dedicated_ssid is not True:
        yield Fault(
            f"headsets at site {site.name} are not said to have a network name of their own",
            case.at("sites", index, "network", "dedicated_ssid"),
            "Give headsets a network name of their own, and write `dedicated_ssid: true`.",
            "Under a name of its own, the traffic of headsets can be put first and looked at by itself.",
            subject=f"site:{site.name}",
        )


def _endpoints(case: Case, index: int, site: Site) -> Iterator[Fault]:
    firewall = site.network.firewall
    if firewall is None or firewall.filter == "none" or not calls.vendor(case):
        return
    missing = firewalls.missing(firewall, catalog.endpoints().tasks[_TASK])
    if missing:
        yield Fault(
            f"the firewall of site {site.name} does not open what Remote Assist needs: {', '.join(missing)}",
            firewalls.place(case, index),
            f"Add {', '.join(f'`{group}`' for group in missing)} to `firewall.open`.",
            "Without all of them people can sign in and not call, or call and see no picture.",
            subject=f"site:{site.name}",
        )


RULE = Rule(
    id="PREP-21",
    title="The network follows the lists for calls",
    why="The vendor publishes which hosts calls need and how Wi-Fi is best laid out for them. A network that was "
    "made for mail does badly with calls from people who walk around.",
    how="Each site whose headsets are connected while they are worn says `bands: [5GHz]` and `dedicated_ssid: "
    "true`; wired sites (`first_wifi: ethernet`) need neither. Where its firewall filters and `assist.product` is "
    "`remote-assist`, `firewall.open` names every endpoint group of calls in it. What our own product needs are "
    "hosts of yours, which OFF-40 asks for. The band in use and whether hosts answer, headsets and a probe tell.",
    mend="Give headsets a 5 GHz network of their own, and open the endpoint groups.",
    check=_check,
    verification="headsets report network name and band, and a probe from each site reaches the endpoints",
    excused=call_sites.no_calls,
)
