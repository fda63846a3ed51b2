"""App control of a deployment: what it keeps from running, and the node that carries it."""

from __future__ import annotations

from holofleet.checks import apps
from holofleet.checks.case import Case
from holofleet.checks.rule import Enforced

KEYS = ("app_control.deny", "app_control.allow", "app_control.policy_file")
POLICY = Enforced("./Device/Vendor/MSFT/ApplicationControl/Policies/{PolicyGUID}/Policy", KEYS)


def declared(case: Case) -> bool:
    """Tell whether the deployment has app control of any kind."""
    return any(case.value(key) for key in KEYS)


def own_policy(case: Case) -> bool:
    """Tell whether it brings a policy of its own, which nobody here reads."""
    return case.value("app_control.policy_file") is not None


def blocks(case: Case, short: str) -> bool:
    """Tell whether an app, by its short name, cannot run; a policy of one's own is taken to block nothing."""
    allowed = case.value("app_control.allow")
    if allowed:
        return not apps.named(allowed, short)
    return apps.named(case.value("app_control.deny"), short)
