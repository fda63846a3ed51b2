"""Groups of people: who is in them, who says so, and changing those that are kept here."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from starlette.responses import Response

from holofleet.errors import HolofleetError, NotFoundError
from holofleet.server.authorization import Action
from holofleet.server.directory import Group, NewGroup, PeopleQuery, Source
from holofleet.web.console.people import Words, clients_of
from holofleet.web.console.visit import Visit
from holofleet.web.console.words import problem_of
from holofleet.web.declaration import declares

GROUPS = "/people/groups"
PAGE = 50
DONE = {
    "made": "The group is there. Nobody is in it yet.",
    "in": "They are in it from now on.",
    "out": "They are in it no more.",
    "removed": "The group is gone. Its members stay.",
}


@declares(Action.READ_PEOPLE)
def groups_page(visit: Visit) -> Response:
    """``/people/groups``: which groups there are, who says who is in them, and the form for a new one."""
    return _groups(visit, {})


@declares(Action.CHANGE_PEOPLE)
def add_group(visit: Visit) -> Response:
    """``POST /people/groups``: make a group whose members are set here."""
    client = visit.form.get("client", "own")
    visit.require(Action.CHANGE_PEOPLE, client)
    new = NewGroup(visit.form.get("name", "").strip(), visit.form.get("display_name", ""), client)
    try:
        made = visit.services.directory.add_group(visit.principal, new)
    except NotFoundError:
        raise
    except HolofleetError as error:
        return _groups(visit, {"name": problem_of(error)}, 422)
    return visit.go(path_of(made), done="made")


@declares(Action.READ_PEOPLE)
def group_page(visit: Visit) -> Response:
    """``/people/groups/KEY``: who is in it, and why."""
    visit.require(Action.READ_PEOPLE)
    return _group(visit, visit.services.directory.group(visit.principal, visit.path("group")), {})


@declares(Action.CHANGE_PEOPLE)
def change_group(visit: Visit) -> Response:
    """``POST /people/groups/KEY``: put somebody in, take somebody out, or remove the group."""
    directory, act = visit.services.directory, visit.form.get("act", "")
    group = directory.group(visit.principal, visit.path("group"))
    visit.require(Action.CHANGE_PEOPLE, group.client)
    try:
        if act == "remove-group":
            directory.remove_group(visit.principal, group.id)
            return visit.go(GROUPS, done="removed")
        if act not in ("in", "out"):
            raise NotFoundError("there is no such act")
        person = directory.person(visit.principal, visit.form.get("person", "").strip() or "-")
        named = {"add": (person.id,)} if act == "in" else {"remove": (person.id,)}
        directory.change_members(visit.principal, group.id, **named)
    except NotFoundError:
        said = f"Nobody of {'ours' if group.client == 'own' else group.client} has this name."
        return _group(visit, group, {"person": said}, 422)
    except HolofleetError as error:
        return _group(visit, group, {"person": problem_of(error)}, 409)
    return visit.go(path_of(group), done=act)


def path_of(group: Group) -> str:
    """Return the address of a group."""
    return f"{GROUPS}/{quote(group.id, safe='')}"


def why_in_words(group: Group) -> str:
    """Say who decides who is in a group."""
    if group.rule:
        return "A rule says so"
    return {Source.FILE: "The fleet file says so", Source.SCIM: "Your identity provider says so"}.get(
        group.source, "Set here"
    )


def _groups(visit: Visit, errors: dict[str, str], status: int = 200) -> Response:
    visit.require(Action.READ_PEOPLE)
    return visit.render(
        "groups.html",
        status,
        here="people",
        groups=visit.services.directory.groups(visit.principal),
        clients=clients_of(visit, Action.CHANGE_PEOPLE),
        path_of=path_of,
        why=why_in_words,
        errors=errors,
        form=visit.form,
        done=DONE.get(visit.asked("done"), ""),
    )


def _group(visit: Visit, group: Group, errors: dict[str, str], status: int = 200) -> Response:
    after = visit.asked("after")[:300]
    query = PeopleQuery(group=group.id, here=None)
    page = visit.services.directory.people(visit.principal, query, after=after or None, limit=PAGE)
    told: dict[str, Any] = {
        "group": group,
        "base": path_of(group),
        "people": page.people,
        "total": page.total,
        "after": after,
        "next": page.next,
        "why": why_in_words(group),
        "kept_here": not group.rule and group.source is not Source.FILE,
        "may_change": visit.may(Action.CHANGE_PEOPLE, group.client),
        "words": Words,
    }
    return visit.render(
        "group.html", status, here="people", **told, errors=errors, done=DONE.get(visit.asked("done"), "")
    )
