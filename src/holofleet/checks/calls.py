"""What calls run in: our product or the vendor's, an app or the browser."""

from __future__ import annotations

from holofleet.checks.case import Case
from holofleet.checks.rule import NotApplicable

PLAN = "MICROSOFT_REMOTE_ASSIST"
"""The service plan of Dynamics 365 Remote Assist."""


def vendor(case: Case) -> bool:
    """Tell whether calls run in Dynamics 365 Remote Assist."""
    return bool(case.value("assist.product") == "remote-assist")


def ours(case: Case) -> NotApplicable | None:
    """Excuse a deployment whose calls need nothing of the vendor's."""
    if vendor(case):
        return None
    return NotApplicable(
        "calls do not run in Dynamics 365 Remote Assist (assist.product), so nothing of it is needed"
    )


def app(case: Case) -> str:
    """Return the short name of the app that calls run in; empty where that is the browser."""
    if vendor(case):
        return "remote-assist"
    in_app = case.value("assist.runs_in") == "app" or (
        case.value("assist.runs_in") is None and case.value("assist.app") is not None
    )
    return "assist" if in_app else ""
