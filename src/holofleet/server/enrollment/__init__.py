"""The on-premise door: discovery, certificate policy, and issuing an identity to a headset.

What lives here: what is answered, who gets a certificate and what goes with it, as decisions over values. What
does not: SOAP (:mod:`holofleet.protocols.mde2`), HTTP (:mod:`holofleet.web`), and which headset it is: the request
proves nothing about that; it is read over DM later (:mod:`holofleet.server.management`). Start reading at
``service.py``; the rules of issuing stand in ``issuing.py``.
"""

from holofleet.server.enrollment.fault import EnrollmentFaultError
from holofleet.server.enrollment.issuing import Claim, Earlier, Issue, Situation
from holofleet.server.enrollment.service import PROVIDER_ID, EnrollmentService
from holofleet.server.enrollment.store import Decide, IssuingStore

__all__ = [
    "PROVIDER_ID",
    "Claim",
    "Decide",
    "Earlier",
    "EnrollmentFaultError",
    "EnrollmentService",
    "Issue",
    "IssuingStore",
    "Situation",
]
