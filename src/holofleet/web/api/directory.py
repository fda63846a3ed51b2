"""People, accounts of headsets, groups, and who may do what."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import Field

from holofleet.errors import InputError
from holofleet.server.authorization import Action, Role, Scope
from holofleet.server.directory import Group, NewGroup, NewPerson, PeopleQuery, Person, PersonChange, Source
from holofleet.web.api.call import PREFIX, Body, Caller, Limit, Reason, route
from holofleet.web.api.render import render

router = APIRouter(prefix=PREFIX)
_Text = Annotated[str, Field(max_length=256)]
_Filter = Annotated[str, Query(max_length=256)]
_Roles = Annotated[list[Annotated[str, Field(max_length=32)]], Field(max_length=16)]
_Ids = Annotated[list[Annotated[str, Field(min_length=1, max_length=64)]], Field(max_length=1_000)]
_Names = Annotated[list[_Text], Field(max_length=1_000)] | None


class PersonWish(Body):
    upn: _Text
    display_name: _Text = ""
    client: _Text = "own"
    call_roles: _Roles = Field(default_factory=list)
    site: _Text = ""
    email: _Text = ""
    csv: bool = False


class PersonEdit(Body):
    display_name: _Text | None = None
    email: _Text | None = None
    site: _Text | None = None
    call_roles: _Roles | None = None
    clients: _Names = None
    every_client: bool = False

    def seen(self, before: Scope) -> Scope | None:
        """Return what their roles shall hold for, places as before; ``None`` where the edit does not say."""
        if self.every_client and self.clients is not None:
            raise InputError("clients: either a list or every client")
        if not self.every_client and self.clients is None:
            return None
        return replace(before, clients=None if self.clients is None else frozenset(self.clients))


class ScopeWish(Body):
    """The whole of it: what is not named is not limited."""

    clients: _Names = None
    sites: _Names = None
    deployments: _Names = None


class RoleWish(Body):
    role: _Text


class Leaving(Body):
    reason: Reason = ""


class GroupWish(Body):
    name: _Text
    display_name: _Text = ""
    client: _Text = "own"
    members: _Ids = Field(default_factory=list)


class MembersEdit(Body):
    add: _Ids = Field(default_factory=list)
    remove: _Ids = Field(default_factory=list)


@route(router, "GET", "/people", Action.READ_PEOPLE)
def list_people(
    call: Caller,
    text: _Filter = "",
    client: _Filter = "",
    role: _Filter = "",
    account: _Filter = "",
    source: _Filter = "",
    here: bool | None = True,
    after: Annotated[str | None, Query(max_length=256)] = None,
    limit: Limit = 100,
) -> dict[str, Any]:
    query = PeopleQuery(text, client, role, account, source, here)
    page = call.services.directory.people(call.principal, query, after=after, limit=limit)
    return {"people": [person_of(one) for one in page.people], "total": page.total, "next": page.next}


@route(router, "POST", "/people", Action.CHANGE_PEOPLE, status=201)
def add_person(wish: PersonWish, call: Caller) -> dict[str, Any]:
    new = NewPerson(
        upn=wish.upn,
        display_name=wish.display_name,
        client=wish.client,
        call_roles=frozenset(wish.call_roles),
        site=wish.site,
        email=wish.email,
    )
    source = Source.CSV if wish.csv else Source.CONSOLE
    return person_of(call.services.directory.add(call.principal, new, source=source))


@route(router, "GET", "/people/{key}", Action.READ_PEOPLE)
def show_person(key: str, call: Caller) -> dict[str, Any]:
    return person_of(call.services.directory.person(call.principal, key))


@route(router, "PATCH", "/people/{key}", Action.CHANGE_PEOPLE)
def change_person(key: str, edit: PersonEdit, call: Caller) -> dict[str, Any]:
    seen = edit.seen(call.services.directory.person(call.principal, key).scope)
    change = PersonChange(
        display_name=edit.display_name,
        email=edit.email,
        site=edit.site,
        call_roles=None if edit.call_roles is None else frozenset(edit.call_roles),
        seen=seen,
    )
    return person_of(call.services.directory.change(call.principal, key, change))


@route(router, "PUT", "/people/{key}/scope", Action.GRANT_ROLE)
def set_scope(key: str, wish: ScopeWish, call: Caller) -> dict[str, Any]:
    parts = (wish.clients, wish.sites, wish.deployments)
    seen = Scope(*(None if names is None else frozenset(names) for names in parts))
    return person_of(call.services.directory.change(call.principal, key, PersonChange(seen=seen)))


@route(router, "GET", "/people/{key}/endings", Action.CHANGE_PEOPLE)
def show_endings(key: str, call: Caller) -> dict[str, Any]:
    return {"endings": render(call.services.directory.endings(call.principal, key))}


@route(router, "POST", "/people/{key}/leave", Action.CHANGE_PEOPLE)
def let_person_leave(key: str, wish: Leaving, call: Caller) -> dict[str, Any]:
    return {"ended": render(call.services.directory.leave(call.principal, key, reason=wish.reason))}


@route(router, "POST", "/people/{key}/roles", Action.GRANT_ROLE)
def give_role(key: str, wish: RoleWish, call: Caller) -> dict[str, Any]:
    return person_of(call.services.directory.give_role(call.principal, key, _role(wish.role)))


@route(router, "POST", "/people/{key}/invitation", Action.GRANT_ROLE, status=201)
def invite_person(key: str, call: Caller) -> dict[str, Any]:
    person, token = call.services.sign_in.invite(call.principal, key)
    return {"upn": person.upn, "path": f"/sign-in?token={token}"}


@route(router, "DELETE", "/people/{key}/roles/{role}", Action.GRANT_ROLE)
def take_role(key: str, role: str, call: Caller) -> dict[str, Any]:
    return person_of(call.services.directory.take_role(call.principal, key, _role(role)))


@route(router, "GET", "/groups", Action.READ_PEOPLE)
def list_groups(call: Caller) -> dict[str, Any]:
    return {"groups": [group_of(group) for group in call.services.directory.groups(call.principal)]}


@route(router, "POST", "/groups", Action.CHANGE_PEOPLE, status=201)
def add_group(wish: GroupWish, call: Caller) -> dict[str, Any]:
    new = NewGroup(wish.name, wish.display_name, wish.client, members=frozenset(wish.members))
    return group_of(call.services.directory.add_group(call.principal, new))


@route(router, "PATCH", "/groups/{key}/members", Action.CHANGE_PEOPLE)
def change_members(key: str, edit: MembersEdit, call: Caller) -> dict[str, Any]:
    found = call.services.directory.change_members(call.principal, key, add=edit.add, remove=edit.remove)
    return group_of(found)


@route(router, "DELETE", "/groups/{key}", Action.CHANGE_PEOPLE, status=204)
def remove_group(key: str, call: Caller) -> None:
    call.services.directory.remove_group(call.principal, key)


def person_of(person: Person) -> dict[str, Any]:
    """Return a person as JSON; ``clients`` is ``null`` for every client, places stand only where they limit."""
    found: dict[str, Any] = render(person)
    del found["scope"]
    return found | person.scope.names()


def group_of(group: Group) -> dict[str, Any]:
    """Return a group as JSON."""
    found: dict[str, Any] = render(group)
    return found


def _role(word: str) -> Role:
    try:
        return Role(word)
    except ValueError as error:
        raise InputError(f"role: {word[:40]!r} is none", mend=f"The roles are {', '.join(Role)}.") from error
