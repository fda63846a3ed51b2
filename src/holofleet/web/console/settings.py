"""Settings: how this server is set up, section by section, and the few things that are changed from here.

What was said when the server started is shown with where it comes from and is changed by starting it otherwise.
Tokens are made and revoked here; the freeze stops every order that has not left yet.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from starlette.responses import Response

from holofleet.errors import ConflictError, InputError, NotFoundError, RefusedError
from holofleet.server.access import IssuedToken
from holofleet.server.authorization import Action, Role
from holofleet.web.console.people import Words
from holofleet.web.console.visit import Visit
from holofleet.web.console.words import problem_of
from holofleet.web.declaration import declares

TOKENS = "/settings/tokens"
FREEZE = "/settings/freeze"
SOON = timedelta(days=60)
"""What ends within this is marked. Ours."""
LIVES = (30, 90, 180, 366)
"""Days that a token may live."""
LONGEST_REASON = 500
DONE = {
    "revoked": "The token is revoked. Whatever used it gets 401 from now on.",
    "frozen": "All orders are frozen.",
    "released": "Orders go out again.",
}


@declares(Action.READ_SETTINGS)
def settings_page(visit: Visit) -> Response:
    """``/settings``: the sections, each with what stands in it."""
    visit.require(Action.READ_SETTINGS)
    sections = visit.console.settings.setup
    ending = [fact for section in sections for fact in section.facts if fact.ends is not None]
    soonest = min(ending, key=lambda fact: fact.ends or visit.now, default=None)
    return visit.render(
        "settings.html",
        here="settings",
        sections=sections,
        soonest=soonest,
        soon=soonest is not None and soonest.ends is not None and soonest.ends - visit.now < SOON,
        tokens=sum(token.revoked_at is None and token.expires_at > visit.now for token in _tokens(visit)),
        frozen=_frozen(visit),
    )


@declares(Action.READ_SETTINGS)
def section_page(visit: Visit) -> Response:
    """``/settings/SECTION``: the facts of one section."""
    visit.require(Action.READ_SETTINGS)
    sections = visit.console.settings.setup
    found = next((section for section in sections if section.key == visit.path("section")), None)
    if found is None:
        raise NotFoundError("there is no such section")
    return visit.render(
        "settings_section.html",
        here="settings",
        section=found,
        sections=sections,
        soon=visit.now + SOON,
        kept=visit.services.retention.retention(visit.principal) if found.key == "audit" else None,
    )


@declares(Action.READ_TOKENS)
def tokens_page(visit: Visit) -> Response:
    """``GET /settings/tokens``: the tokens of programs, and the form for a new one."""
    visit.require(Action.READ_TOKENS)
    return _tokens_page(visit)


@declares(Action.ISSUE_TOKEN)
def make_token(visit: Visit) -> Response:
    """``POST /settings/tokens``: make one; its text is in this answer and nowhere else."""
    visit.require(Action.ISSUE_TOKEN)
    form, errors = visit.form, {}
    name = form.get("name", "").strip().lower()
    role = next((known for known in Role if known == form.get("role", "")), None)
    if not name:
        errors["name"] = "Say what the token is called: the record shows its acts under this name."
    if role is None:
        errors["role"] = "Choose what it may do."
    days = int(form.get("days", "")) if form.get("days", "").isdecimal() else 0
    if days not in LIVES:
        errors["days"] = "Choose how long it lives."
    if errors or role is None:
        return _tokens_page(visit, errors=errors, status=422)
    clients = [form["client"]] if form.get("client") else None
    try:
        made = visit.services.access.issue_token(
            visit.principal, name, [role], clients=clients, expires=timedelta(days=days)
        )
    except (InputError, ConflictError, RefusedError) as error:
        text = problem_of(error)
        return _tokens_page(visit, errors={"name": text}, status=422)
    return _tokens_page(visit, made=made)


@declares(Action.REVOKE_TOKEN)
def revoke_token(visit: Visit) -> Response:
    """``POST /settings/tokens/revoke``: end one for ever."""
    visit.require(Action.REVOKE_TOKEN)
    visit.services.access.revoke_token(visit.principal, visit.form.get("token", ""))
    return visit.go(TOKENS, done="revoked")


@declares(Action.FREEZE_ORDERS)
def freeze_page(visit: Visit) -> Response:
    """``GET /settings/freeze``: what a freeze stops, and the switch."""
    visit.require(Action.FREEZE_ORDERS)
    return _freeze_page(visit)


@declares(Action.FREEZE_ORDERS, Action.UNFREEZE_ORDERS)
def freeze(visit: Visit) -> Response:
    """``POST /settings/freeze``: freeze, or let orders go again."""
    frozen = visit.form.get("frozen") == "yes"
    visit.require(Action.FREEZE_ORDERS if frozen else Action.UNFREEZE_ORDERS)
    reason = visit.form.get("reason", "").strip()[:LONGEST_REASON]
    if not reason:
        return _freeze_page(visit, errors={"reason": "Say why: it stands in the record."}, status=422)
    visit.services.orders.freeze(visit.principal, frozen=frozen, reason=reason)
    return visit.go(FREEZE, done="frozen" if frozen else "released")


def _tokens(visit: Visit) -> tuple[Any, ...]:
    return visit.services.access.tokens(visit.principal)


def _frozen(visit: Visit) -> bool:
    return visit.services.fleet.overview(visit.scope).frozen


def _tokens_page(
    visit: Visit, *, made: IssuedToken | None = None, errors: Mapping[str, str] | None = None, status: int = 200
) -> Response:
    tokens = [token for token in _tokens(visit) if token.revoked_at is None and token.expires_at > visit.now]
    over = len(_tokens(visit)) - len(tokens)
    overview = visit.services.fleet.overview(visit.scope)
    return visit.render(
        "settings_tokens.html",
        status,
        here="settings",
        sections=visit.console.settings.setup,
        tokens=tokens,
        over=over,
        soon=visit.now + SOON,
        seen=Words.seen,
        made=made,
        errors=errors or {},
        form=visit.form,
        roles=list(Role),
        lives=LIVES,
        clients=sorted({deployment.client for deployment in overview.deployments}),
        fresh=not visit.principal.stale,
        done=DONE.get(visit.asked("done"), ""),
    )


def _freeze_page(visit: Visit, *, errors: Mapping[str, str] | None = None, status: int = 200) -> Response:
    return visit.render(
        "settings_freeze.html",
        status,
        here="settings",
        sections=visit.console.settings.setup if visit.may(Action.READ_SETTINGS) else (),
        frozen=_frozen(visit),
        errors=errors or {},
        form=visit.form,
        done=DONE.get(visit.asked("done"), ""),
    )
