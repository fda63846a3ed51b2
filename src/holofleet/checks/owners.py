"""Who becomes owner of a headset: the account that joins it, or whoever is named."""

from __future__ import annotations

from typing import Any

from holofleet.checks.case import Case


def first_account(case: Case) -> Any:
    """Return the account that signs in first, or ``None`` where none is named."""
    account = case.value("enrollment.first_account")
    return None if account == "none" else account


def without_person(case: Case) -> bool:
    """Tell whether a headset joins without anybody's account: by Autopilot or by a package."""
    if first_account(case) is not None:
        return False
    return case.value("enrollment.autopilot") is not None or case.value("enrollment.join") == "package"


def lent(case: Case, upn: str) -> bool:
    """Tell whether an account is one with which people at the client sign in."""
    return upn in case.directory.accounts[case.name]
