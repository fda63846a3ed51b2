"""PREP-22: a VPN where people reach company resources from outside, and only there."""

from __future__ import annotations

from collections.abc import Iterator

from holofleet.checks import vpn
from holofleet.checks.case import Case
from holofleet.checks.rule import Fault, Rule

_RESOURCES = "network.internal_resources"


def _check(case: Case) -> Iterator[Fault]:
    resources = case.value(_RESOURCES)
    if resources and not vpn.declared(case):
        yield Fault(
            f"people of {case.name} are to reach {resources[0]} from outside, and there is no VPN",
            case.place(_RESOURCES),
            "Declare one under `network: {vpn: {name: contoso-vpn, servers: [vpn.contoso.com]}}`, or take the "
            "resources out.",
            "A headset outside of the company's network reaches nothing inside of it without a VPN.",
        )
    client = case.deployment.client
    if client != "own" and vpn.declared(case):
        yield Fault(
            f"headsets of {case.name} are for {client} and have a VPN into your network",
            case.place("network.vpn"),
            "Write `network: {vpn: none}`.",
            "Calls need no VPN. With one, people of another organization are inside of your network.",
        )


RULE = Rule(
    id="PREP-22",
    title="A VPN where company resources are reached from outside, and only there",
    why="Calls, sign-in and management need no VPN. One that is not needed is a way into the company's network "
    "and one more thing that fails.",
    how="Where `network.internal_resources` names something, `network.vpn` declares a VPN; a deployment for a "
    "client declares none. A VPN of your own people without resources in the file is in order. That is decided in "
    "the file alone; how the VPN reaches headsets is judged by PREP-23.",
    mend="Declare a VPN for what people reach from outside; at clients write `network: {vpn: none}`.",
    check=_check,
)
