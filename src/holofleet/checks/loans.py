"""Loans of a deployment's headsets to clients, as of a day."""

from __future__ import annotations

from datetime import date

from holofleet.checks.case import Case
from holofleet.spec.model.headset import Loan


def of(case: Case) -> tuple[tuple[int, Loan], ...]:
    """Return the loans of at least one of its headsets, each with its index, in the order of shipping."""
    serials = {headset.serial for headset in case.deployment.headsets}
    found = [
        (index, loan) for index, loan in enumerate(case.spec.model.loans) if not serials.isdisjoint(loan.headsets)
    ]
    return tuple(sorted(found, key=lambda item: (item[1].ships, item[0])))


def away(loan: Loan, today: date) -> bool:
    """Tell whether the headsets have left and are not back."""
    return loan.ships <= today and (loan.returned is None or loan.returned > today)


def name(loan: Loan) -> str:
    """Name a loan in a sentence."""
    return f"the loan to {loan.client} from {loan.ships}"
