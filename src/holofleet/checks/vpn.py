"""A VPN of a deployment: whether there is one, and who puts it onto the headset."""

from __future__ import annotations

from holofleet.checks.case import Case


def declared(case: Case) -> bool:
    """Tell whether the file describes a VPN; `none`, or nothing below the key, describes none."""
    return any(case.value(f"network.vpn.{key}") for key in ("name", "servers", "profile_file", "delivery"))


def by_hand(case: Case) -> bool:
    """Tell whether people set it up in Settings."""
    return bool(case.value("network.vpn.delivery") == "user")
