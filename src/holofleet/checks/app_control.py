"""What app control keeps from running; whether there is any stands in :mod:`holofleet.checks.lockdown`."""

from __future__ import annotations

from holofleet.checks import apps
from holofleet.checks.case import Case


def own_policy(case: Case) -> bool:
    """Tell whether the deployment brings only policies of its own; what they deny is not looked at here."""
    if case.value("app_control.deny") or case.value("app_control.allow"):
        return False
    return any(case.value(key) for key in ("app_control.policy_file", "app_control.policies"))


def blocks(case: Case, short: str) -> bool:
    """Tell whether an app, by its short name, cannot run; a policy of one's own is taken to block nothing."""
    if apps.named(case.value("app_control.deny"), short):
        return True
    allowed = case.value("app_control.allow")
    return bool(allowed) and not apps.named(allowed, short)
