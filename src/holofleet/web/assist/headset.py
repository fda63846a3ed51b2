"""The page on which a headset calls, ``/h``: in a browser that is paired with it, and nowhere else (SECURITY D4).

The page is a frame: whom it may call and what a call is come over the socket. Nothing is kept on the headset:
what the page holds goes with it, and ``/h/over``, where every call leads, has the browser clear storage and cache.
"""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Any, Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from holofleet.errors import HolofleetError
from holofleet.server.assist.left import PHRASES
from holofleet.server.authorization import Action
from holofleet.server.custody import Status
from holofleet.web.assist import leaving
from holofleet.web.assist.assets import asset_route
from holofleet.web.assist.rendering import PERMISSIONS, call_templates
from holofleet.web.declaration import declares
from holofleet.web.device import PairedBrowser, device_asset_url, paired, set_cookie
from holofleet.web.services import Services

PATH: Final = "/h"
CHECK_PATH: Final = "/h/check"
OVER_PATH: Final = "/h/over"
KIOSK_PATH: Final = "/k"
CLEARED: Final = '"cache", "storage"'
"""Never ``"cookies"``: the browser stays paired."""
_NO_STORE: Final = {"cache-control": "no-store"}


def routes(services: Services) -> list[BaseRoute]:
    """Return the routes of the pages, and of the files that they need."""
    return [
        Route(PATH, _page(services, lambda browser: _frame("h.html", browser)), methods=["GET"]),
        Route(CHECK_PATH, _page(services, lambda browser: _frame("check.html", browser)), methods=["GET"]),
        Route(OVER_PATH, _page(services, _over), methods=["GET"]),
        leaving.route(services),
        asset_route(),
    ]


def _page(services: Services, show: Callable[[PairedBrowser], Response]) -> Any:
    def answer(request: Request) -> Response:
        try:
            browser = paired(services, request, renew=True)
        except HolofleetError:
            browser = None  # the kiosk page says what is wrong
        if browser is None:
            return RedirectResponse(KIOSK_PATH, HTTPStatus.SEE_OTHER)
        response = show(browser)
        if browser.fresh is not None:
            set_cookie(response, browser.fresh)
        return response

    @declares(Action.PLACE_CALL, Action.READ_PUBLIC)
    async def endpoint(request: Request) -> Response:
        return await run_in_threadpool(answer, request)

    return endpoint


def _frame(template: str, browser: PairedBrowser) -> Response:
    state = browser.state
    holder = state.person.name if state.person is not None and state.status is Status.OUT else ""
    text = (
        call_templates(device_asset_url, "holofleet.web.device")
        .get_template(template)
        .render(state=state, holder=holder, phrases=PHRASES)
    )
    return HTMLResponse(text, headers={"permissions-policy": PERMISSIONS, **_NO_STORE})


def _over(browser: PairedBrowser) -> Response:
    cleared = {"clear-site-data": CLEARED, **_NO_STORE}
    return RedirectResponse(PATH, HTTPStatus.SEE_OTHER, headers=cleared)
