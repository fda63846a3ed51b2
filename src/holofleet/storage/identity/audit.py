"""The audit chain in the database: appended in the transaction of the change, never changed."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, bindparam, delete, insert, literal, select, update

from holofleet.server.audit import (
    GENESIS,
    Anchor,
    AuditQuery,
    AuditRecord,
    Cut,
    Link,
    Verification,
    commitment,
    link_hash,
    os_user,
    verify_chain,
)
from holofleet.server.authorization import PrincipalKind, Scope
from holofleet.storage.database import Database
from holofleet.storage.moments import to_micros
from holofleet.storage.scoping import in_scope
from holofleet.storage.tables.audit import AUDIT_CUT
from holofleet.storage.tables.directory import PERSON
from holofleet.storage.tables.identity import AUDIT, AUDIT_HEAD, AUDIT_PERSONAL, FIRST_HEAD

SALT_BYTES = 16
PAGE = 1_000
_HEAD = select(AUDIT_HEAD.c.sequence, AUDIT_HEAD.c.hash)
_LOCKED_HEAD = _HEAD.with_for_update()
_APPEND = insert(AUDIT)
_MOVE_HEAD = (
    update(AUDIT_HEAD).where(AUDIT_HEAD.c.id == 1).values(sequence=bindparam("to"), hash=bindparam("head"))
)


def append_audit(connection: Connection, record: AuditRecord, *, at: datetime, epoch: int) -> Anchor:
    """Append a record in the transaction of ``connection``; writers queue from here to their commit.

    Call it late in a transaction: the queue is the whole installation's.
    """
    if record.actor == str(PrincipalKind.LOCAL_ADMIN) and (user := os_user()):
        record = replace(record, personal={**record.personal, "os_user": user})
    record = without_names(connection, record)
    head = _locked_head(connection)
    salts = {name: secrets.token_bytes(SALT_BYTES) for name in record.personal}
    data: dict[str, Any] = json.loads(json.dumps(dict(record.data)))  # as it will be read back
    if record.personal:
        data["personal"] = {name: commitment(salts[name], value) for name, value in record.personal.items()}
    bare = Link(
        sequence=head.sequence + 1,
        epoch=epoch,
        at=to_micros(at),
        actor=record.actor,
        action=record.action,
        subject=record.subject,
        client=record.client,
        data=data,
    )
    anchor = Anchor(bare.sequence, link_hash(head.hash, bare))
    row = {
        "sequence": bare.sequence,
        "epoch": epoch,
        "at": bare.at,
        "actor": bare.actor,
        "action": bare.action,
        "subject": bare.subject,
        "client_id": bare.client,
        "data": json.dumps(data, ensure_ascii=False, sort_keys=True),
        "hash": anchor.hash,
    }
    connection.execute(_APPEND, row)
    connection.execute(_MOVE_HEAD, {"to": anchor.sequence, "head": anchor.hash})
    personal = [
        {"sequence": anchor.sequence, "field": name, "salt": salts[name].hex(), "value": value}
        for name, value in record.personal.items()
    ]
    if personal:
        connection.execute(insert(AUDIT_PERSONAL), personal)
    return anchor


def without_names(connection: Connection, record: AuditRecord) -> AuditRecord:
    """Return a record whose actor is named by an id: the name is personal, and can be erased."""
    upn = record.actor.removeprefix("person:").casefold()
    if upn == record.actor or "@" not in upn:
        return record
    found = connection.execute(select(PERSON.c.id).where(PERSON.c.upn == upn)).scalar_one_or_none()
    if found is None:
        return record
    return replace(record, actor=f"person:{found}", personal={**record.personal, "actor": upn})


class StoredAudit:
    """Reading, verifying and erasing."""

    def __init__(self, database: Database, *, epoch: int) -> None:
        self._database = database
        self._epoch = epoch

    def record(self, record: AuditRecord, *, at: datetime) -> Anchor:
        """Append a record of its own transaction: for acts that change nothing else in the database."""
        with self._database.transaction() as connection:
            return append_audit(connection, record, at=at, epoch=self._epoch)

    def head(self) -> Anchor:
        """Return the newest record's number and hash: what somebody may note elsewhere as an anchor."""
        with self._database.read() as connection:
            row = connection.execute(_HEAD).one_or_none()
        return Anchor(row.sequence, row.hash) if row else Anchor(0, GENESIS)

    def verify(self, anchors: Iterable[Anchor] = ()) -> Verification:
        """Walk the whole chain at one moment, against the database's own head and anchors from outside."""
        with self._database.read() as connection:
            if self._database.dialect == "postgresql":  # where each statement else sees a moment of its own
                connection.execution_options(isolation_level="REPEATABLE READ")
            row = connection.execute(_HEAD).one_or_none()
            head = Anchor(row.sequence, row.hash) if row else Anchor(0, GENESIS)
            rows = connection.execute(select(AUDIT).order_by(AUDIT.c.sequence)).yield_per(PAGE)
            return verify_chain(_links(rows), head=head, anchors=anchors, cut=newest_cut(connection))

    def page(
        self, scope: Scope, *, query: AuditQuery | None = None, before: int | None = None, limit: int = 100
    ) -> tuple[Link, ...]:
        """Return records in ``scope``, newest first; what concerned the installation only for every client."""
        statement = select(AUDIT).order_by(AUDIT.c.sequence.desc()).limit(limit)
        statement = in_scope(statement, AUDIT.c.client_id, scope)
        if before is not None:
            statement = statement.where(AUDIT.c.sequence < before)
        with self._database.read() as connection:
            return tuple(_links(connection.execute(statement.where(*_conditions(query or AuditQuery())))))

    def after(self, sequence: int, limit: int) -> tuple[Link, ...]:
        """Return records of the whole installation behind a number, oldest first."""
        statement = select(AUDIT).where(AUDIT.c.sequence > sequence).order_by(AUDIT.c.sequence).limit(limit)
        with self._database.read() as connection:
            return tuple(_links(connection.execute(statement)))

    def names(self, links: Iterable[Link]) -> dict[int, dict[str, str]]:
        """Return what names people in records, by number; what was erased is not there."""
        found: dict[int, dict[str, str]] = {}
        numbers = [link.sequence for link in links]
        with self._database.read() as connection:
            for start in range(0, len(numbers), PAGE // 2):
                part = numbers[start : start + PAGE // 2]
                for row in connection.execute(select(AUDIT_PERSONAL).where(AUDIT_PERSONAL.c.sequence.in_(part))):
                    found.setdefault(row.sequence, {})[row.field] = row.value
        return found

    def erase(self, sequence: int) -> int:
        """Delete what names a person in a record; the chain stays whole. Returns how many fields were erased."""
        with self._database.transaction() as connection:
            return connection.execute(delete(AUDIT_PERSONAL).where(AUDIT_PERSONAL.c.sequence == sequence)).rowcount


def _conditions(query: AuditQuery) -> Iterator[ColumnElement[bool]]:
    if query.actor:
        upn = query.actor.removeprefix("person:").casefold()
        person = select(literal("person:") + PERSON.c.id).where(PERSON.c.upn == upn).scalar_subquery()
        yield (AUDIT.c.actor == query.actor) | (AUDIT.c.actor == person)
    named = (
        (AUDIT.c.action, query.action),
        (AUDIT.c.subject, query.subject),
    )
    yield from (column == text for column, text in named if text)
    if query.client is not None:
        yield AUDIT.c.client_id == query.client
    if query.since is not None:
        yield AUDIT.c.at >= to_micros(query.since)
    if query.until is not None:
        yield AUDIT.c.at < to_micros(query.until)


def newest_cut(connection: Connection) -> Cut | None:
    """Return the newest cut, or ``None``."""
    row = connection.execute(select(AUDIT_CUT).order_by(AUDIT_CUT.c.sequence.desc()).limit(1)).one_or_none()
    return None if row is None else Cut(Anchor(row.sequence, row.hash), row.line, row.actor, row.at)


def _locked_head(connection: Connection) -> Anchor:
    row = connection.execute(_LOCKED_HEAD).one_or_none()
    if row is None:
        connection.execute(FIRST_HEAD, {"hash": GENESIS})
        row = connection.execute(_LOCKED_HEAD).one()
    return Anchor(row.sequence, row.hash)


def _links(rows: Iterable[Row[Any]]) -> Iterator[Link]:
    for row in rows:
        yield Link(
            sequence=row.sequence,
            epoch=row.epoch,
            at=row.at,
            actor=row.actor,
            action=row.action,
            subject=row.subject,
            client=row.client_id,
            data=_read_data(row.data),
            hash=row.hash,
        )


def _read_data(text: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except ValueError:
        value = None
    return value if isinstance(value, dict) else {"unreadable": text}
