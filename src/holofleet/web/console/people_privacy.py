"""What is kept about a person: given out as a file, and erased, which cannot be taken back."""

from __future__ import annotations

import json

from starlette.responses import Response

from holofleet.errors import ConflictError
from holofleet.server.audit import Erased
from holofleet.server.authorization import Action, FreshSignInError
from holofleet.server.directory import Person
from holofleet.web.api.audit import personal_data
from holofleet.web.console.people import Words, parting_faults, path_of, read_person
from holofleet.web.console.visit import Visit
from holofleet.web.console.words import problem_of
from holofleet.web.declaration import declares


@declares(Action.EXPORT_PERSON)
def export_person(visit: Visit) -> Response:
    """``POST /people/KEY/export``: everything that is kept about them, as a file; the log says who took it."""
    person = read_person(visit)
    found = personal_data(visit.services.privacy.export(visit.principal, person.id))
    text = json.dumps(found, indent=2, ensure_ascii=False) + "\n"
    named = {"content-disposition": f'attachment; filename="person-{person.id}.json"'}
    return Response(text, media_type="application/json", headers=named)


@declares(Action.ERASE_PERSON)
def erase_page(visit: Visit) -> Response:
    """``GET /people/KEY/erase``: what is lost, what stays and why, before anybody erases them."""
    return _page(visit, _erasable(visit), {})


@declares(Action.ERASE_PERSON)
def erase_person(visit: Visit) -> Response:
    """``POST /people/KEY/erase``: erase what names them, by somebody who proved just now that it is they."""
    person = _erasable(visit)
    reason, errors = visit.form.get("reason", "").strip(), parting_faults(visit, person)
    names = (person.upn, person.display_name, person.email)
    if "reason" not in errors and any(name and name.casefold() in reason.casefold() for name in names):
        errors["reason"] = "The reason stays. Leave their name out of it."
    if errors:
        return _page(visit, person, errors, 422)
    try:
        erased = visit.services.privacy.erase(visit.principal, person.id, reason=reason)
    except FreshSignInError:
        raise
    except ConflictError as error:
        return _page(visit, person, {"": problem_of(error)}, 409)
    return _page(visit, person, {}, erased=erased)


def _erasable(visit: Visit) -> Person:
    visit.require(Action.ERASE_PERSON)
    return read_person(visit)


def _page(
    visit: Visit, person: Person, errors: dict[str, str], status: int = 200, *, erased: Erased | None = None
) -> Response:
    return visit.render(
        "person_erase.html",
        status,
        here="people",
        person=person,
        base=path_of(person),
        name=Words.name(person),
        fresh=not visit.principal.stale,
        errors=errors,
        typed=visit.form.get("upn", ""),
        reason=visit.form.get("reason", ""),
        erased=erased,
    )
