"""Assigned access (kiosk) of HoloLens 2: ``./Device/Vendor/MSFT/AssignedAccess/Configuration``.

What lives here: the values of a kiosk (:mod:`.model`), what they must obey beyond the schema (:mod:`.rules`), the
writer (:mod:`.render`) and the reader (:mod:`.reader`). What does not: which kiosk a deployment gets. Only what
HoloLens documents is modelled: store apps by AUMID, the global profile with the exclusion of device owners,
Entra users and groups, visitors.

Source: 'Assigned Access XML schema definition' and 'Set up HoloLens as a kiosk' (Microsoft).
"""

from holofleet.formats.assigned_access.model import (
    App,
    Assignment,
    Configuration,
    MultiApp,
    Principal,
    PrincipalKind,
    Profile,
    SingleApp,
)
from holofleet.formats.assigned_access.reader import AssignedAccessError, parse
from holofleet.formats.assigned_access.render import render
from holofleet.formats.assigned_access.rules import faults

__all__ = [
    "App",
    "AssignedAccessError",
    "Assignment",
    "Configuration",
    "MultiApp",
    "Principal",
    "PrincipalKind",
    "Profile",
    "SingleApp",
    "faults",
    "parse",
    "render",
]
