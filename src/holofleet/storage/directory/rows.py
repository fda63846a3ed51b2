"""Rows of the directory as values, and the statements that find them."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, insert, select

from holofleet.server.authorization import Role, Scope
from holofleet.server.directory import Account, Group, Person, Source
from holofleet.storage.moments import from_micros
from holofleet.storage.tables.directory import MEMBERSHIP, PERSON, PERSON_GROUP, PERSON_ROLE
from holofleet.storage.tables.management import CLIENT

CHUNK = 500
_PARTS = ("clients", "sites", "deployments")


def one_person(connection: Connection, statement: Select[Any]) -> Person | None:
    """Return the person that a statement on the person table finds, with roles."""
    row = connection.execute(statement).one_or_none()
    return None if row is None else people_of(connection, [row])[0]


def people_of(connection: Connection, rows: Iterable[Row[Any]]) -> tuple[Person, ...]:
    """Return people of rows, with their roles; two statements for however many."""
    listed = list(rows)
    roles: dict[str, set[Role]] = defaultdict(set)
    for start in range(0, len(listed), CHUNK):
        ids = [row.id for row in listed[start : start + CHUNK]]
        found = select(PERSON_ROLE.c.person_id, PERSON_ROLE.c.role).where(PERSON_ROLE.c.person_id.in_(ids))
        for person, role in connection.execute(found):
            roles[person].add(Role(role))
    return tuple(_person(row, roles) for row in listed)


def _person(row: Row[Any], roles: Mapping[str, set[Role]]) -> Person:
    return Person(
        id=row.id,
        client=row.client_id,
        upn=row.upn,
        display_name=row.display_name,
        account=Account(row.account),
        source=Source(row.source),
        roles=frozenset(roles.get(row.id, ())),
        call_roles=frozenset(json.loads(row.call_roles)),
        scope=scope_of(row.clients),
        created_at=from_micros(row.created_at),
        changed_at=from_micros(row.changed_at),
        site=row.site,
        email=row.email,
        external_id=row.external_id or "",
        left_at=None if row.left_at is None else from_micros(row.left_at),
    )


def scope_of(text: str | None) -> Scope:
    """Return the scope that a column holds: NULL for everything, a list of clients, or an object."""
    if text is None:
        return Scope.every()
    said = json.loads(text)
    if isinstance(said, list):
        return Scope.of(*said)
    return Scope(*(None if said[part] is None else frozenset(said[part]) for part in _PARTS))


def scope_text(scope: Scope) -> str | None:
    """Return a scope as its column holds it."""
    if scope.is_narrowed:
        parts = {part: getattr(scope, part) for part in _PARTS}
        return json.dumps({part: None if names is None else sorted(names) for part, names in parts.items()})
    return None if scope.clients is None else json.dumps(sorted(scope.clients))


def groups_of(connection: Connection, conditions: Iterable[ColumnElement[bool]]) -> tuple[Group, ...]:
    """Return groups by name, with the ids of their members."""
    rows = list(connection.execute(select(PERSON_GROUP).where(*conditions).order_by(PERSON_GROUP.c.name)))
    members: dict[str, set[str]] = defaultdict(set)
    for start in range(0, len(rows), CHUNK):
        ids = [row.id for row in rows[start : start + CHUNK]]
        found = (
            select(MEMBERSHIP.c.group_id, MEMBERSHIP.c.person_id)
            .join(PERSON, PERSON.c.id == MEMBERSHIP.c.person_id)
            .where(MEMBERSHIP.c.group_id.in_(ids), PERSON.c.left_at.is_(None))
        )
        for group, person in connection.execute(found):
            members[group].add(person)
    return tuple(
        Group(
            id=row.id,
            client=row.client_id,
            name=row.name,
            display_name=row.display_name,
            source=Source(row.source),
            changed_at=from_micros(row.changed_at),
            external_id=row.external_id or "",
            rule=row.rule,
            members=frozenset(members.get(row.id, ())),
        )
        for row in rows
    )


def require_client(connection: Connection, client: str) -> bool:
    """Return whether a client is known; our own organization is, also before the first publication."""
    known = connection.execute(select(CLIENT.c.client_id).where(CLIENT.c.client_id == client)).first()
    if known is None and client == "own":
        connection.execute(insert(CLIENT).values(client_id=client, display_name=""))
        return True
    return known is not None
