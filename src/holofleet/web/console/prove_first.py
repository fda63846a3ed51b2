"""The way to prove again that one is there, and back to the act, with what was typed still in its form.

Services refuse what asks for a fresh sign-in (SECURITY WIPE-2); here that refusal becomes a page. What was typed
travels in the address of the form's own page, so nothing is kept of it on the server, and nothing is done by
coming back: the person looks at the form and sends it once more.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Match

from holofleet.server.sign_in.steps import LONGEST_BACK
from holofleet.web.console.visit import Visit

AGAIN_PATH = "/sign-in/again"
_MARK = "typed"
_REST = "path"
"""The parameter of the route that takes every other address."""
_NOT_INPUT = frozenset({"csrf", _MARK})


def sent_to_prove(visit: Visit) -> Response:
    """Answer a request that asks for a fresh sign-in: prove it, then come back to the form."""
    return RedirectResponse(f"{AGAIN_PATH}?{urlencode({'back': _back(visit)})}", 303)


def brought_back(request: Request) -> Mapping[str, str]:
    """Return what was typed before somebody had to prove that they are there; nothing on any other way."""
    if request.method not in ("GET", "HEAD") or request.query_params.get(_MARK) != "before":
        return {}
    return {name: value for name, value in request.query_params.items() if name not in _NOT_INPUT}


def _back(visit: Visit) -> str:
    request = visit.request
    if request.method in ("GET", "HEAD"):
        return f"{request.url.path}?{request.url.query}" if request.url.query else request.url.path
    path = _page_of(request)
    typed = {name: value for name, value in visit.form.items() if name not in _NOT_INPUT and value}
    back = f"{path}?{urlencode({_MARK: 'before', **typed})}" if typed else path
    return back if len(back) <= LONGEST_BACK else path


def _page_of(request: Request) -> str:
    """Return the path of the page that has the form: the same one, or the next one above it that can be read."""
    path = request.url.path
    while path.strip("/"):
        asked = {"type": "http", "method": "GET", "path": path, "headers": [], "root_path": ""}
        for route in request.app.routes:
            match, found = route.matches(asked)
            if match is Match.FULL and _REST not in found.get("path_params", {}):
                return path
        path = path.rpartition("/")[0]
    return "/"
