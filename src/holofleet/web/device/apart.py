"""Headset pages under a name of their own, so that a flaw in one of them does not reach the console (WEB-4).

Under that name nothing is served but them; under every other name they are not, and lead there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from holofleet.server.authorization import Action
from holofleet.web.declaration import declares
from holofleet.web.exchange import ASGIApp, Receive, Scope, Send
from holofleet.web.hosts import Authority, parse_authority

_FILES = ("/device-static/", "/assist-static/")
"""Style sheets and scripts, which pages of experts use too."""
_DOORS = ("/k", "/h", "/g")


class ByName:
    """Gives what was asked of one name to one application, and everything else to another."""

    def __init__(self, name: str, theirs: ASGIApp, rest: ASGIApp) -> None:
        self._name = name
        self._theirs = theirs
        self._rest = rest

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        asked = next((value for name, value in scope.get("headers", ()) if name == b"host"), b"")
        authority = parse_authority(asked.decode("latin-1"))
        is_theirs = authority is not None and authority.host == self._name
        await (self._theirs if is_theirs else self._rest)(scope, receive, send)


def left_behind(routes: Iterable[BaseRoute], there: Authority) -> list[BaseRoute]:
    """Return what stays under the other names of routes that moved: files, and doors that lead there."""
    files = [route for route in routes if str(getattr(route, "path", "")).startswith(_FILES)]
    return [*files, *(Route(door, _leads(there.origin + door), methods=["GET"]) for door in _DOORS)]


def _leads(address: str) -> Callable[[Request], Response]:
    @declares(Action.READ_PUBLIC)
    def endpoint(request: Request) -> Response:
        return RedirectResponse(address, HTTPStatus.TEMPORARY_REDIRECT)

    return endpoint
