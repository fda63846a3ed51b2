"""What keeps people from what a headset has: a kiosk that holds them, and app control."""

from __future__ import annotations

from holofleet.checks.case import Case
from holofleet.checks.rule import Enforced

CONTROL_KEYS = ("app_control.deny", "app_control.allow", "app_control.policy_file", "app_control.policies")
KIOSK_NODE = Enforced("./Device/Vendor/MSFT/AssignedAccess/Configuration", ("kiosk.apps", "kiosk.profiles"))
CONTROL_NODE = Enforced("./Device/Vendor/MSFT/ApplicationControl/Policies/{PolicyGUID}/Policy", CONTROL_KEYS)


def has_kiosk(case: Case) -> bool:
    """Tell whether a kiosk holds the headset's account: one for everyone, or for a group or person."""
    if case.value("kiosk.for") == "everyone" and case.value("kiosk.apps"):
        return True
    return any(not profile.visitors for profile in case.value("kiosk.profiles") or ())


def has_app_control(case: Case) -> bool:
    """Tell whether app control of any kind is asked for."""
    return any(case.value(key) for key in CONTROL_KEYS)
