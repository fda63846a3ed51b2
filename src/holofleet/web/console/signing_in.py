"""Sign-in with the one-time link, and sign-out.

Until passkeys and OpenID Connect are built, the server prints a link at each start. Reading it changes nothing
(whatever previews links must not use it up); its button opens one session.
"""

from __future__ import annotations

from starlette.responses import RedirectResponse, Response

from holofleet.server.access import COOKIE_NAME
from holofleet.server.authorization import Action, PrincipalKind
from holofleet.web.console.visit import Visit
from holofleet.web.declaration import declares

LONGEST_TOKEN = 128


@declares(Action.SIGN_IN)
def sign_in_page(visit: Visit) -> Response:
    """``GET /sign-in?token=...``: one button; without a token, where to find the link."""
    if visit.principal.kind is PrincipalKind.PERSON and not visit.asked("token"):
        return visit.go("/")
    return visit.render("sign_in.html", token=visit.asked("token")[:LONGEST_TOKEN], failed=False)


@declares(Action.SIGN_IN)
def sign_in(visit: Visit) -> Response:
    """``POST /sign-in``: use the link up, open its session."""
    opened = visit.services.access.redeem(visit.form.get("token", "")[:LONGEST_TOKEN])
    if opened is None:
        return visit.render("sign_in.html", 403, token="", failed=True)
    answer = RedirectResponse("/", 303)
    answer.set_cookie(COOKIE_NAME, opened.cookie, path="/", secure=True, httponly=True, samesite="lax")
    return answer


@declares(Action.SIGN_OUT)
def sign_out(visit: Visit) -> Response:
    """``POST /sign-out``: end the session."""
    visit.services.access.sign_out(visit.request.cookies.get(COOKIE_NAME, ""))
    answer = RedirectResponse("/sign-in", 303)
    answer.delete_cookie(COOKIE_NAME, path="/", secure=True, httponly=True, samesite="lax")
    return answer
