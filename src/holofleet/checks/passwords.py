"""How long passwords of headset accounts live."""

from __future__ import annotations

from holofleet.checks.case import Case
from holofleet.checks.rule import NotApplicable

KEY = "accounts.password.expires_after_days"
RESET = "accounts.password.reset"


def never_expires(case: Case) -> bool:
    """Tell whether passwords never expire."""
    return bool(case.value(KEY) == "never")


def days(case: Case) -> int | None:
    """Return after how many days a password expires; ``None`` where it never does, or nobody says it."""
    value = case.value(KEY)
    return value if isinstance(value, int) else None


def expires(case: Case) -> NotApplicable | None:
    """Excuse a deployment whose passwords expire, or of which the file does not say otherwise."""
    if never_expires(case):
        return None
    return NotApplicable(f"passwords are not said to live for ever ({KEY})")


def without_days(case: Case) -> NotApplicable | None:
    """Excuse a deployment of which the file names no days."""
    if never_expires(case):
        return NotApplicable(f"passwords never expire ({KEY})")
    if days(case) is None:
        return NotApplicable(
            f"the file does not say when passwords expire ({KEY}), so that the domain's rule holds"
        )
    return None


def not_on_return(case: Case) -> NotApplicable | None:
    """Excuse a deployment whose headsets do not come back to have an expiring password changed."""
    if case.value(RESET) != "on-return":
        return NotApplicable(f"headsets do not come back to have the password changed ({RESET})")
    return without_days(case)
