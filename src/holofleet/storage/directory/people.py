"""The directory in the database."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, func, insert, or_, select, update

from holofleet.errors import ConflictError, NotFoundError
from holofleet.server.audit import AuditRecord
from holofleet.server.authorization import Role, Scope
from holofleet.server.directory import (
    CALL_ROLES,
    Ending,
    NewPerson,
    PeopleQuery,
    Person,
    PersonChange,
    PersonPage,
    Rights,
    Source,
)
from holofleet.server.directory.beside import Beside
from holofleet.server.directory.store import LeavingBound, TooManyLeaveError
from holofleet.storage.database import Database
from holofleet.storage.directory import leaving
from holofleet.storage.directory.beside import read_beside
from holofleet.storage.directory.groups import StoredGroups
from holofleet.storage.directory.renaming import rename
from holofleet.storage.directory.rows import one_person, people_of, require_client, scope_of, scope_text
from holofleet.storage.identity.audit import append_audit
from holofleet.storage.moments import to_micros
from holofleet.storage.scoping import within
from holofleet.storage.tables.directory import MEMBERSHIP, PERSON, PERSON_ROLE

_ADMINISTRATORS = (
    select(PERSON_ROLE.c.person_id)
    .join(PERSON, PERSON.c.id == PERSON_ROLE.c.person_id)
    .where(PERSON_ROLE.c.role == str(Role.ADMINISTRATOR), PERSON.c.left_at.is_(None), PERSON.c.clients.is_(None))
)


class StoredDirectory(StoredGroups):
    """Implements :class:`holofleet.server.directory.DirectoryStore`."""

    def __init__(self, database: Database, *, epoch: int) -> None:
        super().__init__(database, epoch=epoch)

    # Reading.

    def page(self, scope: Scope, query: PeopleQuery, *, after: str | None, limit: int) -> PersonPage:
        conditions = [*within(PERSON.c.client_id, scope), *_narrowed(query)]
        total = select(func.count()).select_from(PERSON).where(*conditions)
        rows = select(PERSON).where(*conditions).order_by(PERSON.c.upn).limit(limit + 1)
        if after is not None:
            rows = rows.where(PERSON.c.upn > after)
        with self._database.read() as connection:
            found = list(connection.execute(rows))
            people = people_of(connection, found[:limit])
            return PersonPage(
                people,
                connection.execute(total).scalar_one(),
                people[-1].upn if len(found) > limit else None,
            )

    def person(self, scope: Scope, key: str) -> Person | None:
        column = PERSON.c.upn if "@" in key else PERSON.c.id
        with self._database.read() as connection:
            return one_person(connection, select(PERSON).where(column == key, *within(PERSON.c.client_id, scope)))

    def beside(self, scope: Scope, people: Sequence[str]) -> Mapping[str, Beside]:
        with self._database.read() as connection:
            return read_beside(connection, scope, people)

    def by_external_id(self, external_id: str) -> Person | None:
        with self._database.read() as connection:
            return one_person(connection, select(PERSON).where(PERSON.c.external_id == external_id))

    def sign_in_name(self, upn: str) -> Person | None:
        return self.person(Scope.every(), upn)

    def rights(self, person_id: str) -> Rights | None:
        statement = select(PERSON.c.upn, PERSON.c.clients).where(
            PERSON.c.id == person_id, PERSON.c.left_at.is_(None)
        )
        roles = select(PERSON_ROLE.c.role).where(PERSON_ROLE.c.person_id == person_id)
        with self._database.read() as connection:
            row = connection.execute(statement).one_or_none()
            if row is None:
                return None
            held = frozenset(Role(role) for role in connection.execute(roles).scalars())
        return Rights(row.upn, held, scope_of(row.clients))

    def endings(self, person_id: str) -> tuple[Ending, ...]:
        with self._database.read() as connection:
            return leaving.standing(connection, person_id, _upn_of(connection, person_id))

    def tokens_of(self, person_id: str) -> tuple[str, ...]:
        with self._database.read() as connection:
            return leaving.token_digests(connection, _upn_of(connection, person_id))

    def note(self, audit: AuditRecord, *, at: datetime) -> None:
        with self._database.transaction() as connection:
            append_audit(connection, audit, at=at, epoch=self._epoch)

    # Changing.

    def add(self, new: NewPerson, *, source: Source, at: datetime, audit: AuditRecord) -> Person:
        now = to_micros(at)
        with self._database.transaction() as connection:
            if not require_client(connection, new.client):
                raise NotFoundError("there is no such client here")
            known = connection.execute(
                select(PERSON.c.id, PERSON.c.client_id, PERSON.c.left_at).where(PERSON.c.upn == new.upn)
            ).one_or_none()
            if known is not None and (known.left_at is None or known.client_id != new.client):
                raise ConflictError(
                    f"{new.upn} is in the directory already", mend="Change who is there, or use another name."
                )
            if new.external_id and _holder(connection, new.external_id) not in (None, known and known.id):
                raise ConflictError(f"somebody else has the external id {new.external_id}")
            values = {**_values(new, source), "changed_at": now, "left_at": None}
            person_id = uuid.uuid4().hex if known is None else str(known.id)
            if known is None:
                connection.execute(insert(PERSON).values(id=person_id, created_at=now, **values))
            else:
                connection.execute(update(PERSON).where(PERSON.c.id == person_id).values(values))
            append_audit(connection, replace(audit, subject=f"person:{person_id}"), at=at, epoch=self._epoch)
            return _there(connection, person_id)

    def change(self, person_id: str, change: PersonChange, *, at: datetime, audit: AuditRecord) -> Person | None:
        with self._database.transaction() as connection:
            row = connection.execute(select(PERSON).where(PERSON.c.id == person_id)).one_or_none()
            if row is None:
                return None
            if change.upn is not None and change.upn != row.upn:
                taken = connection.execute(select(PERSON.c.id).where(PERSON.c.upn == change.upn)).first()
                if taken is not None:
                    raise ConflictError(f"{change.upn} is in the directory already", mend="Use another name.")
            if change.external_id and _holder(connection, change.external_id) not in (None, person_id):
                raise ConflictError(f"somebody else has the external id {change.external_id}")
            values = _changed(change)
            if not values:
                return _there(connection, person_id)
            administers = "clients" in values and _is_administrator(connection, person_id)
            connection.execute(
                update(PERSON).where(PERSON.c.id == person_id).values(**values, changed_at=to_micros(at))
            )
            if "upn" in values:
                rename(connection, row.upn, values["upn"])
            append_audit(connection, audit, at=at, epoch=self._epoch)
            _require_an_administrator(connection, before=administers)
            return _there(connection, person_id)

    def leave(
        self,
        person_id: str,
        *,
        source: Source,
        at: datetime,
        audit: AuditRecord,
        bound: LeavingBound | None = None,
    ) -> tuple[Ending, ...]:
        now = to_micros(at)
        with self._database.transaction() as connection:
            administers = _is_administrator(connection, person_id)
            ended = leaving.end_all(connection, person_id, _upn_of(connection, person_id), now)
            connection.execute(
                update(PERSON)
                .where(PERSON.c.id == person_id)
                .values(left_at=now, changed_at=now, ended_at=now, source=str(source))
            )
            data = {**audit.data, "ended": {ending.what: ending.count for ending in ended}}
            append_audit(connection, replace(audit, data=data), at=at, epoch=self._epoch)
            _require_an_administrator(connection, before=administers)
            if bound is not None:
                _require_within(connection, bound, source)
        return ended

    def give_role(self, person_id: str, role: Role, *, source: Source, at: datetime, audit: AuditRecord) -> bool:
        with self._database.transaction() as connection:
            held = select(PERSON_ROLE.c.role).where(
                PERSON_ROLE.c.person_id == person_id,
                PERSON_ROLE.c.role == str(role),
                PERSON_ROLE.c.source == str(source),
            )
            if connection.execute(held).first() is not None:
                return False
            client = connection.execute(select(PERSON.c.client_id).where(PERSON.c.id == person_id)).scalar_one()
            connection.execute(
                insert(PERSON_ROLE).values(
                    person_id=person_id,
                    client_id=client,
                    role=str(role),
                    source=str(source),
                    actor=audit.actor,
                    at=to_micros(at),
                )
            )
            append_audit(connection, audit, at=at, epoch=self._epoch)
        return True

    def take_role(self, person_id: str, role: Role, *, at: datetime, audit: AuditRecord) -> bool:
        ours = and_(
            PERSON_ROLE.c.person_id == person_id,
            PERSON_ROLE.c.role == str(role),
            PERSON_ROLE.c.source != str(Source.FILE),
        )
        with self._database.transaction() as connection:
            administers = _is_administrator(connection, person_id)
            if not connection.execute(PERSON_ROLE.delete().where(ours)).rowcount:
                return False
            append_audit(connection, audit, at=at, epoch=self._epoch)
            _require_an_administrator(connection, before=administers)
        return True


def _narrowed(query: PeopleQuery) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if query.here is not None:
        conditions.append(PERSON.c.left_at.is_(None) if query.here else PERSON.c.left_at.is_not(None))
    if query.text:
        start = query.text.casefold()
        conditions.append(
            or_(
                PERSON.c.upn.startswith(start, autoescape=True),
                PERSON.c.sort_name.startswith(start, autoescape=True),
            )
        )
    for column, value in (
        (PERSON.c.client_id, query.client),
        (PERSON.c.account, query.account),
        (PERSON.c.source, query.source),
    ):
        if value:
            conditions.append(column == value)
    if query.group:
        members = select(MEMBERSHIP.c.person_id).where(MEMBERSHIP.c.group_id == query.group)
        conditions.append(PERSON.c.id.in_(members))
    if query.role in CALL_ROLES:
        conditions.append(PERSON.c.call_roles.contains(f'"{query.role}"', autoescape=True))
    elif query.role:
        holders = select(PERSON_ROLE.c.person_id).where(PERSON_ROLE.c.role == query.role)
        conditions.append(PERSON.c.id.in_(holders))
    return conditions


def _values(new: NewPerson, source: Source) -> dict[str, Any]:
    return {
        "client_id": new.client,
        "upn": new.upn,
        "display_name": new.display_name,
        "sort_name": new.display_name.casefold(),
        "account": str(new.account),
        "source": str(source),
        "call_roles": json.dumps(sorted(new.call_roles)),
        "clients": None if new.client == "own" else json.dumps([new.client]),
        "site": new.site,
        "email": new.email,
        "external_id": new.external_id or None,
    }


def _changed(change: PersonChange) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name in ("upn", "email", "site"):
        if (value := getattr(change, name)) is not None:
            values[name] = value
    if change.display_name is not None:
        values |= {"display_name": change.display_name, "sort_name": change.display_name.casefold()}
    if change.call_roles is not None:
        values["call_roles"] = json.dumps(sorted(change.call_roles))
    if change.external_id is not None:
        values["external_id"] = change.external_id or None
    if change.source is not None:
        values["source"] = str(change.source)
    if change.seen is not None:
        values["clients"] = scope_text(change.seen)
    return values


def _there(connection: Connection, person_id: str) -> Person:
    found = one_person(connection, select(PERSON).where(PERSON.c.id == person_id))
    if found is None:
        raise NotFoundError("there is nobody of this name here")
    return found


def _holder(connection: Connection, external_id: str) -> str | None:
    return connection.execute(select(PERSON.c.id).where(PERSON.c.external_id == external_id)).scalar_one_or_none()


def _upn_of(connection: Connection, person_id: str) -> str:
    found = connection.execute(select(PERSON.c.upn).where(PERSON.c.id == person_id)).scalar_one_or_none()
    return str(found) if found is not None else ""


def _require_within(connection: Connection, bound: LeavingBound, source: Source) -> None:
    """Refuse the end of one more than the bound allows; the head of the audit is locked, so nobody ends beside us.

    Whoever was ended counts although they were brought back since, and whoever was added since raises nothing.
    """
    of_source = select(func.count()).select_from(PERSON).where(PERSON.c.source == str(source))
    since = to_micros(bound.since)
    ended = connection.execute(of_source.where(PERSON.c.ended_at > since)).scalar_one()
    known = connection.execute(
        of_source.where(PERSON.c.created_at <= since, or_(PERSON.c.left_at.is_(None), PERSON.c.left_at > since))
    ).scalar_one()
    if not bound.allows(ended, known):
        raise TooManyLeaveError(ended - 1, known)


def _is_administrator(connection: Connection, person_id: str) -> bool:
    return connection.execute(_ADMINISTRATORS.where(PERSON.c.id == person_id)).first() is not None


def _require_an_administrator(connection: Connection, *, before: bool) -> None:
    """Refuse a change after which nobody administers the installation, where somebody did before.

    Call it when the head of the audit is locked: two who take the role from one another come one after the other.
    """
    if before and connection.execute(_ADMINISTRATORS.limit(1)).first() is None:
        raise ConflictError(
            "nobody would be administrator any more", mend="Make somebody else administrator first."
        )
