"""Autopilot: registrations of headsets, and the profiles that they are set up by.

Start reading at ``registrations.py``; ``imports.py`` is the slow part of it.
"""

from holofleet.targets.graph.kinds.autopilot.profiles import AutopilotProfiles
from holofleet.targets.graph.kinds.autopilot.registrations import Registrations

__all__ = ["AutopilotProfiles", "Registrations"]
