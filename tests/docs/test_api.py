"""The API's page names every route with its actions, and none that does not exist."""

from __future__ import annotations

import re
from pathlib import Path
from unittest.mock import Mock

from holofleet.web.api.app import api_app
from holofleet.web.declaration import declared_actions
from holofleet.web.hosts import Hosts
from holofleet.web.settings import WebSettings

PAGE = Path(__file__).parents[2] / "docs" / "api.md"
_ROW = re.compile(r"^\| `([A-Z]+ /api/v1/[^`]+)` \| ([^|]+) \|", re.MULTILINE)


def test_the_page_and_the_routes_agree() -> None:
    api = api_app(Mock(), WebSettings(hosts=Hosts(frozenset(), device_port=1)))
    served = {
        f"{method} {route.path}": set(declared_actions(route))  # type: ignore[attr-defined]
        for route in api.routes
        for method in route.methods  # type: ignore[attr-defined]
    }
    written = {
        route: set(re.findall(r"`([a-z-]+)`", actions)) for route, actions in _ROW.findall(PAGE.read_text())
    }
    assert written == served
