"""Signing in at an OpenID provider: off to it, and back."""

from __future__ import annotations

from starlette.responses import RedirectResponse, Response

from holofleet.errors import NotFoundError, PeerError
from holofleet.server.authorization import Action
from holofleet.server.sign_in import Purpose, Receiver, SignInFailedError
from holofleet.server.sign_in.provider_service import ProviderService
from holofleet.web.console.sign_in_frame import (
    LONGEST_TOKEN,
    attempt_of,
    beginning,
    browser_of,
    failed,
    keep_attempt,
    origin_of,
    signed_in,
    too_often,
    wait_s,
)
from holofleet.web.console.visit import Visit
from holofleet.web.declaration import declares

CALLBACK = "/sign-in/callback"
LONGEST = 4096


def receiver_of(visit: Visit, purpose: Purpose) -> Receiver | None:
    """Return who gets a factor, where one is added: whom the link names, or else who is signed in.

    Raises:
        SignInFailedError: the link opens nothing.
        RefusedError: nobody is signed in, or not within five minutes.
        InputError: a name that cannot be.
    """
    if purpose is not Purpose.LINK:
        return None
    token, service = visit.form.get("token", "")[:LONGEST_TOKEN], visit.services.sign_in
    if token:
        upn, name = visit.form.get("upn", "")[:200], visit.form.get("display_name", "")[:200]
        return service.receiver_of_token(token, upn=upn, display_name=name)
    return service.receiver_of(visit.principal)


def purpose_of(visit: Visit) -> Purpose:
    """Return what a form is for; whatever is no purpose is a sign-in, which gives least."""
    said = visit.form.get("purpose", "")
    return Purpose(said) if said in set(Purpose) else Purpose.SIGN_IN


@declares(Action.SIGN_IN)
def to_provider(visit: Visit) -> Response:
    """``POST /sign-in/provider``: begin, and send the browser to the provider.

    The way there is a page that goes on by itself: a redirect of a form to another site is what the content
    security policy of every page forbids.
    """
    purpose = purpose_of(visit)
    if seconds := wait_s(visit, said := beginning(visit)):
        return too_often(visit, seconds)
    try:
        begun = the_provider(visit).begin(
            purpose,
            redirect_uri=origin_of(visit) + CALLBACK,
            back=visit.form.get("back", "/"),
            receiver=receiver_of(visit, purpose),
            principal=visit.principal,
        )
    except SignInFailedError as error:
        return failed(visit, error, said=said)
    except PeerError as error:
        return unreachable(visit, error)
    answer = visit.render("sign_in_leaving.html", label=provider_label(visit), address=begun.address)
    answer.headers["refresh"] = f"0; url={begun.address}"
    return keep_attempt(answer, begun.handle)


@declares(Action.SIGN_IN)
def from_provider(visit: Visit) -> Response:
    """``GET /sign-in/callback``: the provider's answer, which this browser asked for."""
    if seconds := wait_s(visit):
        return too_often(visit, seconds)
    asked = visit.request.query_params
    if any(len(asked.getlist(name)) > 1 for name in ("state", "code", "iss", "error")):
        asked = type(asked)()
    try:
        finished = the_provider(visit).finish(
            attempt_of(visit),
            state=asked.get("state", "")[:LONGEST],
            code="" if "error" in asked else asked.get("code", ""),
            issuer=asked.get("iss"),
            redirect_uri=origin_of(visit) + CALLBACK,
            session_id=visit.principal.id,
            browser=browser_of(visit),
        )
    except SignInFailedError as error:
        return signed_in(failed(visit, error), None)
    return signed_in(RedirectResponse(finished.back, 303), finished.opened)


def the_provider(visit: Visit) -> ProviderService:
    """Return the provider's side of signing in.

    Raises:
        NotFoundError: the operator named none.
    """
    found = visit.services.sign_in.at_provider
    if found is None:
        raise NotFoundError("there is no OpenID provider")
    return found


def provider_label(visit: Visit) -> str:
    """Return what people call the provider; empty where there is none."""
    found = visit.services.sign_in.at_provider
    return "" if found is None else found.label


def unreachable(visit: Visit, error: PeerError) -> Response:
    """Say that the provider does not answer."""
    return visit.render(
        "failure.html",
        502,
        title=f"{provider_label(visit)} does not answer",
        what=f"{error.summary[:1].upper()}{error.summary[1:]}.",
        mend="Try again in a moment, or sign in with a passkey.",
        code="",
    )
