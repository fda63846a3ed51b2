"""Passkeys: what the sign-in script asks and brings, as forms in and JSON out."""

from __future__ import annotations

from collections.abc import Callable

from starlette.responses import JSONResponse, Response

from holofleet.errors import HolofleetError
from holofleet.server.authorization import Action
from holofleet.server.sign_in import Finished, SignInFailedError
from holofleet.server.sign_in.passkeys import LONGEST
from holofleet.web.console.sign_in_frame import (
    SignInLimits,
    attempt_of,
    browser_of,
    failed,
    host_of,
    keep_attempt,
    origin_of,
    signed_in,
    too_often,
)
from holofleet.web.console.sign_in_provider import purpose_of, receiver_of
from holofleet.web.console.visit import Visit
from holofleet.web.declaration import declares


def begin_passkey(limits: SignInLimits) -> Callable[[Visit], Response]:
    """Return the handler of ``POST /sign-in/passkey/begin``: what the browser shall ask of the authenticator."""

    @declares(Action.SIGN_IN)
    def begin(visit: Visit) -> Response:
        if wait_s := limits.wait_s(visit):
            return too_often(visit, wait_s, as_json=True)
        purpose, back = purpose_of(visit), visit.form.get("back", "/")
        service, rp_id = visit.services.sign_in.passkeys, host_of(visit)
        try:
            receiver = receiver_of(visit, purpose)
            if receiver is not None:
                handle, options = service.begin_making(receiver, rp_id=rp_id, back=back)
            else:
                handle, options = service.begin_showing(purpose, rp_id=rp_id, back=back, principal=visit.principal)
        except SignInFailedError as error:
            return failed(visit, limits, error, as_json=True)
        except HolofleetError as error:
            return JSONResponse({"title": f"{error.summary[:1].upper()}{error.summary[1:]}. {error.mend}"}, 400)
        return keep_attempt(JSONResponse({"make": receiver is not None, "options": options}), handle)

    return begin


def finish_passkey(limits: SignInLimits) -> Callable[[Visit], Response]:
    """Return the handler of ``POST /sign-in/passkey/finish``: what the authenticator said."""

    @declares(Action.SIGN_IN)
    def finish(visit: Visit) -> Response:
        if wait_s := limits.wait_s(visit):
            return too_often(visit, wait_s, as_json=True)
        try:
            finished = _finish(visit)
        except SignInFailedError as error:
            return signed_in(failed(visit, limits, error, as_json=True), None)
        return signed_in(JSONResponse({"go": finished.back}), finished.opened)

    return finish


def _finish(visit: Visit) -> Finished:
    service, form = visit.services.sign_in.passkeys, visit.form
    cookie, origin, rp_id = attempt_of(visit), origin_of(visit), host_of(visit)
    session_id, browser = visit.principal.id, browser_of(visit)
    said = form.get("credential", "")[: LONGEST + 1]
    if form.get("made") != "yes":
        return service.finish_showing(
            cookie, said, origin=origin, rp_id=rp_id, session_id=session_id, browser=browser
        )
    return service.finish_making(
        cookie,
        said,
        name=form.get("name", "") or browser,
        origin=origin,
        rp_id=rp_id,
        session_id=session_id,
        browser=browser,
    )
