"""PREP-23: it is clear how a VPN gets onto the headset."""

from __future__ import annotations

from collections.abc import Iterator

from holofleet.checks import pages, vpn
from holofleet.checks.case import Case
from holofleet.checks.rule import Enforced, Fault, NotApplicable, Rule

_SWITCH = "restrictions.vpn_settings"
_PAGE = "network-vpn"


def _excused(case: Case) -> NotApplicable | None:
    return None if vpn.declared(case) else NotApplicable("there is no VPN (network.vpn)")


def _check(case: Case) -> Iterator[Fault]:
    if vpn.by_hand(case):
        yield from _by_hand(case)
    elif not case.value("network.vpn.servers") and not case.value("network.vpn.profile_file"):
        yield Fault(
            f"the VPN of {case.name} is delivered, and nothing says where it leads",
            case.place("network.vpn"),
            "Write `network: {vpn: {servers: [vpn.contoso.com]}}` or a `profile_file`, or `delivery: user`.",
            "A profile needs a server. Without one there is nothing to deliver.",
        )


def _by_hand(case: Case) -> Iterator[Fault]:
    key = pages.keeps_away(case, _PAGE)
    if key:
        yield Fault(
            f"people of {case.name} set the VPN up themselves, and its settings page is hidden",
            case.place(key),
            f"Show the page `{_PAGE}`, or deliver the VPN by `mdm` or `package`.",
            "Settings is the only place in which a person can add a VPN.",
        )
    if case.value(_SWITCH) is False:
        yield Fault(
            f"people of {case.name} set the VPN up themselves, and may not change VPN settings",
            case.place(_SWITCH),
            f"Write `{_SWITCH}: true`, or deliver the VPN by `mdm` or `package`.",
            "The page opens, and every switch on it is grey.",
        )


RULE = Rule(
    id="PREP-23",
    title="It is clear how a VPN gets onto the headset",
    why="A VPN is typed in by a person or comes as a profile. Both ways exclude what makes the other one safe: "
    "whoever types needs the settings that a managed profile keeps shut.",
    how="`network.vpn.delivery` is `user`, `package` or `mdm` (left out: mdm). With `user` the page "
    "`network-vpn` is shown and `restrictions.vpn_settings` is not false; otherwise the VPN names servers or a "
    "`profile_file`, and `restrictions.vpn_settings: false` keeps it as it was delivered. Headsets have to "
    "report that switch; where their profile came from, they tell as well. Without a VPN the statement does not "
    "apply.",
    mend="Name servers or a profile and let management deliver it, or leave page and settings to people.",
    check=_check,
    nodes=(Enforced("./Device/Vendor/MSFT/Policy/Config/Settings/AllowVPN", (_SWITCH,)),),
    verification="headsets report the VPN profile and who delivered it",
    excused=_excused,
)
