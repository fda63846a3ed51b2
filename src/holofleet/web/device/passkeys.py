"""Taking a headset with a passkey, in the headset's own browser: a page, what it asks, and what it brings back.

People make their passkeys in the console, under its name. Where the pages of headsets have a name of their own,
their browser may use them all the same because the console's name says so (Related Origin Requests, WebAuthn
Level 3); a signature made there opens no session, as the console takes its own origin only. Which browsers of
headsets know that, and which security keys they read, is not proven on a device: :class:`KioskPasskeys` says
what is offered, and PIN and code stand beside it always.
"""

from __future__ import annotations

from http import HTTPStatus
from ipaddress import ip_address
from typing import Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from holofleet.errors import HolofleetError, StorageError
from holofleet.server.authorization import Action
from holofleet.server.sign_in import SignInFailedError
from holofleet.server.sign_in.attempts import COOKIE, LIFE
from holofleet.server.sign_in.passkeys import LONGEST, passkey_of
from holofleet.web.declaration import declares
from holofleet.web.device.identity import PairedBrowser
from holofleet.web.hosts import Hosts, parse_authority
from holofleet.web.limits import address_key
from holofleet.web.services import Services
from holofleet.web.settings import KioskPasskeys

RELATED_PATH: Final = "/.well-known/webauthn"
"""Where a browser asks which other names may use the passkeys of a name."""
Form = dict[str, str]


class PasskeyDoor:
    """Asks for a passkey at a headset, and takes the headset with it."""

    def __init__(self, services: Services, hosts: Hosts, kinds: KioskPasskeys) -> None:
        self._services = services
        self._hosts = hosts
        self._kinds = kinds

    def name_of_passkeys(self, request: Request) -> str | None:
        """Return for which name the passkeys of people were made; ``None`` where no passkey can be used here."""
        asked = parse_authority(request.headers.get("host", ""))
        if self._kinds is KioskPasskeys.NONE or asked is None:
            return None
        apart = self._hosts.assist is not None and asked.host == self._hosts.assist.host
        name = asked.host if not apart else self._hosts.public.host if self._hosts.public is not None else ""
        return name if name and not _is_address(name) else None

    def begin(self, browser: PairedBrowser, form: Form, request: Request) -> Response:
        """Answer what the browser shall ask of the authenticator."""
        name = self.name_of_passkeys(request)
        if name is None:
            return _no("No passkey can be used here. Enter your PIN, or show the code to the desk.")
        if wait := self._wait(request, None):
            return wait
        pairing = self._services.custody.kiosk.pairing(browser.secret)
        handle, options = self._services.sign_in.passkeys.begin_at_headset(pairing, rp_id=name)
        answer = JSONResponse({"options": options})
        life = int(LIFE.total_seconds())
        answer.set_cookie(COOKIE, handle.text, max_age=life, path="/", secure=True, httponly=True, samesite="lax")
        return answer

    def finish(self, browser: PairedBrowser, form: Form, request: Request) -> Response:
        """Take the headset for whoever showed their passkey."""
        said = form.get("credential", "")[: LONGEST + 1]
        account = f"passkey:{passkey_of(said)}"
        if wait := self._wait(request, account):
            return wait
        kiosk = self._services.custody.kiosk
        try:
            person = self._services.sign_in.passkeys.finish_at_headset(
                request.cookies.get(COOKIE, ""),
                said,
                pairing=kiosk.pairing(browser.secret),
                origin=f"https://{request.headers['host']}",
                rp_id=self.name_of_passkeys(request) or "",
                any_kind=self._kinds is KioskPasskeys.ANY,
            )
            kiosk.take_by_passkey(browser.secret, person, hand_over=form.get("over", "") == "1")
        except SignInFailedError:
            self._services.sign_in.failures.count(_peer(request), account)
            answer = _no("This passkey does not count here. Use one that you carry and made in the console.")
        except StorageError:
            raise
        except HolofleetError as error:
            answer = _no(f"{error.summary[:1].upper()}{error.summary[1:]}. {error.mend}".strip())
        else:
            answer = JSONResponse({"go": "/k"})
        answer.delete_cookie(COOKIE, path="/", secure=True, httponly=True, samesite="lax")
        return answer

    def _wait(self, request: Request, account: str | None) -> Response | None:
        wait = self._services.sign_in.failures.wait(_peer(request), account).total_seconds()
        if not wait:
            return None
        text = "Too many tries failed here. Wait some minutes, or show the code to the desk."
        return JSONResponse({"title": text}, HTTPStatus.TOO_MANY_REQUESTS, {"retry-after": str(int(wait) + 1)})


def related_route(hosts: Hosts) -> Route:
    """Return the route that names the origin of headset pages as one that may use the console's passkeys."""

    @declares(Action.READ_PUBLIC)
    def related(request: Request) -> Response:
        return JSONResponse({"origins": [hosts.assist.origin] if hosts.assist is not None else []})

    return Route(RELATED_PATH, related, methods=["GET"])


def _no(title: str) -> Response:
    return JSONResponse({"title": title}, HTTPStatus.FORBIDDEN)


def _peer(request: Request) -> str:
    return address_key(request.client.host if request.client is not None else "")


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
