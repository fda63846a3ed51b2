"""The services of this room, as one value."""

from __future__ import annotations

from dataclasses import dataclass

from holofleet.server.approvals.bulk import BulkService
from holofleet.server.approvals.service import ApprovalService


@dataclass(frozen=True, slots=True)
class ApprovalRooms:
    """``requests``: asking, deciding, carrying out. ``bulk``: orders to several headsets, or a request."""

    requests: ApprovalService
    bulk: BulkService
