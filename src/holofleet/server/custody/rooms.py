"""The services of custody, held together as the web side gets them."""

from __future__ import annotations

from dataclasses import dataclass

from holofleet.server.custody.at_headset import KioskService
from holofleet.server.custody.desk import CustodyService
from holofleet.server.custody.happenings import StoryService
from holofleet.server.custody.owners import AccountSecretService
from holofleet.server.custody.pins import PinService


@dataclass(frozen=True)
class CustodyRooms:
    """What staff do, what happens on the headset, PINs, owners of shared secrets, and the one search."""

    desk: CustodyService
    kiosk: KioskService
    pins: PinService
    owners: AccountSecretService
    story: StoryService
