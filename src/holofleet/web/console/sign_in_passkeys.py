"""Passkeys: what the sign-in script asks and brings, as forms in and JSON out."""

from __future__ import annotations

from starlette.responses import JSONResponse, Response

from holofleet.errors import HolofleetError
from holofleet.server.authorization import Action
from holofleet.server.sign_in import Finished, SignInFailedError
from holofleet.server.sign_in.passkeys import LONGEST, passkey_of
from holofleet.web.console.sign_in_frame import (
    attempt_of,
    beginning,
    browser_of,
    failed,
    host_of,
    keep_attempt,
    origin_of,
    signed_in,
    too_often,
    wait_s,
)
from holofleet.web.console.sign_in_provider import purpose_of, receiver_of
from holofleet.web.console.visit import Visit
from holofleet.web.declaration import declares


@declares(Action.SIGN_IN)
def begin_passkey(visit: Visit) -> Response:
    """``POST /sign-in/passkey/begin``: what the browser shall ask of the authenticator."""
    if seconds := wait_s(visit, said := beginning(visit)):
        return too_often(visit, seconds, as_json=True)
    purpose, back = purpose_of(visit), visit.form.get("back", "/")
    service, rp_id = visit.services.sign_in.passkeys, host_of(visit)
    try:
        receiver = receiver_of(visit, purpose)
        if receiver is not None:
            handle, options = service.begin_making(receiver, rp_id=rp_id, back=back)
        else:
            handle, options = service.begin_showing(purpose, rp_id=rp_id, back=back, principal=visit.principal)
    except SignInFailedError as error:
        return failed(visit, error, said=said, as_json=True)
    except HolofleetError as error:
        return JSONResponse({"title": f"{error.summary[:1].upper()}{error.summary[1:]}. {error.mend}"}, 400)
    return keep_attempt(JSONResponse({"make": receiver is not None, "options": options}), handle)


@declares(Action.SIGN_IN)
def finish_passkey(visit: Visit) -> Response:
    """``POST /sign-in/passkey/finish``: what the authenticator said."""
    said = f"passkey:{passkey_of(visit.form.get('credential', ''))}"
    if seconds := wait_s(visit, said):
        return too_often(visit, seconds, as_json=True)
    try:
        finished = _finish(visit)
    except SignInFailedError as error:
        return signed_in(failed(visit, error, said=said, as_json=True), None)
    return signed_in(JSONResponse({"go": finished.back}), finished.opened)


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
