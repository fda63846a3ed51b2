"""Calls in the database: the rules that decide about them, and what became of them.

What lives here: implementations of the ports of :mod:`holofleet.server.assist`. Start reading at ``policy.py`` for
the rules, at ``calls.py`` for calls.
"""

from holofleet.storage.assist.bell import DatabaseBell
from holofleet.storage.assist.calls import StoredCalls
from holofleet.storage.assist.guests import StoredGuests
from holofleet.storage.assist.happenings import StoredCallHappenings
from holofleet.storage.assist.left import StoredLeft
from holofleet.storage.assist.left_waiting import StoredWaiting
from holofleet.storage.assist.parties import StoredParties
from holofleet.storage.assist.policy import StoredCallPolicy
from holofleet.storage.assist.presence import StoredPresence
from holofleet.storage.assist.quality import StoredQuality
from holofleet.storage.assist.recordings import StoredRecordings
from holofleet.storage.assist.records import StoredRecords

__all__ = [
    "DatabaseBell",
    "StoredCallHappenings",
    "StoredCallPolicy",
    "StoredCalls",
    "StoredGuests",
    "StoredLeft",
    "StoredParties",
    "StoredPresence",
    "StoredQuality",
    "StoredRecordings",
    "StoredRecords",
    "StoredWaiting",
]
