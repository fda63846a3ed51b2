"""The sign-in page with all its ways, the links that lead there, proving again, and sign-out.

Reading a link changes nothing (whatever previews links must not use it up). In a demonstration, whose fleet is
simulated, the link of the start opens a session at once; elsewhere it makes the first administrator, who needs a
passkey or a provider's sign-in from then on (SECURITY DEF-1).
"""

from __future__ import annotations

from starlette.responses import RedirectResponse, Response

from holofleet.server.access import COOKIE_NAME, is_well_formed
from holofleet.server.access.secret import SecretKind
from holofleet.server.authorization import Action, PrincipalKind
from holofleet.server.sign_in import SignInFailedError
from holofleet.server.sign_in.steps import own_path
from holofleet.web.console.sign_in_frame import (
    LONGEST_TOKEN,
    browser_of,
    failed,
    host_of,
    is_address,
    keep_session,
    too_often,
    wait_s,
)
from holofleet.web.console.sign_in_provider import provider_label
from holofleet.web.console.visit import Visit
from holofleet.web.declaration import declares


@declares(Action.SIGN_IN)
def sign_in_page(visit: Visit) -> Response:
    """``GET /sign-in``: the ways to sign in; with ``?token=``, what the link is for."""
    token = visit.asked("token")[:LONGEST_TOKEN]
    if token:
        return _link_page(visit, token)
    if visit.principal.kind is PrincipalKind.PERSON:
        return visit.go("/")
    return visit.render(
        "sign_in.html",
        **_ways(visit),
        opened_up=visit.services.sign_in.is_opened_up,
        code_failed=False,
    )


@declares(Action.SIGN_IN)
def sign_in(visit: Visit) -> Response:
    """``POST /sign-in``: in a demonstration, use the link up and open its session."""
    token = visit.form.get("token", "")[:LONGEST_TOKEN]
    if visit.console.demo is None:
        return _link_page(visit, token)
    opened = visit.services.access.redeem(token)
    if opened is None:
        return visit.render("sign_in_void.html", 403)
    return keep_session(RedirectResponse("/", 303), opened)


@declares(Action.SIGN_IN)
def use_code(visit: Visit) -> Response:
    """``POST /sign-in/code``: a recovery code."""
    if seconds := wait_s(visit):
        return too_often(visit, seconds)
    try:
        opened = visit.services.sign_in.use_code(visit.form.get("code", ""), browser=browser_of(visit))
    except SignInFailedError as error:
        return failed(visit, error)
    return keep_session(RedirectResponse("/account", 303), opened)


@declares(Action.READ_SELF)
def again_page(visit: Visit) -> Response:
    """``GET /sign-in/again?back=``: prove that you are there, then go on with what asked for it."""
    factors = visit.services.sign_in.factors(visit.principal)
    back = own_path(visit.request.query_params.get("back", "/"))
    return visit.render("sign_in_again.html", **_ways(visit), factors=factors, back=back)


@declares(Action.SIGN_OUT)
def sign_out(visit: Visit) -> Response:
    """``POST /sign-out``: end the session."""
    visit.services.access.sign_out(visit.request.cookies.get(COOKIE_NAME, ""))
    answer = RedirectResponse("/sign-in", 303)
    answer.delete_cookie(COOKIE_NAME, path="/", secure=True, httponly=True, samesite="lax")
    return answer


def _link_page(visit: Visit, token: str) -> Response:
    if visit.console.demo is not None and is_well_formed(token, SecretKind.LINK):
        return visit.render("sign_in_demo.html", token=token)
    service = visit.services.sign_in
    if service.is_first_link(token):
        return visit.render("sign_in_link.html", **_ways(visit), token=token, label="")
    try:
        receiver = service.receiver_of_token(token)
    except SignInFailedError:
        return visit.render("sign_in_void.html", 403)
    return visit.render("sign_in_link.html", **_ways(visit), token=token, label=receiver.label)


def _ways(visit: Visit) -> dict[str, object]:
    host = host_of(visit)
    port = visit.request.headers["host"][len(host) :]
    return {
        "provider": provider_label(visit),
        "passkeys": not is_address(host),
        "named": f"https://localhost{port}" if host in ("127.0.0.1", "[::1]") else "",
        "query": visit.request.url.query,
    }
