"""The routes of pages on headsets."""

from __future__ import annotations

from starlette.routing import BaseRoute, Route

from holofleet.web.device.assets import serve_device_asset
from holofleet.web.device.kiosk import Kiosk
from holofleet.web.services import Services


def routes(services: Services, *, calls: bool = False) -> list[BaseRoute]:
    """Return the routes.

    Args:
        calls: Whether the page that calls (``/h``) is served, so that the kiosk can lead to it.
    """
    kiosk = Kiosk(services, calls=calls)
    return [
        Route("/device-static/{digest}/{name}", serve_device_asset, methods=["GET"]),
        *kiosk.routes(),
    ]
