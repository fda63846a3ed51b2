"""From settings documents to the profiles that Intune takes: pure, no request leaves from here.

Start reading at ``profiles.py``. ``oma.py`` makes one custom setting of one node; ``ring.py`` lifts update
policies into the native update ring; ``variables.py`` turns variables of the waist into Intune's.
What does not live here: identities, assignments and requests (:mod:`holofleet.targets.graph.kinds`).
"""

from holofleet.targets.graph.lowering.profiles import Profile, Theme, lower
from holofleet.targets.graph.lowering.variables import UnloweredError

__all__ = ["Profile", "Theme", "UnloweredError", "lower"]
