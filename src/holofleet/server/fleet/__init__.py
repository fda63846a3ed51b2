"""The fleet as it was published, and as it is: publications, overview, headsets, drift.

What lives here: taking a State over (``publication.py``, pure, and ``service.py``), the calendar that says who is
late, and the values that console, API and command line show (``views.py``). What does not: sessions, and the fleet
file, which the server only keeps as text. Removing a headset from a State never wipes it. Start reading at
``service.py``.
"""

from holofleet.server.fleet.decisions import Decided, DecisionService
from holofleet.server.fleet.publication import Publication, Told
from holofleet.server.fleet.service import FleetService
from holofleet.server.fleet.views import (
    DeploymentCount,
    DriftItem,
    EnrollmentView,
    HeadsetDetail,
    HeadsetQuery,
    HeadsetSummary,
    Overview,
    Page,
    SettingView,
)

__all__ = [
    "Decided",
    "DecisionService",
    "DeploymentCount",
    "DriftItem",
    "EnrollmentView",
    "FleetService",
    "HeadsetDetail",
    "HeadsetQuery",
    "HeadsetSummary",
    "Overview",
    "Page",
    "Publication",
    "SettingView",
    "Told",
]
