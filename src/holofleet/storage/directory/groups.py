"""Groups in the database."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update

from holofleet.errors import ConflictError, NotFoundError
from holofleet.server.audit import AuditRecord
from holofleet.server.authorization import Scope
from holofleet.server.directory import Group, NewGroup, Source
from holofleet.storage.database import Database
from holofleet.storage.directory.rows import CHUNK, groups_of, require_client
from holofleet.storage.identity.audit import append_audit
from holofleet.storage.licenses.settling import settle_people
from holofleet.storage.moments import to_micros
from holofleet.storage.scoping import within
from holofleet.storage.tables.directory import MEMBERSHIP, PERSON, PERSON_GROUP
from holofleet.storage.tables.licenses import LICENSE_ASSIGNMENT


class StoredGroups:
    """The part of the directory that keeps groups."""

    def __init__(self, database: Database, *, epoch: int) -> None:
        self._database = database
        self._epoch = epoch

    def groups(self, scope: Scope) -> tuple[Group, ...]:
        with self._database.read() as connection:
            return groups_of(connection, within(PERSON_GROUP.c.client_id, scope))

    def group(self, scope: Scope, key: str) -> Group | None:
        named = (PERSON_GROUP.c.id == key) | (PERSON_GROUP.c.name == key)
        with self._database.read() as connection:
            found = groups_of(connection, [named, *within(PERSON_GROUP.c.client_id, scope)])
        return found[0] if found else None

    def add_group(self, new: NewGroup, *, source: Source, at: datetime, audit: AuditRecord) -> Group:
        group_id = uuid.uuid4().hex
        with self._database.transaction() as connection:
            if not require_client(connection, new.client):
                raise NotFoundError("there is no such client here")
            taken = select(PERSON_GROUP.c.id).where(
                (PERSON_GROUP.c.name == new.name)
                | ((PERSON_GROUP.c.external_id == new.external_id) & (PERSON_GROUP.c.external_id != ""))
            )
            if connection.execute(taken).first() is not None:
                raise ConflictError(f"there is a group {new.name} already", mend="Use another name.")
            connection.execute(
                insert(PERSON_GROUP).values(
                    id=group_id,
                    client_id=new.client,
                    name=new.name,
                    display_name=new.display_name or new.name,
                    source=str(source),
                    external_id=new.external_id or None,
                    changed_at=to_micros(at),
                )
            )
            _put(connection, group_id, new.client, new.members)
            append_audit(connection, audit, at=at, epoch=self._epoch)
            return groups_of(connection, [PERSON_GROUP.c.id == group_id])[0]

    def set_members(
        self, group_id: str, *, add: frozenset[str], remove: frozenset[str], at: datetime, audit: AuditRecord
    ) -> None:
        with self._database.transaction() as connection:
            client = connection.execute(
                select(PERSON_GROUP.c.client_id).where(PERSON_GROUP.c.id == group_id)
            ).scalar_one()
            for start in range(0, len(remove), CHUNK):
                part = sorted(remove)[start : start + CHUNK]
                connection.execute(
                    delete(MEMBERSHIP).where(MEMBERSHIP.c.group_id == group_id, MEMBERSHIP.c.person_id.in_(part))
                )
            there = set(
                connection.execute(
                    select(MEMBERSHIP.c.person_id).where(MEMBERSHIP.c.group_id == group_id)
                ).scalars()
            )
            _put(connection, group_id, client, add - there)
            connection.execute(
                update(PERSON_GROUP).where(PERSON_GROUP.c.id == group_id).values(changed_at=to_micros(at))
            )
            if _licensed(connection, group_id):
                settle_people(connection, add | remove, at=to_micros(at))
            append_audit(connection, audit, at=at, epoch=self._epoch)

    def rename_group(self, group_id: str, display_name: str, *, at: datetime, audit: AuditRecord) -> None:
        with self._database.transaction() as connection:
            connection.execute(
                update(PERSON_GROUP)
                .where(PERSON_GROUP.c.id == group_id)
                .values(display_name=display_name, changed_at=to_micros(at))
            )
            append_audit(connection, audit, at=at, epoch=self._epoch)

    def remove_group(self, group_id: str, *, at: datetime, audit: AuditRecord) -> None:
        with self._database.transaction() as connection:
            if _licensed(connection, group_id):
                raise ConflictError(
                    "the group gives licenses to its members",
                    mend="Take its licenses back first: holofleet licenses take.",
                )
            connection.execute(delete(MEMBERSHIP).where(MEMBERSHIP.c.group_id == group_id))
            connection.execute(delete(PERSON_GROUP).where(PERSON_GROUP.c.id == group_id))
            append_audit(connection, audit, at=at, epoch=self._epoch)


def _licensed(connection: Connection, group_id: str) -> bool:
    found = select(LICENSE_ASSIGNMENT.c.number).where(LICENSE_ASSIGNMENT.c.group_id == group_id)
    return connection.execute(found.limit(1)).first() is not None


def _put(connection: Connection, group_id: str, client: str, members: frozenset[str]) -> None:
    """Put people into a group.

    Raises:
        NotFoundError: one is not there, has left, or is of another client than the group.
    """
    wanted = sorted(members)
    for start in range(0, len(wanted), CHUNK):
        part = wanted[start : start + CHUNK]
        found = select(PERSON.c.id, PERSON.c.client_id).where(PERSON.c.id.in_(part), PERSON.c.left_at.is_(None))
        rows = [
            {
                "group_id": group_id,
                "person_id": row.id,
                "group_client_id": client,
                "person_client_id": row.client_id,
            }
            for row in connection.execute(found)
            if client in (row.client_id, "own")
        ]
        if len(rows) != len(part):
            raise NotFoundError("there is nobody of this name here")
        connection.execute(insert(MEMBERSHIP), rows)
