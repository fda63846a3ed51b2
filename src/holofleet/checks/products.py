"""Products that the accounts of a deployment get, as they are written in the file."""

from __future__ import annotations

from typing import Any

from holofleet.checks.case import Case
from holofleet.spec.model.organization import AssignedLicense

FOR_CALLS = frozenset(
    {
        "MICROSOFT_REMOTE_ASSIST",
        "MICROSOFT_REMOTE_ASSIST_HOLOLENS",
        "INTUNE_A",
        "INTUNE_A_D",
        "AAD_PREMIUM",
        "AAD_PREMIUM_P2",
        "EMS",
        "EMSPREMIUM",
    }
)
"""Products of which nothing goes beyond calls, management and sign-in."""

BEYOND_CALLS = frozenset({"GUIDES_USER"})
"""Products that headsets can use for something else, and that bring neither mail nor files."""


def assigned(case: Case) -> dict[tuple[str | int, ...], AssignedLicense]:
    """Return what accounts of the deployment get, by where the file says it, each entry once."""
    paths = {
        grant.path
        for upn in case.directory.accounts[case.name]
        for grant in case.directory.grants(case.deployment, upn)
    }
    return {path: _entry(case, path) for path in sorted(paths, key=str)}


def _entry(case: Case, path: tuple[str | int, ...]) -> AssignedLicense:
    found: Any = case.spec.model
    for part in path:
        found = found[part] if isinstance(part, int) else getattr(found, part)
    assert isinstance(found, AssignedLicense)
    return found
