"""The port of this room. Every change writes its audit record and its event in its transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from holofleet.server.approvals.values import Approval, Proposal, Status
from holofleet.server.audit import AuditRecord
from holofleet.server.authorization import Principal, Scope


class ApprovalStore(Protocol):
    """Requests for a second person."""

    def add(self, approval: Approval, proposal: Proposal | None, audit: AuditRecord, /) -> None:
        """Store a new request with its exact list, or with what it would publish.

        Raises:
            ConflictError: a headset of the list is not of that client.
        """
        ...

    def approval(self, scope: Scope, approval_id: str, /) -> Approval | None:
        """Return a request with its list and plan (unscoped: the service decides on its client)."""
        ...

    def listed(self, scope: Scope, /, *, plans: bool, limit: int) -> Sequence[Approval]:
        """Return the newest requests in scope, without lists and plans; proposals only where ``plans`` says so."""
        ...

    def proposal(self, approval_id: str, /) -> Proposal | None:
        """Return what a proposal would publish, while it can still be carried out."""
        ...

    def decide(
        self,
        before: Approval,
        to: Status,
        principal: Principal,
        person: str,
        reason: str,
        /,
        *,
        at: datetime,
        expires_at: datetime,
        audit: AuditRecord,
    ) -> Approval:
        """Approve or refuse a request that still stands as ``before`` does.

        Raises:
            ConflictError: somebody decided in between.
        """
        ...

    def done(self, approval: Approval, actor: str, /, *, at: datetime, audit: AuditRecord) -> None:
        """Mark an approved proposal as carried out.

        Raises:
            ConflictError: it was closed in between.
        """
        ...
