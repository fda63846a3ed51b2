"""What all sign-in pages share: cookies, our own address, limits, and the one answer to every failure."""

from __future__ import annotations

import logging
from ipaddress import ip_address
from math import ceil

from starlette.responses import JSONResponse, Response

from holofleet.server.access import COOKIE_NAME, OpenedSession
from holofleet.server.authorization import PrincipalKind
from holofleet.server.sign_in import SignInFailedError
from holofleet.server.sign_in.attempts import COOKIE as ATTEMPT_COOKIE
from holofleet.server.sign_in.attempts import LIFE, Handle
from holofleet.web.console.visit import Visit
from holofleet.web.limits import address_key

_LOG = logging.getLogger("holofleet.web.sign_in")
LONGEST_TOKEN = 128


def wait_s(visit: Visit, said: str | None = "") -> float:
    """Return how many seconds this browser has to wait before it may try again.

    Args:
        visit: Its request.
        said: Which account it says it is; empty where what it shows names nobody, ``None`` where it shows nothing
            yet. Whoever is signed in counts as themselves, whatever they say.
    """
    return visit.services.sign_in.failures.wait(_peer(visit), _account(visit, said)).total_seconds()


def beginning(visit: Visit) -> str | None:
    """Return what a start says, for :func:`wait_s`: a link can be guessed at, a bare start cannot."""
    return "" if visit.form.get("token") else None


def _account(visit: Visit, said: str | None) -> str | None:
    principal = visit.principal
    return f"person:{principal.name}" if principal.kind is PrincipalKind.PERSON else said


def _peer(visit: Visit) -> str:
    client = visit.request.client
    return address_key(client.host if client is not None else "")


def origin_of(visit: Visit) -> str:
    """Return our own origin as the browser asked for it; the Host was judged before any page (AUTHZ-2)."""
    return f"https://{visit.request.headers['host']}"


def host_of(visit: Visit) -> str:
    """Return the name by which the browser reached us, without the port: the scope of passkeys."""
    host = visit.request.headers["host"]
    return host if host.endswith("]") else host.rpartition(":")[0] or host


def is_address(host: str) -> bool:
    """Whether a host is a bare address, for which no browser keeps passkeys."""
    try:
        ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True


def browser_of(visit: Visit) -> str:
    """Return what kind of browser asks, in a few words, so that people know their sessions apart."""
    said = visit.request.headers.get("user-agent", "")
    names = (("Edg/", "Edge"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))
    systems = ("Windows", "Android", "iPhone", "iPad", "Mac OS", "Linux")
    name = next((word for mark, word in names if mark in said), "A browser")
    system = next((word for word in systems if word in said), "")
    return f"{name} on {system}" if system else name


def keep_attempt(answer: Response, handle: Handle) -> Response:
    """Bind an attempt to this browser."""
    answer.set_cookie(
        ATTEMPT_COOKIE,
        handle.text,
        max_age=int(LIFE.total_seconds()),
        path="/",
        secure=True,
        httponly=True,
        samesite="lax",
    )
    return answer


def attempt_of(visit: Visit) -> str:
    """Return the attempt that this browser holds, or an empty text."""
    return visit.request.cookies.get(ATTEMPT_COOKIE, "")[:LONGEST_TOKEN]


def signed_in(answer: Response, opened: OpenedSession | None) -> Response:
    """Give the browser its session, if one was opened, and take the attempt back."""
    answer.delete_cookie(ATTEMPT_COOKIE, path="/", secure=True, httponly=True, samesite="lax")
    return answer if opened is None else keep_session(answer, opened)


def keep_session(answer: Response, opened: OpenedSession) -> Response:
    """Give the browser its session."""
    answer.set_cookie(COOKIE_NAME, opened.cookie, path="/", secure=True, httponly=True, samesite="lax")
    return answer


def failed(visit: Visit, error: SignInFailedError, *, said: str | None = "", as_json: bool = False) -> Response:
    """Answer a sign-in that failed: the same words whatever the reason, which only the log has (DIR-2).

    It is counted for what the browser ``said``, as in :func:`wait_s`.
    """
    visit.services.sign_in.failures.count(_peer(visit), _account(visit, said))
    _LOG.warning("a sign-in failed: %s %s", error.why, error.note)
    if as_json:
        return JSONResponse({"title": "This sign-in did not succeed"}, 403)
    return visit.render(
        "failure.html",
        403,
        title="This sign-in did not succeed",
        what=error.detail,
        mend=error.mend,
        code="",
    )


def too_often(visit: Visit, seconds: float, *, as_json: bool = False) -> Response:
    """Answer somebody who failed too often."""
    headers = {"retry-after": str(max(1, ceil(seconds)))}
    if as_json:
        return JSONResponse({"title": "Too many sign-ins failed from here. Wait some minutes."}, 429, headers)
    answer = visit.render(
        "failure.html",
        429,
        title="Too many sign-ins failed from here",
        what="Nothing was looked at.",
        mend="Wait some minutes, then try again.",
        code="",
    )
    answer.headers.update(headers)
    return answer
