"""The port through which loans are kept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from holofleet.server.audit import AuditRecord
from holofleet.server.authorization import Scope
from holofleet.server.loans.values import Act, HeadsetFact, Loan, NewAct


class LoanStore(Protocol):
    """Keeps loans and their acts. Each call is one transaction; changes carry their audit record."""

    def loans(self, scope: Scope) -> Sequence[Loan]:
        """Return loans to the clients in ``scope`` that the file has or that have acts, by shipping day."""
        ...

    def loan(self, scope: Scope, key: str) -> Loan | None:
        """Return a loan by id or name, inside ``scope``."""
        ...

    def loans_of(self, serials: Iterable[str]) -> Sequence[Loan]:
        """Return every loan of some headsets, to whatever client: the gate must know them all."""
        ...

    def acts(self, loans: Iterable[str]) -> Sequence[Act]:
        """Return the acts of loans, by number."""
        ...

    def facts(self, serials: Iterable[str]) -> Mapping[str, HeadsetFact]:
        """Return what the server knows of headsets, whoever's they are."""
        ...

    def append(self, loan: Loan, acts: Sequence[NewAct], *, audit: AuditRecord) -> None:
        """Record acts, all or none.

        Raises:
            ConflictError: somebody else recorded something about the loan since it was read.
        """
        ...
