"""Changes to what proves who somebody is: a PIN made void, owners and resets of secrets of a shared account."""

from __future__ import annotations

from starlette.responses import Response

from holofleet.errors import InputError, NotFoundError
from holofleet.server.authorization import Action
from holofleet.web.console.people import frame, path_of, read_person
from holofleet.web.console.visit import Visit
from holofleet.web.console.words import problem_of
from holofleet.web.declaration import declares


@declares(Action.VOID_PIN)
def void_pin(visit: Visit) -> Response:
    """``POST /people/KEY/pin``: make somebody's PIN void."""
    person = read_person(visit)
    visit.require(Action.VOID_PIN, person.client)
    visit.services.custody.pins.void(visit.principal, person.id)
    return visit.go(path_of(person), done="pin")


@declares(Action.KEEP_ACCOUNT_SECRETS)
def keep_secret(visit: Visit) -> Response:
    """``POST /people/KEY/secrets``: say which team owns a secret of a shared account, or that it was reset."""
    person, form = read_person(visit), visit.form
    visit.require(Action.KEEP_ACCOUNT_SECRETS, person.client)
    owners, what = visit.services.custody.owners, form.get("what", "")[:40]
    try:
        if form.get("act") == "reset":
            owners.reset(visit.principal, person.id, what)
        else:
            days = _days(form.get("every_days", ""))
            owners.own(visit.principal, person.id, what, owner=form.get("owner", "")[:300], every_days=days)
    except NotFoundError:
        raise
    except InputError as error:
        return visit.render("person.html", 422, **frame(visit, person), errors={"owner": problem_of(error)})
    return visit.go(path_of(person), done="secret")


def _days(text: str) -> int:
    if not text.strip():
        return 0
    if not (text.strip().isascii() and text.strip().isdigit() and len(text.strip()) <= 4):
        raise InputError("days: a whole number")
    return int(text)
