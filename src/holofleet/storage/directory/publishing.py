"""Whom a published fleet file names, taken over into the directory.

The file owns what it says: its people, their names, call roles and console roles, its groups. Whoever it no longer
names leaves, with all that ends then; whoever came from elsewhere too (SCIM, the console) only loses what the file
gave. Whoever was let go by a person or a provider stays gone, also while the file still names them. A file that
would leave nobody as administrator is no reason to fail: the one-time link of the next start opens the door again.
"""

from __future__ import annotations

import json
import uuid
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, TypeVar

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from holofleet.errors import ConflictError, RefusedError
from holofleet.server.authorization import Decision
from holofleet.server.directory import PublishedGroup, PublishedPerson, Source
from holofleet.storage.directory import leaving
from holofleet.storage.directory.rows import CHUNK, scope_text
from holofleet.storage.tables.directory import MEMBERSHIP, PERSON, PERSON_GROUP, PERSON_ROLE
from holofleet.storage.tables.licenses import LICENSE_ASSIGNMENT

_FILE = str(Source.FILE)
_T = TypeVar("_T")


def take_over(
    connection: Connection,
    people: Sequence[PublishedPerson],
    groups: Sequence[PublishedGroup],
    *,
    at: int,
    actor: str,
    may_grant: Decision,
) -> None:
    """Make the file's part of the directory what the file says.

    Args:
        may_grant: Whether whoever publishes may change what people may do in the console: publishing a fleet file
            is a smaller right, and must not be a way to the greater one (SECURITY AUTHZ-3).

    Raises:
        ConflictError: somebody would move from one client to another, or a group's name is taken.
        FreshSignInError, RefusedError: somebody would be given a right, or lose one, and the publisher may not.
    """
    before = _rights(connection)
    known = _write_people(connection, people, at)
    _write_roles(connection, people, known, at=at, actor=actor)
    _require_may_grant(may_grant, before, _rights(connection))
    _write_groups(connection, groups, known, at)


def _rights(connection: Connection) -> dict[str, frozenset[tuple[str, str | None]]]:
    """Return what everybody who is here may do now, by UPN: each role, with what it is for."""
    held = select(PERSON.c.upn, PERSON_ROLE.c.role, PERSON.c.clients).join(
        PERSON_ROLE, PERSON_ROLE.c.person_id == PERSON.c.id
    )
    found: dict[str, set[tuple[str, str | None]]] = defaultdict(set)
    for upn, role, clients in connection.execute(held.where(PERSON.c.left_at.is_(None))):
        found[upn].add((role, clients))
    return {upn: frozenset(rights) for upn, rights in found.items()}


def _require_may_grant(
    may_grant: Decision,
    before: dict[str, frozenset[tuple[str, str | None]]],
    after: dict[str, frozenset[tuple[str, str | None]]],
) -> None:
    changed = sorted(upn for upn in before.keys() | after.keys() if before.get(upn) != after.get(upn))
    if not changed:
        return
    if may_grant.allowed:
        may_grant.require()  # or it asks for a fresh sign-in
        return
    more = f" and {len(changed) - 3} more" if len(changed) > 3 else ""
    raise RefusedError(
        "this fleet file changes what people may do here, which is for an administrator",
        detail=f"It would change the rights of {', '.join(changed[:3])}{more}.",
        mend="Let an administrator publish it, or leave `roles` and `roles_for` of `people` as they are.",
    )


def _write_people(
    connection: Connection, people: Sequence[PublishedPerson], at: int
) -> dict[str, tuple[str, str]]:
    """Write the file's people; return id and client by UPN of everybody whom it names."""
    before = {row.upn: row for row in connection.execute(select(PERSON))}
    new, changed = [], []
    for person in people:
        row = before.get(person.upn)
        if row is None:
            new.append({"id": uuid.uuid4().hex, "created_at": at, "changed_at": at, **_values(person)})
            continue
        if row.client_id != person.client:
            raise ConflictError(
                f"{person.upn} is of client {row.client_id} and cannot move to {person.client}",
                detail="What they did stays with the client that they did it for.",
                mend="Give them another name, or take the client back.",
            )
        values = _values(person)
        if row.source != _FILE:  # names, and whether they are here, are the other source's
            kept = ("call_roles", "clients") if person.limited else ("call_roles",)
            values = {name: values[name] for name in kept}
        if any(row._mapping[name] != value for name, value in values.items()):
            changed.append((row.id, values))
    for part in _parts(new):
        connection.execute(insert(PERSON), part)
    for person_id, values in changed:
        connection.execute(update(PERSON).where(PERSON.c.id == person_id).values(**values, changed_at=at))
    named = {person.upn for person in people}
    for row in before.values():
        if row.source == _FILE and row.left_at is None and row.upn not in named:
            leaving.end_all(connection, row.id, row.upn, at)
            connection.execute(update(PERSON).where(PERSON.c.id == row.id).values(left_at=at, changed_at=at))
    ids = {row.upn: (row.id, row.client_id) for row in before.values()}
    return ids | {row["upn"]: (row["id"], row["client_id"]) for row in new}


def _values(person: PublishedPerson) -> dict[str, Any]:
    values = {
        "client_id": person.client,
        "upn": person.upn,
        "display_name": person.display_name,
        "sort_name": person.display_name.casefold(),
        "account": str(person.account),
        "source": _FILE,
        "call_roles": json.dumps(sorted(person.call_roles)),
        "clients": scope_text(person.scope),
        "left_at": None,
    }
    return values | {"site": person.site} if person.site else values


def _write_roles(
    connection: Connection,
    people: Iterable[PublishedPerson],
    known: dict[str, tuple[str, str]],
    *,
    at: int,
    actor: str,
) -> None:
    wanted = {
        (known[person.upn][0], str(role)): known[person.upn][1] for person in people for role in person.roles
    }
    given = select(PERSON_ROLE.c.person_id, PERSON_ROLE.c.role).where(PERSON_ROLE.c.source == _FILE)
    there = {(row.person_id, row.role) for row in connection.execute(given)}
    surplus = [{"person": person, "which": role} for person, role in there - wanted.keys()]
    new = [
        {"person_id": person, "role": role, "source": _FILE, "client_id": client, "actor": actor, "at": at}
        for (person, role), client in wanted.items()
        if (person, role) not in there
    ]
    for part in _parts(surplus):
        connection.execute(
            delete(PERSON_ROLE).where(
                PERSON_ROLE.c.source == _FILE,
                PERSON_ROLE.c.person_id == bindparam("person"),
                PERSON_ROLE.c.role == bindparam("which"),
            ),
            part,
        )
    for part in _parts(new):
        connection.execute(insert(PERSON_ROLE), part)


def _write_groups(
    connection: Connection, groups: Sequence[PublishedGroup], known: dict[str, tuple[str, str]], at: int
) -> None:
    rows = {row.name: row for row in connection.execute(select(PERSON_GROUP))}
    ids: dict[str, str] = {}
    for group in groups:
        row = rows.get(group.name)
        values = {"display_name": group.display_name, "rule": group.rule}
        if row is None:
            ids[group.name] = uuid.uuid4().hex
            connection.execute(
                insert(PERSON_GROUP).values(
                    id=ids[group.name], client_id="own", name=group.name, source=_FILE, changed_at=at, **values
                )
            )
            continue
        if row.source != _FILE:
            raise ConflictError(
                f"the directory has a group {group.name} already, from {row.source}",
                mend="Rename one of the two.",
            )
        ids[group.name] = row.id
        if any(row._mapping[name] != value for name, value in values.items()):
            connection.execute(
                update(PERSON_GROUP).where(PERSON_GROUP.c.id == row.id).values(**values, changed_at=at)
            )
    gone = [row.id for row in rows.values() if row.source == _FILE and row.name not in ids]
    for part in _parts(gone):
        connection.execute(delete(MEMBERSHIP).where(MEMBERSHIP.c.group_id.in_(part)))
        connection.execute(delete(LICENSE_ASSIGNMENT).where(LICENSE_ASSIGNMENT.c.group_id.in_(part)))
        connection.execute(delete(PERSON_GROUP).where(PERSON_GROUP.c.id.in_(part)))
    _write_members(connection, groups, ids, known)


def _write_members(
    connection: Connection,
    groups: Sequence[PublishedGroup],
    ids: dict[str, str],
    known: dict[str, tuple[str, str]],
) -> None:
    there: dict[str, set[str]] = defaultdict(set)
    for row in connection.execute(select(MEMBERSHIP.c.group_id, MEMBERSHIP.c.person_id)):
        there[row.group_id].add(row.person_id)
    new, surplus = [], []
    for group in groups:
        group_id = ids[group.name]
        wanted = {
            known[upn.casefold()][0]: known[upn.casefold()][1] for upn in group.members if upn.casefold() in known
        }
        new += [
            {"group_id": group_id, "person_id": person, "group_client_id": "own", "person_client_id": client}
            for person, client in wanted.items()
            if person not in there[group_id]
        ]
        surplus += [{"group": group_id, "person": person} for person in there[group_id] - wanted.keys()]
    for part in _parts(surplus):
        connection.execute(
            delete(MEMBERSHIP).where(
                MEMBERSHIP.c.group_id == bindparam("group"), MEMBERSHIP.c.person_id == bindparam("person")
            ),
            part,
        )
    for part in _parts(new):
        connection.execute(insert(MEMBERSHIP), part)


def _parts(rows: Sequence[_T]) -> Iterator[list[_T]]:
    for start in range(0, len(rows), CHUNK):
        yield list(rows[start : start + CHUNK])
