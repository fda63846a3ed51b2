"""Loans: headsets at a client for some time, and what has to be done before they go to the next one.

What lives here: loans as the fleet file plans them, what was done about each headset, the stage that follows, and
the gate before shipping. What does not: the rules of the external-clients guide about the fleet file itself (they
are checks), and resetting passwords or wiping (done elsewhere; here is the proof of it). Start reading at
``values.py``, then ``gate.py``.
"""

from holofleet.server.loans.gate import checklist
from holofleet.server.loans.published import PublishedLoan, published_loans
from holofleet.server.loans.service import LoanService
from holofleet.server.loans.store import LoanStore
from holofleet.server.loans.values import (
    Act,
    ActKind,
    EnrollmentFact,
    HeadsetFact,
    HeadsetOnLoan,
    Line,
    LineState,
    Loan,
    LoanStatus,
    NewAct,
    Stage,
)

__all__ = [
    "Act",
    "ActKind",
    "EnrollmentFact",
    "HeadsetFact",
    "HeadsetOnLoan",
    "Line",
    "LineState",
    "Loan",
    "LoanService",
    "LoanStatus",
    "LoanStore",
    "NewAct",
    "PublishedLoan",
    "Stage",
    "checklist",
    "published_loans",
]
