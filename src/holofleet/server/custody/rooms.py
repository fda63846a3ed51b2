"""The services of custody, held together as the web side gets them."""

from __future__ import annotations

from dataclasses import dataclass

from holofleet.server.custody.at_headset import KioskService
from holofleet.server.custody.badges import BadgeService
from holofleet.server.custody.corrections import CorrectionService
from holofleet.server.custody.desk import CustodyService
from holofleet.server.custody.happenings import StoryService
from holofleet.server.custody.owners import AccountSecretService
from holofleet.server.custody.pins import PinService


@dataclass(frozen=True)
class CustodyRooms:
    """What staff do at the desk and put right, what proves who takes a headset, what happens on it, who owns
    shared secrets, and the one search."""

    desk: CustodyService
    corrections: CorrectionService
    badges: BadgeService
    kiosk: KioskService
    pins: PinService
    owners: AccountSecretService
    story: StoryService
