"""Loans of a published State."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from holofleet.resources import Loan, State

DECLARED = ("returned", "password_reset", "wiped", "test_call")


@dataclass(frozen=True, slots=True)
class PublishedLoan:
    """A loan that the fleet file names; ``declared`` as ISO days."""

    name: str
    client: str
    site: str
    serials: tuple[str, ...]
    ships: date
    returns: date | None
    declared: tuple[tuple[str, str], ...]


def published_loans(state: State) -> tuple[PublishedLoan, ...]:
    """Return the loans of a State; pure."""
    return tuple(
        PublishedLoan(
            name=loan.name,
            client=loan.client,
            site=loan.site,
            serials=loan.serials,
            ships=loan.ships,
            returns=loan.returns,
            declared=tuple((key, day.isoformat()) for key in DECLARED if (day := getattr(loan, key)) is not None),
        )
        for loan in state.of_kind(Loan).values()
    )
