"""The second person: what one person may not do alone waits here for another (SECURITY WIPE-2, AUTHZ-3, D8).

What lives here: requests to wipe or unenroll more headsets than one person may (``bulk.py`` makes them, and gives
the orders that need nobody), proposals of plans, and how both are approved, refused and carried out
(``service.py``). What does not: the limits themselves (``server/orders/limits.py``), giving an order
(``server/orders``) and publishing (``server/fleet``). Start reading at ``values.py``.
"""

from holofleet.server.approvals.bulk import BulkOrders, BulkService, LeftOut, Preview
from holofleet.server.approvals.rooms import ApprovalRooms
from holofleet.server.approvals.service import ApprovalService, CarriedOut
from holofleet.server.approvals.store import ApprovalStore
from holofleet.server.approvals.values import Approval, Asked, Proposal, Status, Subject

__all__ = [
    "Approval",
    "ApprovalRooms",
    "ApprovalService",
    "ApprovalStore",
    "Asked",
    "BulkOrders",
    "BulkService",
    "CarriedOut",
    "LeftOut",
    "Preview",
    "Proposal",
    "Status",
    "Subject",
]
