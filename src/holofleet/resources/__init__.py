"""The waist: the nouns that both halves share, with stable addresses.

What lives here: settings and settings documents, headsets, deployments, clients, users, groups, licenses, and
the :class:`State` that holds them, with its one JSON form. What does not: the fleet file (the upper half
compiles it *into* a State), protocols and databases (the lower half moves a State to headsets). Values only:
no input or output. Start reading at ``state.py``.
"""

from holofleet.resources.address import Address
from holofleet.resources.document import Document, Format, Setting, normal_uri
from holofleet.resources.nouns import (
    Client,
    Deployment,
    File,
    Group,
    Headset,
    LicensePool,
    PollSchedule,
    Reconnect,
    Resource,
    Site,
    User,
)
from holofleet.resources.state import KINDS, Origin, State, Undelivered

__all__ = [
    "KINDS",
    "Address",
    "Client",
    "Deployment",
    "Document",
    "File",
    "Format",
    "Group",
    "Headset",
    "LicensePool",
    "Origin",
    "PollSchedule",
    "Reconnect",
    "Resource",
    "Setting",
    "Site",
    "State",
    "Undelivered",
    "User",
    "normal_uri",
]
