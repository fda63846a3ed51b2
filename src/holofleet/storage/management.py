"""The port of sessions to the database: one read, at most one write.

The two hot statements are written with SQLAlchemy, compiled once per dialect, and run as text on the driver:
what they cost beyond the database is a few microseconds.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ARRAY, Connection, Dialect, Row, Text, bindparam, delete, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from holofleet.errors import ConflictError, StorageError
from holofleet.resources import Document
from holofleet.server.management.exchange import Change, Holder, OpenOrders, SerialFacts, StoredAnswer
from holofleet.server.management.row import DesiredHeadset, EnrollmentRow, TenantLock
from holofleet.server.orders import OPEN, Order, OrderKind, OrderStatus
from holofleet.server.standing import Standing
from holofleet.storage.database import Database
from holofleet.storage.events import append_events
from holofleet.storage.hot import HotStatement
from holofleet.storage.moments import from_micros, to_micros
from holofleet.storage.tables.management import (
    ANSWER,
    CONTROL,
    DEPLOYMENT,
    DOCUMENT,
    ENROLLMENT,
    HEADSET,
    ORDER,
)

FREEZE = "orders-frozen"
_MOMENTS = ("verified_at", "released_at", "ended_at")
_WORDS = ("standing", "tenant_lock", "compliance")

_E, _H, _D = ENROLLMENT.c, HEADSET.c, DEPLOYMENT.c
_HEADSET_COLUMNS = (
    _H.deployment,
    _H.document_hash,
    _H.variables,
    _H.verify_every_h,
    _H.undelivered,
    _H.removed_at,
)
_COLUMNS = (
    _E.id,
    _E.client_id,
    _E.deployment,
    _E.device_id,
    _E.certificate_sha256,
    _E.certificate_not_after,
    _E.standing,
    _E.standing_reason,
    _E.serial,
    _E.held_serial,
    _E.released_at,
    _E.ended_at,
    _E.epoch,
    _E.version,
    _E.acknowledged_hash,
    _E.overlay,
    _E.secrets,
    _E.inventory,
    _E.os_build,
    _E.cursor,
    _E.verified_at,
    _E.open_orders,
    _E.tenant_lock,
    _E.compliance,
    _D.common_hash,
    *_HEADSET_COLUMNS,
)


_FROM = ENROLLMENT.join(DEPLOYMENT, (_D.client_id == _E.client_id) & (_D.name == _E.deployment)).outerjoin(
    HEADSET, (_H.serial == _E.held_serial) & (_H.client_id == _E.client_id)
)
_CHANGED = (
    "standing",
    "standing_reason",
    "serial",
    "held_serial",
    "released_at",
    "ended_at",
    "acknowledged_hash",
    "overlay",
    "secrets",
    "inventory",
    "os_build",
    "cursor",
    "verified_at",
    "open_orders",
    "tenant_lock",
    "compliance",
)
"""Columns that a session may change; all of them are written each time, so that there is one statement."""


class _Statements:
    """The hot statements of one dialect."""

    def __init__(self, dialect: Dialect) -> None:
        postgres = dialect.name == "postgresql"
        select_rows = select(*_COLUMNS).select_from(_FROM)
        if postgres:
            keys = bindparam("keys", type_=ARRAY(Text))
            self.rows = HotStatement(select_rows.where(_E.certificate_sha256 == func.any(keys)), dialect)
        else:
            each = func.json_each(bindparam("keys", type_=Text)).table_valued("value")
            self.rows = HotStatement(select_rows.where(_E.certificate_sha256.in_(select(each.c.value))), dialect)
        self.keys = list if postgres else json.dumps
        self.update = HotStatement(
            update(ENROLLMENT)
            .where(_E.id == bindparam("row_id"), _E.version == bindparam("row_version"))
            .values(
                version=bindparam("next_version"),
                last_seen_at=bindparam("seen"),
                **{name: bindparam(name) for name in _CHANGED},
            ),
            dialect,
        )
        answer: Any = (postgresql if postgres else sqlite).insert(ANSWER)
        values: dict[str, Any] = {name: bindparam(name) for name in ("enrollment_id", "client_id", "key", "body")}
        written = answer.values(**values)
        self.answer = HotStatement(
            written.on_conflict_do_update(
                index_elements=["enrollment_id"], set_={"key": written.excluded.key, "body": written.excluded.body}
            ),
            dialect,
        )


class SQLManagementStore:
    """Implements :class:`holofleet.server.management.exchange.ManagementStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._hot = _Statements(database.engine.dialect)

    def rows(self, certificates: list[str], /) -> dict[str, EnrollmentRow]:
        found = self._database.fetch(self._hot.rows, {"keys": self._hot.keys(certificates)})
        return {row.certificate_sha256: row for row in map(_row_of, found)}

    def document(self, hash_: str, /) -> Document:
        with self._database.read() as connection:
            content = connection.execute(
                select(DOCUMENT.c.content).where(DOCUMENT.c.hash == hash_)
            ).scalar_one_or_none()
        if content is None:
            raise StorageError(f"document {hash_} is missing in the database")
        return Document.from_json(json.loads(content))

    def open_orders(self, enrollment: str, /) -> OpenOrders:
        with self._database.read() as connection:
            found = connection.execute(
                select(ORDER)
                .where(ORDER.c.enrollment_id == enrollment, ORDER.c.status.in_([str(s) for s in OPEN]))
                .order_by(ORDER.c.created_at, ORDER.c.id)
            ).all()
            return OpenOrders(tuple(order_of(row) for row in found), is_frozen(connection))

    def answer(self, enrollment: str, /) -> StoredAnswer | None:
        with self._database.read() as connection:
            row = connection.execute(
                select(ANSWER.c.key, ANSWER.c.body).where(ANSWER.c.enrollment_id == enrollment)
            ).one_or_none()
        return None if row is None else StoredAnswer(row.key, bytes(row.body))

    def serial(self, serial: str, /) -> SerialFacts:
        with self._database.read() as connection:
            headset = connection.execute(
                select(_H.client_id, *_HEADSET_COLUMNS).where(_H.serial == serial)
            ).one_or_none()
            holder = connection.execute(
                select(_E.id, _E.standing, _E.released_at, _E.tenant_lock).where(_E.held_serial == serial)
            ).one_or_none()
        return SerialFacts(
            None if headset is None else headset.client_id,
            None if headset is None else _headset_of(*headset[1:]),
            None if holder is None else _holder_of(holder),
        )

    def store(self, changes: list[Change], /) -> list[bool]:
        """Store changes together; when one of them breaks the transaction, each by itself."""
        try:
            with self._database.transaction() as connection:
                # In one order everywhere, so that two processes never wait for each other's rows.
                done = {id(change): self._apply(connection, change) for change in sorted(changes, key=_row_id)}
                return [done[id(change)] for change in changes]
        except (_RowMovedError, ConflictError):
            return [self._store_one(change) for change in changes]

    def _store_one(self, change: Change) -> bool:
        try:
            with self._database.transaction() as connection:
                return self._apply(connection, change)
        except (_RowMovedError, ConflictError):
            return False

    def _apply(self, connection: Connection, change: Change) -> bool:
        """Write one change; false, and nothing written, when its row has moved on.

        Raises:
            _RowMovedError: found out after something was written already.
        """
        row = change.row
        if change.take_over is not None:
            _end_former_holder(connection, change)
        if connection.exec_driver_sql(self._hot.update.text, self._hot.update.bind(_values(change))).rowcount != 1:
            if change.take_over is not None:
                raise _RowMovedError
            return False
        if change.answer is not None:
            values = {
                "enrollment_id": row.id,
                "client_id": row.client,
                "key": change.answer.key,
                "body": change.answer.body,
            }
            connection.exec_driver_sql(self._hot.answer.text, self._hot.answer.bind(values))
        for step in change.orders:
            moved = connection.execute(
                update(ORDER)
                .where(ORDER.c.id == step.id, ORDER.c.status == str(step.before))
                .values(status=str(step.after), outcome=step.outcome, **_order_moment(step.after, change.at))
            )
            if moved.rowcount != 1:
                raise _RowMovedError
        append_events(connection, at=change.at, events=change.events)
        return True

    def seen(self, moments: Mapping[str, datetime], /) -> None:
        rows = [{"key": key, "seen": to_micros(moments[key])} for key in sorted(moments)]
        if rows:
            with self._database.transaction() as connection:
                connection.execute(_SEEN, rows)


def _row_id(change: Change) -> str:
    return change.row.id


_SEEN = update(ENROLLMENT).where(_E.id == bindparam("key")).values(last_seen_at=bindparam("seen"))


class _RowMovedError(Exception):
    """Something that a change was decided on is not so any more; the transaction must not end well."""


def _end_former_holder(connection: Connection, change: Change) -> None:
    """Take the serial from its holder, which may be of another client: the file moved the headset."""
    freed = connection.execute(
        update(ENROLLMENT)
        .where(_E.id == change.take_over)
        .where((_E.released_at.is_not(None)) | (_E.standing == str(Standing.RETIRED)))
        .values(
            held_serial=None,
            standing=str(Standing.RETIRED),
            ended_at=to_micros(change.at),
            compliance="retired",
            version=_E.version + 1,
        )
    )
    if freed.rowcount != 1:
        raise _RowMovedError


def _order_moment(status: OrderStatus, at: datetime) -> dict[str, int | None]:
    if status is OrderStatus.SENT:
        return {"sent_at": to_micros(at)}
    return {"sent_at": None} if status is OrderStatus.QUEUED else {"closed_at": to_micros(at)}


def _values(change: Change) -> dict[str, Any]:
    row, given = change.row, change.values
    values: dict[str, Any] = {name: given[name] if name in given else getattr(row, name) for name in _CHANGED}
    for name in _MOMENTS:
        if values[name] is not None:
            values[name] = to_micros(values[name])
    for name in _WORDS:
        values[name] = str(values[name])
    values["row_id"] = row.id
    values["row_version"] = row.version
    values["next_version"] = row.version + 1
    values["seen"] = to_micros(change.at)
    return values


def _holder_of(row: Any) -> Holder:
    free = row.released_at is not None or row.standing == str(Standing.RETIRED)
    return Holder(row.id, free, row.tenant_lock == str(TenantLock.LOCKED))


def is_frozen(connection: Connection) -> bool:
    """Tell whether all orders are frozen."""
    value = connection.execute(select(CONTROL.c.value).where(CONTROL.c.name == FREEZE)).scalar_one_or_none()
    return value == "on"


def set_frozen(connection: Connection, on: bool) -> None:
    """Freeze all orders, or let them go again."""
    connection.execute(delete(CONTROL).where(CONTROL.c.name == FREEZE))
    if on:
        connection.execute(insert(CONTROL).values(name=FREEZE, value="on"))


def order_of(row: Row[Any], *, serial: str = "") -> Order:
    """Return the order of a row of the order table."""
    return Order(
        id=row.id,
        client=row.client_id,
        enrollment=row.enrollment_id,
        kind=OrderKind(row.kind),
        status=OrderStatus(row.status),
        actor=row.actor,
        reason=row.reason,
        epoch=row.epoch,
        created_at=from_micros(row.created_at),
        expires_at=from_micros(row.expires_at),
        sent_at=_moment(row.sent_at),
        closed_at=_moment(row.closed_at),
        outcome=row.outcome,
        serial=serial,
    )


def _moment(value: int | None) -> datetime | None:
    return None if value is None else from_micros(value)


def _headset_of(
    deployment: str,
    document_hash: str,
    variables: str,
    verify_every_h: int,
    undelivered: str,
    removed_at: int | None,
) -> DesiredHeadset:
    return DesiredHeadset(
        deployment=deployment,
        document_hash=document_hash,
        variables=json.loads(variables),
        verify_every_h=verify_every_h,
        undelivered=() if undelivered == "[]" else tuple(json.loads(undelivered)),
        removed=removed_at is not None,
    )


def _row_of(row: Any) -> EnrollmentRow:
    """Return the value of a row of :data:`_COLUMNS`, which both drivers give as a plain tuple."""
    (
        id_,
        client,
        deployment,
        device_id,
        certificate_sha256,
        not_after,
        standing,
        standing_reason,
        serial,
        held_serial,
        released_at,
        ended_at,
        epoch,
        version,
        acknowledged_hash,
        overlay,
        secrets,
        inventory,
        os_build,
        cursor,
        verified_at,
        open_orders,
        tenant_lock,
        compliance,
        common_hash,
        *headset,
    ) = row
    return EnrollmentRow(
        id=id_,
        client=client,
        deployment=deployment,
        device_id=device_id,
        certificate_sha256=certificate_sha256,
        certificate_not_after=from_micros(not_after),
        standing=Standing(standing),
        standing_reason=standing_reason,
        serial=serial,
        held_serial=held_serial,
        released_at=_moment(released_at),
        ended_at=_moment(ended_at),
        epoch=epoch,
        version=version,
        acknowledged_hash=acknowledged_hash,
        overlay=overlay,
        secrets=secrets,
        inventory=inventory,
        os_build=os_build,
        cursor=cursor,
        verified_at=_moment(verified_at),
        open_orders=open_orders,
        tenant_lock=TenantLock(tenant_lock),
        compliance=compliance,
        common_hash=common_hash,
        headset=None if headset[1] is None else _headset_of(*headset),
    )
