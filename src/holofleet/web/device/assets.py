"""Style sheet, script and icons of the pages on headsets."""

from __future__ import annotations

from typing import Final

from holofleet.web.static_folder import StaticFolder

_FILES: Final = StaticFolder("holofleet.web.device", "/device-static")
device_asset_url = _FILES.url
device_asset_route = _FILES.route
