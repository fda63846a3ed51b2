"""Custody in the database: records, badges, codes, PINs, paired browsers, owners of secrets.

Start reading at ``records.py``; what ends when somebody leaves stands in ``leaving.py``.
"""

from holofleet.storage.custody.happenings import StoredAuditOfHeadset, StoredEvents, StoredOrders
from holofleet.storage.custody.pairings import StoredPairings
from holofleet.storage.custody.pins import StoredPins
from holofleet.storage.custody.records import StoredCustody
from holofleet.storage.custody.secrets import StoredSecrets

__all__ = [
    "StoredAuditOfHeadset",
    "StoredCustody",
    "StoredEvents",
    "StoredOrders",
    "StoredPairings",
    "StoredPins",
    "StoredSecrets",
]
