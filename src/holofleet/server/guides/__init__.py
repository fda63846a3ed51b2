"""Where the fleet stands on the statements of the guides, worked out of what was published and reported.

What lives here: the one place of the server that knows the fleet file and the rules (``judging.py``), the values
that pages show (``views.py``), and the service that decides when to judge again (``service.py``). What does not:
rules (:mod:`holofleet.checks`) and what a headset's settings are worth one by one (``server/compliance``). Nobody
else in the server imports the fleet file: whoever is asked for its standing asks this room. Start reading at
``service.py``.
"""

from holofleet.server.guides.service import GuideService
from holofleet.server.guides.store import Alike, Evidence, GuideStore, Turn
from holofleet.server.guides.views import (
    WORDS,
    Board,
    Cell,
    Fault,
    GuideBar,
    Place,
    Statement,
)

__all__ = [
    "WORDS",
    "Alike",
    "Board",
    "Cell",
    "Evidence",
    "Fault",
    "GuideBar",
    "GuideService",
    "GuideStore",
    "Place",
    "Statement",
    "Turn",
]
