"""Modules, style sheets and icons of the call pages."""

from __future__ import annotations

from typing import Final

from holofleet.web.static_folder import StaticFolder

_FILES: Final = StaticFolder("holofleet.web.assist", "/assist-static")
assist_asset_url = _FILES.url
asset_route = _FILES.route
