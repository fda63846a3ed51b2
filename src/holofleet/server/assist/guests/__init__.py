"""Guests in calls: people without an account, who come by a one-time link and wait until they are let in.

What lives here: who makes a link and takes it back (``links.py``), what a guest's browser proves (``door.py``),
and the lobby before a call (``lobby.py``). What does not: whether guests are allowed at all
(:mod:`holofleet.server.assist.policy`), what a guest may do once inside (``calls.py`` and ``talk.py`` next door),
and the page (:mod:`holofleet.web.assist`). Start reading at ``values.py``.
"""

from holofleet.server.assist.guests.door import GuestDoor, OpenedLink
from holofleet.server.assist.guests.links import GuestLinks
from holofleet.server.assist.guests.lobby import GuestLobby
from holofleet.server.assist.guests.store import GuestStore
from holofleet.server.assist.guests.values import KEPT, LONGEST, USUAL, GuestLink, LinkState, MadeLink

__all__ = [
    "KEPT",
    "LONGEST",
    "USUAL",
    "GuestDoor",
    "GuestLink",
    "GuestLinks",
    "GuestLobby",
    "GuestStore",
    "LinkState",
    "MadeLink",
    "OpenedLink",
]
