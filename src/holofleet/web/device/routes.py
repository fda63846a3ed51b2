"""The routes of pages on headsets."""

from __future__ import annotations

from starlette.routing import BaseRoute

from holofleet.web.device.assets import device_asset_route
from holofleet.web.device.kiosk import Kiosk
from holofleet.web.services import Services


def routes(services: Services) -> list[BaseRoute]:
    """Return the routes of the kiosk, and of the files that its pages need."""
    kiosk = Kiosk(services)
    return [
        device_asset_route(),
        *kiosk.routes(),
    ]
