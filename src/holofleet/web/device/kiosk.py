"""The kiosk page ``/k``: who has this headset, taking it, handing it over, giving it back.

Made for 853 x 480 pixels, a hand ray and air taps: few big targets, no hover, no drag, nothing to type but the
digits of a PIN. Every step is a page of its own and works without script.
"""

from __future__ import annotations

import io
import secrets
import string
from collections.abc import Callable
from functools import partial
from http import HTTPStatus
from typing import Any, Final, Protocol

import segno
from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from holofleet.errors import HolofleetError, StorageError
from holofleet.server.authorization import Action
from holofleet.server.custody import Status
from holofleet.web.declaration import declares
from holofleet.web.device.assets import device_asset_url
from holofleet.web.device.identity import (
    WAITING_COOKIE,
    PairedBrowser,
    let_wait,
    paired,
    set_cookie,
    stop_waiting,
)
from holofleet.web.device.passkeys import PasskeyDoor
from holofleet.web.services import Services

PATH: Final = "/k"
PAGE: Final = 6
"""Names on one page: what fits beside one another in targets of 88 pixels."""
NAME: Final = 256
"""Letters of a name that a page carries to the next."""
_MOST_FIELDS = 8
_ASK_AGAIN_S = 5
"""How often a page that shows a code looks whether somebody confirmed it."""

Form = dict[str, str]


class Act(Protocol):
    """What a form of a page does."""

    def __call__(self, browser: PairedBrowser, form: Form, request: Request) -> Response:
        """Do it, and answer."""
        ...


class Kiosk:
    """The kiosk page of one server."""

    def __init__(self, services: Services, passkeys: PasskeyDoor) -> None:
        self._services = services
        self._passkeys = passkeys
        self._templates = Environment(
            loader=PackageLoader("holofleet.web.device", "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.globals |= {"asset": device_asset_url}

    def routes(self) -> list[BaseRoute]:
        """Return the routes of the page."""
        shown = {
            "": self._home,
            "/code": self._code,
            "/pin": self._pin_page,
            "/over": self._over_page,
            "/passkey": self._passkey_page,
        }
        done: dict[str, Act] = {
            "/code": self._show_code,
            "/pin": self._take,
            "/back": self._give_back,
            "/found": self._found,
            "/passkey/begin": self._passkeys.begin,
            "/passkey": self._passkeys.finish,
        }
        return [
            *(Route(PATH + path, self._page(handler), methods=["GET"]) for path, handler in shown.items()),
            *(Route(PATH + path, self._form(act), methods=["POST"]) for path, act in done.items()),
        ]

    # What is shown.

    def _home(self, browser: PairedBrowser, request: Request) -> Response:
        state = browser.state
        lost = state.status in (Status.LOST, Status.FOUND, Status.UNRETURNED)
        return self._render(
            "state.html",
            browser,
            held=state.status is Status.OUT,
            lost=lost,
            passkeys=self._passkeys.name_of_passkeys(request) is not None,
            again_s=_ASK_AGAIN_S,
        )

    def _code(self, browser: PairedBrowser, request: Request) -> Response:
        return RedirectResponse(PATH, HTTPStatus.SEE_OTHER)  # a code is made by asking for it, not by a look

    def _over_page(self, browser: PairedBrowser, request: Request) -> Response:
        return self._render("over.html", browser)

    def _passkey_page(self, browser: PairedBrowser, request: Request) -> Response:
        if self._passkeys.name_of_passkeys(request) is None:
            return RedirectResponse(PATH, HTTPStatus.SEE_OTHER)
        return self._render("passkey.html", browser, over=request.query_params.get("over", "") == "1")

    def _pin_page(self, browser: PairedBrowser, request: Request) -> Response:
        asked = request.query_params
        hand_over = asked.get("over", "") == "1"
        person = asked.get("person", "")
        if person:
            name = asked.get("name", "")[:NAME]
            return self._render("pin.html", browser, person=person, name=name, over=hand_over, problem=None)
        begins = asked.get("begins", "")[:1]
        if not begins:
            return self._render("letters.html", browser, letters=string.ascii_uppercase, over=hand_over)
        found = self._services.custody.kiosk.people(browser.secret, begins)
        page = _number(asked.get("page", ""))
        shown = found[page * PAGE : (page + 1) * PAGE]
        return self._render(
            "names.html",
            browser,
            people=shown,
            begins=begins,
            over=hand_over,
            page=page,
            more=len(found) > (page + 1) * PAGE,
        )

    # What is done.

    def _show_code(self, browser: PairedBrowser, form: Form, request: Request) -> Response:
        shown = self._services.custody.kiosk.show_code(browser.secret)
        return self._render(
            "code.html",
            browser,
            code=f"{shown.code[:3]} {shown.code[3:]}",
            picture=_picture(shown.code),
            expires_at=shown.expires_at,
            again_s=_ASK_AGAIN_S,
        )

    def _take(self, browser: PairedBrowser, form: Form, request: Request) -> Response:
        person, over = form.get("person", ""), form.get("over", "") == "1"
        pin = "".join(form.get("pin", "").split())
        try:
            self._services.custody.kiosk.take_by_pin(browser.secret, person, pin, hand_over=over)
        except StorageError:
            raise
        except HolofleetError as error:
            name = form.get("name", "")[:NAME]
            return self._render(
                "pin.html",
                browser,
                person=person,
                name=name,
                over=over,
                problem=error,
                status=HTTPStatus.FORBIDDEN,
            )
        return RedirectResponse(PATH, HTTPStatus.SEE_OTHER)

    def _give_back(self, browser: PairedBrowser, form: Form, request: Request) -> Response:
        self._services.custody.kiosk.give_back(browser.secret)
        return RedirectResponse(PATH, HTTPStatus.SEE_OTHER)

    def _found(self, browser: PairedBrowser, form: Form, request: Request) -> Response:
        self._services.custody.kiosk.found(browser.secret)
        return RedirectResponse(PATH, HTTPStatus.SEE_OTHER)

    # The frame.

    def _page(self, handler: Callable[[PairedBrowser, Request], Response]) -> Any:
        @declares(Action.USE_KIOSK, Action.READ_PUBLIC)
        async def endpoint(request: Request) -> Response:
            return await run_in_threadpool(self._answer, request, lambda browser: handler(browser, request), None)

        return endpoint

    def _form(self, act: Act) -> Any:
        @declares(Action.USE_KIOSK)
        async def endpoint(request: Request) -> Response:
            try:
                async with request.form(max_files=0, max_fields=_MOST_FIELDS) as read:
                    form = {key: value for key, value in read.items() if isinstance(value, str)}
            except HTTPException:
                form = {}
            done = partial(act, form=form, request=request)
            return await run_in_threadpool(self._answer, request, done, form)

        return endpoint

    def _answer(
        self, request: Request, handle: Callable[[PairedBrowser], Response], form: Form | None
    ) -> Response:
        try:
            browser = paired(self._services, request, renew=form is None and _is_page(request))
            if browser is None:
                return self._unpaired(request, changes=form is not None)
            token = self._services.custody.kiosk.form_token(browser.secret)
            if form is not None and not secrets.compare_digest(form.get("token", "").encode(), token.encode()):
                return RedirectResponse(PATH, HTTPStatus.SEE_OTHER)
            response = handle(browser)
        except HolofleetError as error:
            return self._failed(error)
        if browser.fresh is not None:
            set_cookie(response, browser.fresh)
        return response

    def _unpaired(self, request: Request, *, changes: bool) -> Response:
        """Show the code by which a deployer pairs this browser, or take the pairing that somebody confirmed."""
        kiosk = self._services.custody.kiosk
        waiting = request.cookies.get(WAITING_COOKIE, "")
        secret = kiosk.pair_shown(waiting) if waiting and not changes else None
        if secret is not None:
            taken = RedirectResponse(PATH, HTTPStatus.SEE_OTHER)
            set_cookie(taken, secret)
            stop_waiting(taken)
            return taken
        waiting = waiting if 20 <= len(waiting) <= 64 and waiting.isascii() else secrets.token_urlsafe(32)
        code = kiosk.pairing_code(waiting)
        status = HTTPStatus.FORBIDDEN if changes else HTTPStatus.OK
        shown = self._page_of("unpaired.html", status, code=f"{code[:4]} {code[4:]}", again_s=_ASK_AGAIN_S)
        let_wait(shown, waiting)
        return shown

    def _failed(self, error: HolofleetError) -> Response:
        broken = isinstance(error, StorageError)
        status = HTTPStatus.SERVICE_UNAVAILABLE if broken else HTTPStatus.CONFLICT
        return self._page_of("failed.html", status, error=error, again_s=_ASK_AGAIN_S)

    def _render(
        self, template: str, browser: PairedBrowser, /, *, status: HTTPStatus = HTTPStatus.OK, **context: Any
    ) -> Response:
        # A form of a page that brings a new secret is sent with the new one.
        token = self._services.custody.kiosk.form_token(browser.fresh or browser.secret)
        return self._page_of(template, status, state=browser.state, token=token, **context)

    def _page_of(self, template: str, status: HTTPStatus, /, **context: Any) -> Response:
        text = self._templates.get_template(template).render(**context)
        return Response(text, status, headers={"cache-control": "no-store"}, media_type="text/html")


def _is_page(request: Request) -> bool:
    """Whether the answer will be looked at: a page that only looks how things stand keeps its forms and secret."""
    return request.headers.get("sec-fetch-dest", "document") == "document"


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 4 else 0


def _picture(code: str) -> str:
    """Return a picture (SVG) that a reader at the desk reads as the code: nothing is fetched for it."""
    out = io.BytesIO()
    segno.make(code, micro=False, error="m").save(
        out, kind="svg", omitsize=True, xmldecl=False, border=2, dark="#101010", light="#ebebeb"
    )
    return out.getvalue().decode()
