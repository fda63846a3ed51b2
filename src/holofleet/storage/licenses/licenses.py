"""Licenses in the database, for people who ask and change."""

from __future__ import annotations

import json
from collections import defaultdict
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, delete, func, insert, select

from holofleet.errors import ConflictError, NotFoundError
from holofleet.server.audit import AuditRecord
from holofleet.server.authorization import Scope
from holofleet.server.licenses import Holder, LicenseError, Standing
from holofleet.server.licenses.store import Assignment, Mark, NewAssignment, RemovalLimitError
from holofleet.storage.database import Database
from holofleet.storage.identity.audit import append_audit
from holofleet.storage.licenses.settling import (
    grant_of,
    lock_pools,
    members_of,
    pool_of,
    settle_people,
    waiting,
)
from holofleet.storage.moments import from_micros, to_micros
from holofleet.storage.scoping import within
from holofleet.storage.tables.directory import MEMBERSHIP, PERSON, PERSON_GROUP, PERSON_ROLE
from holofleet.storage.tables.licenses import LICENSE_ASSIGNMENT, LICENSE_GRANT, LICENSE_POOL
from holofleet.storage.tables.management import PUBLICATION

CONSOLE = "console"
_A, _G = LICENSE_ASSIGNMENT.c, LICENSE_GRANT.c
_NONE: frozenset[str] = frozenset()
_SAID = {
    LicenseError.COUNT: "no seat is left",
    LicenseError.EXCLUSIVE: "a service plan of it cannot be on beside one that they have",
    LicenseError.DEPENDENCY: "a service plan of it needs another one that they lack",
    LicenseError.LOCATION: "it is not sold where they are",
}


class StoredLicenses:
    """Implements :class:`holofleet.server.licenses.store.LicenseStore`."""

    def __init__(self, database: Database, *, epoch: int) -> None:
        self._database = database
        self._epoch = epoch

    def standing(self, scope: Scope, *, person: str = "") -> Standing:
        conditions: list[ColumnElement[bool]] = [*within(PERSON.c.client_id, scope)]
        if person:
            conditions.append(PERSON.c.id == person)
        granted = select(LICENSE_GRANT).join(PERSON, PERSON.c.id == _G.person_id).where(*conditions)
        with self._database.read() as connection:
            grants = tuple(grant_of(row) for row in connection.execute(granted))
            holders = _holders(connection, conditions)
            pools = connection.execute(select(LICENSE_POOL)).all()
            names = select(PERSON_GROUP.c.id, PERSON_GROUP.c.display_name).where(
                *within(PERSON_GROUP.c.client_id, scope)
            )
            groups = {row.id: row.display_name for row in connection.execute(names)}
            account = select(PERSON.c.id).where(PERSON.c.account != "person", PERSON.c.left_at.is_(None))
            accounts = connection.execute(account.limit(1)).first() is not None
        return Standing(tuple(pool_of(row) for row in pools), holders, grants, groups, accounts)

    def mark(self) -> Mark:
        marks = (
            (PERSON, PERSON.c.changed_at, func.count(PERSON.c.left_at)),
            (PERSON_ROLE, PERSON_ROLE.c.at, func.count()),
            (PERSON_GROUP, PERSON_GROUP.c.changed_at, func.count()),
            (LICENSE_GRANT, _G.at, func.count()),
            (LICENSE_POOL, LICENSE_POOL.c.changed_at, func.count()),
        )
        counts: list[int] = []
        newest: list[int] = []
        with self._database.read() as connection:
            for table, at, what in marks:
                row = connection.execute(select(func.count(), what, func.max(at)).select_from(table)).one()
                counts += row[:2]
                newest += [row[2]] if row[2] is not None else []
            published = select(func.max(PUBLICATION.c.sequence))
            counts.append(connection.execute(published).scalar_one() or 0)
        return Mark((*counts, *newest), from_micros(max(newest)) if newest else None)

    def assignments(self, scope: Scope, *, source: str, after: int, limit: int) -> tuple[Assignment, ...]:
        sizes = (
            select(MEMBERSHIP.c.group_id, func.count().label("people"))
            .join(PERSON, and_(PERSON.c.id == MEMBERSHIP.c.person_id, PERSON.c.left_at.is_(None)))
            .group_by(MEMBERSHIP.c.group_id)
            .subquery()
        )
        statement = (
            select(LICENSE_ASSIGNMENT, PERSON.c.upn, PERSON_GROUP.c.name, sizes.c.people)
            .outerjoin(PERSON, PERSON.c.id == _A.person_id)
            .outerjoin(PERSON_GROUP, PERSON_GROUP.c.id == _A.group_id)
            .outerjoin(sizes, sizes.c.group_id == _A.group_id)
            .where(*within(_A.client_id, scope), _A.number > after)
            .order_by(_A.number)
            .limit(limit)
        )
        if source:
            statement = statement.where(_A.source == source)
        with self._database.read() as connection:
            return tuple(_assignment(row) for row in connection.execute(statement))

    def assign(self, new: NewAssignment, *, at: datetime, audit: AuditRecord) -> None:
        now = to_micros(at)
        with self._database.transaction() as connection:
            lock_pools(connection)
            if connection.execute(select(_A.number).where(*_these(new), _A.source == CONSOLE)).first() is not None:
                raise ConflictError(f"{new.sku} is assigned already")
            connection.execute(
                insert(LICENSE_ASSIGNMENT).values(
                    client_id=new.client,
                    sku=new.sku,
                    person_id=new.person or None,
                    group_id=new.group or None,
                    disabled_plans=json.dumps(sorted(new.disabled)),
                    source=CONSOLE,
                    actor=audit.actor,
                    at=now,
                )
            )
            reached = _reached(connection, new)
            grants = settle_people(connection, reached, at=now)
            if new.person:
                _require_arrived(new, grants.get(new.person, []))
            append_audit(connection, audit, at=at, epoch=self._epoch)

    def take(self, which: NewAssignment, *, at_most: int, at: datetime, audit: AuditRecord) -> int:
        with self._database.transaction() as connection:
            lock_pools(connection)
            losing = _losing(connection, which)
            if len(losing) > at_most:
                raise RemovalLimitError(which.sku, len(losing), at_most=at_most)
            reached = _reached(connection, which)
            ended = connection.execute(delete(LICENSE_ASSIGNMENT).where(*_these(which), _A.source == CONSOLE))
            if not ended.rowcount:
                raise NotFoundError(
                    f"{which.sku} is not assigned here", mend="What the file gives is taken there."
                )
            settle_people(connection, reached, at=to_micros(at))
            append_audit(connection, audit, at=at, epoch=self._epoch)
        return len(losing)

    def serve_waiting(self, *, at: datetime) -> int:
        with self._database.read() as connection:
            if not waiting(connection):
                return 0
        with self._database.transaction() as connection:
            before = _arrived(connection)
            settle_people(connection, (), at=to_micros(at))
            return _arrived(connection) - before


def _require_arrived(new: NewAssignment, grants: list[Any]) -> None:
    for grant in grants:
        if (grant.sku, grant.source) == (new.sku, "") and grant.error is not None:
            raise ConflictError(
                f"{new.sku} cannot be assigned: {_SAID[grant.error]}",
                detail=str(grant.error),
                mend="`holofleet licenses list` shows what is short and what is wasted.",
            )


def _reached(connection: Connection, assignment: NewAssignment) -> set[str]:
    return {assignment.person} if assignment.person else members_of(connection, assignment.group)


def _losing(connection: Connection, which: NewAssignment) -> set[str]:
    """Return who has the product by this assignment and by nothing else."""
    if connection.execute(select(_A.number).where(*_these(which), _A.source != CONSOLE)).first() is not None:
        return set()
    source = which.group if which.group else ""
    held = select(_G.person_id, _G.source).where(_G.sku == which.sku, _G.error == "")
    if which.person:
        held = held.where(_G.person_id == which.person)
    sources: dict[str, set[str]] = defaultdict(set)
    for row in connection.execute(held):
        sources[row.person_id].add(row.source)
    return {person for person, found in sources.items() if found == {source}}


def _these(assignment: NewAssignment) -> tuple[ColumnElement[bool], ...]:
    whose = _A.person_id == assignment.person if assignment.person else _A.group_id == assignment.group
    return (_A.sku == assignment.sku, whose)


def _arrived(connection: Connection) -> int:
    return connection.execute(select(func.count()).select_from(LICENSE_GRANT).where(_G.error == "")).scalar_one()


def _holders(connection: Connection, conditions: list[ColumnElement[bool]]) -> dict[str, Holder]:
    roles: dict[str, set[str]] = defaultdict(set)
    held = select(PERSON_ROLE.c.person_id, PERSON_ROLE.c.role).join(PERSON, PERSON.c.id == PERSON_ROLE.c.person_id)
    for row in connection.execute(held.where(*conditions)):
        roles[row.person_id].add(row.role)
    person = PERSON.c
    named = select(person.id, person.upn, person.client_id, person.account, person.call_roles, person.left_at)
    return {
        key: Holder(key, upn, client, account, _names_of(calls) | roles.get(key, _NONE), here=left_at is None)
        for key, upn, client, account, calls, left_at in connection.execute(named.where(*conditions))
    }


@lru_cache(maxsize=256)
def _names_of(text: str) -> frozenset[str]:
    return frozenset(json.loads(text))


def _assignment(row: Any) -> Assignment:
    return Assignment(
        number=row.number,
        sku=row.sku,
        client=row.client_id,
        person=row.upn or "",
        group=row.name or "",
        disabled=frozenset(json.loads(row.disabled_plans)),
        source=row.source,
        actor=row.actor,
        at=from_micros(row.at),
        people=1 if row.person_id else row.people or 0,
    )
