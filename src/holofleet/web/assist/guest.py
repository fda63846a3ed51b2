"""The page of a guest, ``/g``: opens a one-time link, waits in the lobby, and holds the call.

The secret of a link stands behind the ``#`` of its address, which no browser sends: no log and no Referer has it,
and whatever previews the address of a message opens nothing. A person opens it by a button, once; from then on
their browser shows a cookie, which is for this page and its socket alone (SECURITY AST-1, WEB-1).
"""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Any, Final

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Route

from holofleet.errors import HolofleetError, RefusedError
from holofleet.server.assist.guests import LONGEST, GuestLink
from holofleet.server.authorization import Action
from holofleet.web.assist.rendering import PERMISSIONS, call_templates
from holofleet.web.assist.who import GUEST_COOKIE
from holofleet.web.declaration import declares
from holofleet.web.hosts import Hosts
from holofleet.web.limits import Rate, TokenBuckets, address_key
from holofleet.web.services import Services

PATH: Final = "/g"
OPEN_PATH: Final = "/g/open"
STATE_PATH: Final = "/g/invitation"
OVER_PATH: Final = "/g/over"
CLEARED: Final = '"cache", "storage"'
"""Never ``"cookies"``: the same browser may hold somebody's session of the console."""
OPENING: Final = Rate(10 / 60, 20)
"""Links that one address opens, or tries to: a site is one address."""
_MOST_LETTERS: Final = 100
_NO: Final = {"words": "This link does not count. Ask whoever sent it for another one."}
"""One answer for every link: that never was, was used, is over, or was withdrawn."""


def guest_address(hosts: Hosts, asked: str, token: str) -> str:
    """Return the address that a guest opens; under the name of the call pages, where they have one (WEB-4).

    Args:
        hosts: Our names.
        asked: The Host header of the request that makes the link, which was checked.
        token: The secret of the link.
    """
    authority = hosts.assist or hosts.public or hosts.accept(asked)
    origin = authority.origin if authority is not None else f"https://{asked}"
    return f"{origin}{PATH}#{token}"


def routes(services: Services, *, asset: Callable[[str], str]) -> list[BaseRoute]:
    """Return the routes of the page.

    Args:
        services: What the routes call.
        asset: Returns the address of a file whose style the page wears: ``console.css``.
    """
    door = _Door(services)
    return [
        Route(PATH, _page(asset), methods=["GET"]),
        Route(OPEN_PATH, door.open, methods=["POST"]),
        Route(STATE_PATH, door.state, methods=["GET"]),
        Route(OVER_PATH, _over, methods=["POST"]),
    ]


def _page(asset: Callable[[str], str]) -> Callable[[Request], Response]:
    @declares(Action.JOIN_AS_GUEST, Action.READ_PUBLIC)
    def page(request: Request) -> Response:
        """The same page for everybody: what it is about comes once a link was opened."""
        text = call_templates(asset).get_template("guest.html").render()
        return HTMLResponse(text, headers={"permissions-policy": PERMISSIONS, "cache-control": "no-store"})

    return page


@declares(Action.JOIN_AS_GUEST)
def _over(request: Request) -> Response:
    """Leave nothing in the browser of somebody whose visit is over."""
    response = Response(status_code=HTTPStatus.NO_CONTENT, headers={"clear-site-data": CLEARED})
    response.delete_cookie(GUEST_COOKIE, path="/", secure=True, httponly=True, samesite="strict")
    return response


class _Door:
    """Opens links over HTTP."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._buckets = TokenBuckets(OPENING)

    @declares(Action.JOIN_AS_GUEST)
    async def open(self, request: Request) -> Response:
        """Use a link up, for this browser."""
        wait_s = self._buckets.take(address_key(request.client.host if request.client is not None else ""))
        if wait_s:
            words = "Too many links were opened from your network. Try again in a minute."
            return _said({"words": words}, HTTPStatus.TOO_MANY_REQUESTS, {"retry-after": str(int(wait_s) + 1)})
        try:
            async with request.form(max_files=0, max_fields=2) as form:
                token = str(form.get("token", ""))[:_MOST_LETTERS]
        except HTTPException:
            token = ""
        return await run_in_threadpool(_answered, lambda: self._opened(token))

    def _opened(self, token: str) -> Response:
        opened = self._services.assist.door.open(token)
        response = _said(_invitation(opened.link))
        response.set_cookie(
            GUEST_COOKIE,
            opened.session,
            max_age=int(LONGEST.total_seconds()) + 3600,
            path="/",
            secure=True,
            httponly=True,
            samesite="strict",
        )
        return response

    @declares(Action.JOIN_AS_GUEST, Action.READ_PUBLIC)
    async def state(self, request: Request) -> Response:
        """Tell a browser in which a link was opened what it is invited to; nothing to any other."""
        return await run_in_threadpool(_answered, lambda: self._shown(request.cookies.get(GUEST_COOKIE, "")))

    def _shown(self, session: str) -> Response:
        link = self._services.assist.door.guest(session)
        return _said(_invitation(link) if link is not None else {"by": None, **_NO})


def _invitation(link: GuestLink) -> dict[str, Any]:
    return {
        "by": link.by,
        "words": link.words,
        "name": link.name,
        "until": int(link.expires_at.timestamp() * 1000),
    }


def _answered(answer: Callable[[], Response]) -> Response:
    try:
        return answer()
    except RefusedError:
        return _said(_NO, HTTPStatus.FORBIDDEN)
    except HolofleetError:
        return _said({"words": "The server cannot do this now. Try again."}, HTTPStatus.SERVICE_UNAVAILABLE)


def _said(
    body: dict[str, Any], status: HTTPStatus = HTTPStatus.OK, headers: dict[str, str] | None = None
) -> JSONResponse:
    return JSONResponse(body, status, headers={"cache-control": "no-store", **(headers or {})})
