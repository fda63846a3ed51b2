"""Custody: who has which headset, how that is known, and who had it when.

What lives here: records of headsets going out and in, at the desk (``desk.py``, put right in ``corrections.py``)
and on the headset; badges, codes and PINs that prove who takes one; who owns the secrets of shared accounts; and
the search over everything that happened with a headset. What does not: who there is
(:mod:`holofleet.server.directory`), signing in to the console, and marking a headset lost so that it is wiped
(:mod:`holofleet.server.fleet`). Start reading at ``values.py``, then ``desk.py``.
"""

from holofleet.server.custody.at_headset import Invitation, KioskService, ShownCode
from holofleet.server.custody.badges import BadgeService
from holofleet.server.custody.corrections import CorrectionService
from holofleet.server.custody.desk import CustodyService
from holofleet.server.custody.happenings import Happening, HappeningsStore, Source, Story, StoryService
from holofleet.server.custody.owners import AccountSecretService
from holofleet.server.custody.pins import PinService, PinState
from holofleet.server.custody.rooms import CustodyRooms
from holofleet.server.custody.store import (
    CustodyStore,
    Limits,
    PairingRow,
    PairingStore,
    People,
    PinRow,
    PinStore,
    SecretOwner,
    SecretRow,
    SecretStore,
)
from holofleet.server.custody.values import (
    CustodyRecord,
    DeskPage,
    HeadsetFacts,
    HeadsetState,
    Held,
    Holder,
    Kind,
    NewRecord,
    Proof,
    Scanned,
    Status,
)

__all__ = [
    "AccountSecretService",
    "BadgeService",
    "CorrectionService",
    "CustodyRecord",
    "CustodyRooms",
    "CustodyService",
    "CustodyStore",
    "DeskPage",
    "Happening",
    "HappeningsStore",
    "HeadsetFacts",
    "HeadsetState",
    "Held",
    "Holder",
    "Invitation",
    "Kind",
    "KioskService",
    "Limits",
    "NewRecord",
    "PairingRow",
    "PairingStore",
    "People",
    "PinRow",
    "PinService",
    "PinState",
    "PinStore",
    "Proof",
    "Scanned",
    "SecretOwner",
    "SecretRow",
    "SecretStore",
    "ShownCode",
    "Source",
    "Status",
    "Story",
    "StoryService",
]
