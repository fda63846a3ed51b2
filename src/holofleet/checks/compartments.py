"""Clients beside one another in one tenant, and what keeps them apart."""

from __future__ import annotations

from holofleet.checks.case import Case
from holofleet.checks.rule import NotApplicable


def clients(case: Case) -> tuple[str, ...]:
    """Return the clients that have headsets in this file, in order."""
    found = {item.client for item in case.spec.deployments() if item.client != "own"}
    found |= {loan.client for loan in case.spec.model.loans}
    return tuple(sorted(found))


def alone(case: Case) -> NotApplicable | None:
    """Excuse a fleet with fewer than two clients: there is nobody to be found."""
    if len(clients(case)) > 1:
        return None
    return NotApplicable("the fleet has one client at most, so there is no other one to be found")


def attested(case: Case, *rules: str) -> bool:
    """Tell whether somebody vouches today for one of the statements, for this deployment."""
    return any(
        item.rule in rules and item.deployment in (None, case.name) and item.on <= case.today <= item.until
        for item in case.spec.model.attestations
    )
