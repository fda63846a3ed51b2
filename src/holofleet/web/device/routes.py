"""The routes of pages on headsets."""

from __future__ import annotations

from starlette.routing import BaseRoute

from holofleet.web.device.assets import device_asset_route
from holofleet.web.device.kiosk import Kiosk
from holofleet.web.device.passkeys import PasskeyDoor
from holofleet.web.services import Services
from holofleet.web.settings import WebSettings


def routes(services: Services, settings: WebSettings) -> list[BaseRoute]:
    """Return the routes of the kiosk, and of the files that its pages need."""
    kiosk = Kiosk(services, PasskeyDoor(services, settings.hosts, settings.kiosk_passkeys))
    return [
        device_asset_route(),
        *kiosk.routes(),
    ]
