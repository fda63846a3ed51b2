"""Visits: when headsets of a site come back to the network, who came, and what the next visit takes.

What lives here: windows counted from a deployment's rule (``windows.py``, pure), and the service that lays beside
them who came (``service.py``). What does not: who is late (``server/fleet/lateness.py``), which every list of
headsets needs. Start reading at ``windows.py``.
"""

from holofleet.server.visits.service import VisitService
from holofleet.server.visits.store import PlaceCount, Visitor, VisitorPage, VisitStore
from holofleet.server.visits.windows import MONTHS, Window, rule_in_words, window_of, windows

__all__ = [
    "MONTHS",
    "PlaceCount",
    "VisitService",
    "VisitStore",
    "Visitor",
    "VisitorPage",
    "Window",
    "rule_in_words",
    "window_of",
    "windows",
]
