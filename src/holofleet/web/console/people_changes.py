"""Changes to the directory, each on a page that says what it does: add, change, roles, sessions, leaving."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from holofleet.errors import HolofleetError, InputError, NotFoundError
from holofleet.server.authorization import Action, Role, Scope
from holofleet.server.directory import CALL_ROLES, NewPerson, Person, PersonChange
from holofleet.web.console.people import (
    MAY,
    ROLES,
    Words,
    clients_of,
    frame,
    is_self,
    parting_faults,
    path_of,
    read_person,
)
from holofleet.web.console.visit import Visit
from holofleet.web.console.words import problem_of
from holofleet.web.declaration import declares

ENDINGS = {
    "sessions": ("session here", "sessions here"),
    "tokens": ("API token that they made", "API tokens that they made"),
    "custody": (
        "headset that they hold: it stands as not brought back",
        "headsets that they hold: they stand as not brought back",
    ),
    "badges": ("badge", "badges"),
    "pins": ("PIN", "PINs"),
    "roles": ("role", "roles"),
    "licenses": ("license", "licenses"),
    "license assignments": ("license that was assigned to them", "licenses that were assigned to them"),
    "groups": ("membership of a group", "memberships of groups"),
}
"""What ends, in words; a kind that is not here is written as the server calls it."""


@declares(Action.CHANGE_PEOPLE)
def add_person_page(visit: Visit) -> Response:
    """``GET /people/add``: the form."""
    return _add_form(visit, {})


@declares(Action.CHANGE_PEOPLE)
def add_person(visit: Visit) -> Response:
    """``POST /people/add``: add somebody, without any role."""
    form = visit.form
    client = form.get("client", "own")
    visit.require(Action.CHANGE_PEOPLE, client)
    if not form.get("upn", "").strip():
        return _add_form(visit, {"upn": "Write the name with which they sign in."}, 422)
    new = NewPerson(
        upn=form.get("upn", ""),
        display_name=form.get("display_name", ""),
        client=client,
        call_roles=_call_roles(visit),
        site=form.get("site", ""),
        email=form.get("email", ""),
    )
    try:
        person = visit.services.directory.add(visit.principal, new)
    except NotFoundError:
        raise
    except HolofleetError as error:
        return _add_form(visit, {"upn": problem_of(error)}, 422)
    return visit.go(path_of(person), done="added")


@declares(Action.CHANGE_PEOPLE)
def change_person_page(visit: Visit) -> Response:
    """``GET /people/KEY/change``: the form."""
    person = _changeable(visit)
    return _change_form(visit, person, {})


@declares(Action.CHANGE_PEOPLE)
def change_person(visit: Visit) -> Response:
    """``POST /people/KEY/change``: change names, site and what they do in calls."""
    person = _changeable(visit)
    change = PersonChange(
        display_name=visit.form.get("display_name", ""),
        email=visit.form.get("email", ""),
        site=visit.form.get("site", ""),
        call_roles=_call_roles(visit),
    )
    try:
        visit.services.directory.change(visit.principal, person.id, change)
    except NotFoundError:
        raise
    except HolofleetError as error:
        return _change_form(visit, person, {"display_name": problem_of(error)}, 422)
    return visit.go(path_of(person), done="changed")


@declares(Action.GRANT_ROLE)
def change_roles(visit: Visit) -> Response:
    """``POST /people/KEY/roles``: give a role, take one, or say what their roles hold for."""
    person = read_person(visit)
    visit.require(Action.GRANT_ROLE, person.client)
    directory, form = visit.services.directory, visit.form
    role = next((one for one in ROLES if one == form.get("role", "")), None)
    if form.get("seen"):
        directory.change(visit.principal, person.id, PersonChange(seen=_part(form)))
    elif role is None:
        raise NotFoundError("there is no such role")
    elif form.get("act") == "take":
        directory.take_role(visit.principal, person.id, role)
    else:
        directory.give_role(visit.principal, person.id, role)
    return visit.go(path_of(person), done="role")


@declares(Action.GRANT_ROLE)
def invite_person(visit: Visit) -> Response:
    """``POST /people/KEY/invitation``: make the link with which they get a way to sign in; it is shown once."""
    person = read_person(visit)
    visit.require(Action.GRANT_ROLE, person.client)
    _, token = visit.services.sign_in.invite(visit.principal, person.id)
    link = f"https://{visit.request.url.netloc}/sign-in?token={token}"
    return visit.render("person.html", **frame(visit, person) | {"invitation": link}, errors={})


@declares(Action.REVOKE_SESSION)
def end_session_of(visit: Visit) -> Response:
    """``POST /people/KEY/sessions``: end one of their sessions."""
    person = read_person(visit)
    visit.require(Action.REVOKE_SESSION)
    wanted = visit.form.get("session", "")
    known = visit.services.access.sessions(visit.principal)
    if not any(one.id == wanted and one.grant.name == person.upn for one in known):
        raise NotFoundError("there is no such session")
    visit.services.access.revoke_session(visit.principal, wanted)
    return visit.go(path_of(person), done="session")


@declares(Action.CHANGE_PEOPLE)
def leave_page(visit: Visit) -> Response:
    """``GET /people/KEY/leave``: what would end, before anybody lets them leave."""
    return _leave_form(visit, _changeable(visit), {})


@declares(Action.CHANGE_PEOPLE)
def let_leave(visit: Visit) -> Response:
    """``POST /people/KEY/leave``: they left; what stands in their name ends now."""
    person = _changeable(visit)
    reason, errors = visit.form.get("reason", "").strip(), parting_faults(visit, person)
    if errors:
        return _leave_form(visit, person, errors, 422)
    try:
        visit.services.directory.leave(visit.principal, person.id, reason=reason)
    except NotFoundError:
        raise
    except HolofleetError as error:
        return _leave_form(visit, person, {"": problem_of(error)}, 409)
    return visit.go(path_of(person), done="left")


def _changeable(visit: Visit) -> Person:
    person = read_person(visit)
    visit.require(Action.CHANGE_PEOPLE, person.client)
    if not person.active:
        raise NotFoundError("they left")
    return person


def _call_roles(visit: Visit) -> frozenset[str]:
    return frozenset(role for role in CALL_ROLES if visit.form.get(role))


def _part(form: Mapping[str, str]) -> Scope:
    """Read what roles shall hold for.

    Raises:
        InputError: a part of the fleet, and nothing says which.
    """
    if form["seen"] == "every":
        return Scope.every()
    part = Scope(*(_names(form.get(name, "")) for name in ("clients", "sites", "deployments")))
    if part.is_every:
        raise InputError("a part of the fleet is not all of it", mend="Name a client, a site or a deployment.")
    return part


def _names(text: str) -> frozenset[str] | None:
    """Read names with commas between; an empty field limits nothing."""
    return frozenset(one.strip() for one in text.replace("\n", ",").split(",") if one.strip()) or None


def _add_form(visit: Visit, errors: dict[str, str], status: int = 200) -> Response:
    clients = clients_of(visit, Action.CHANGE_PEOPLE)
    if not clients:
        visit.require(Action.CHANGE_PEOPLE, "own")
    return visit.render(
        "person_form.html",
        status,
        here="people",
        person=None,
        values=_values(visit, None),
        errors=errors,
        clients=clients,
    )


def _change_form(visit: Visit, person: Person, errors: dict[str, str], status: int = 200) -> Response:
    return visit.render(
        "person_form.html",
        status,
        here="people",
        person=person,
        base=path_of(person),
        name=Words.name(person),
        values=_values(visit, person),
        errors=errors,
        clients=(),
    )


def _values(visit: Visit, person: Person | None) -> dict[str, Any]:
    """Return what the fields hold: what was typed, or what is known."""
    names = ("upn", "display_name", "email", "site", "client")
    if visit.form:
        return {name: visit.form.get(name, "") for name in names} | {"call_roles": _call_roles(visit)}
    if person is None:
        return dict.fromkeys(names, "") | {"client": "own", "call_roles": frozenset()}
    return {name: getattr(person, name) for name in names} | {"call_roles": person.call_roles}


def _leave_form(visit: Visit, person: Person, errors: dict[str, str], status: int = 200) -> Response:
    counted = visit.services.directory.endings(visit.principal, person.id)
    return visit.render(
        "leave.html",
        status,
        **{**frame(visit, person), "is_self": is_self(visit, person)},
        endings=[(ending.count, *ENDINGS.get(ending.what, (ending.what, ending.what))) for ending in counted],
        errors=errors,
        typed=visit.form.get("upn", ""),
        reason=visit.form.get("reason", ""),
        holds_role=Role.ADMINISTRATOR in person.roles,
        what_they_may=MAY,
    )
