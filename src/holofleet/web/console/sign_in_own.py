"""“Your sign-ins”: passkeys, a provider's sign-in, recovery codes, own sessions; and the sessions of all."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote

from starlette.responses import Response

from holofleet.errors import ConflictError
from holofleet.server.authorization import Action
from holofleet.web.console.sign_in_frame import host_of, is_address
from holofleet.web.console.sign_in_provider import provider_label
from holofleet.web.console.visit import Visit
from holofleet.web.declaration import declares

ACCOUNT = "/account"
DONE = {
    "removed": "It was removed. Your other sessions ended.",
    "ended": "The session ended.",
    "made": "The passkey was made. Your other sessions ended.",
    "linked": "The sign-in was linked. Your other sessions ended.",
}


def fresh_first(handler: Callable[[Visit], Response]) -> Callable[[Visit], Response]:
    """Return a handler that sends a person who did not just prove to be there to do that first (WIPE-2)."""

    def checked(visit: Visit) -> Response:
        if visit.principal.stale:
            return ask_again(visit, ACCOUNT)
        return handler(visit)

    return checked


def ask_again(visit: Visit, back: str) -> Response:
    """Send a person to prove again, and back afterwards."""
    return visit.go("/sign-in/again", back=back)


@declares(Action.READ_SELF)
def account_page(visit: Visit) -> Response:
    """``GET /account``: how I can sign in, and where I am signed in."""
    return _account(visit)


@declares(Action.SIGN_OUT)
def end_session(visit: Visit) -> Response:
    """``POST /account/end``: end a session, of one's own or (who may) of anybody."""
    visit.services.sign_in.end_session(visit.principal, visit.form.get("session", ""))
    return visit.go("/sessions" if visit.form.get("from") == "sessions" else ACCOUNT, done="ended")


@declares(Action.SIGN_OUT)
def remove_factor(visit: Visit) -> Response:
    """``POST /account/remove``: take a passkey or the provider's sign-in away."""

    def remove(visit: Visit) -> Response:
        try:
            visit.services.sign_in.remove_factor(visit.principal, visit.form.get("key", ""))
        except ConflictError as error:
            return _account(
                visit, wrong=f"{error.summary[:1].upper()}{error.summary[1:]}. {error.mend}", status=409
            )
        return visit.go(ACCOUNT, done="removed")

    return fresh_first(remove)(visit)


@declares(Action.SIGN_OUT)
def new_codes(visit: Visit) -> Response:
    """``POST /account/codes``: ten new recovery codes, shown once."""

    def make(visit: Visit) -> Response:
        return visit.render("codes.html", here="account", codes=visit.services.sign_in.new_codes(visit.principal))

    return fresh_first(make)(visit)


@declares(Action.READ_SESSIONS)
def sessions_page(visit: Visit) -> Response:
    """``GET /sessions``: who is signed in, for who may see that."""
    return visit.render(
        "sessions.html",
        here="sessions",
        sessions=visit.services.access.sessions(visit.principal),
        may_end=visit.may(Action.REVOKE_SESSION),
        done=DONE.get(visit.asked("done"), ""),
    )


def _account(visit: Visit, *, wrong: str = "", status: int = 200) -> Response:
    service = visit.services.sign_in
    fresh = not visit.principal.stale
    return visit.render(
        "account.html",
        status,
        here="account",
        factors=service.factors(visit.principal),
        sessions=service.own_sessions(visit.principal),
        somebody=visit.principal.name != "one-time-link",
        provider=provider_label(visit),
        passkeys=not is_address(host_of(visit)),
        fresh=fresh,
        again=f"/sign-in/again?back={quote(ACCOUNT)}",
        wrong=wrong,
        done=DONE.get(visit.asked("done"), ""),
    )
