"""EXT-32: people can join the guest network of the client."""

from __future__ import annotations

from collections.abc import Iterator

from holofleet.checks.case import Case
from holofleet.checks.rule import Enforced, Fault, Rule

_MANUAL = "network.wifi.manual"
_PORTAL = "network.wifi.captive_portal_before_sign_in"
_POLICY = "./Device/Vendor/MSFT/Policy/Config/"


def _check(case: Case) -> Iterator[Fault]:
    for key, what in ((_MANUAL, "join a network by themselves"), (_PORTAL, "pass a portal page before sign-in")):
        if case.value(key) is not True:
            yield Fault(
                f"people of {case.name} cannot {what}",
                case.place(key),
                f"Write `network: {{wifi: {{{key.rpartition('.')[2]}: true}}}}`.",
                "Guest networks of clients are not known beforehand, and many of them open a page first.",
            )


RULE = Rule(
    id="EXT-32",
    title="People can join the guest network of the client",
    why="The network at the client is not yours. Only people there can pick it, and only if the headset lets "
    "them.",
    how="`network.wifi.manual` and `network.wifi.captive_portal_before_sign_in` are true, and headsets have to "
    "report both. The pages that it takes stand in EXT-31. A network that the file does not know is reported, "
    "never blocked.",
    mend="Write `network: {wifi: {manual: true, captive_portal_before_sign_in: true}}`.",
    check=_check,
    nodes=(
        Enforced(_POLICY + "Wifi/AllowManualWiFiConfiguration", (_MANUAL,)),
        Enforced(_POLICY + "MixedReality/AllowCaptivePortalBeforeLogon", (_PORTAL,)),
    ),
)
