"""Orders and decisions in the database, each with its event and its audit record in one transaction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, delete, insert, select, update

from holofleet.errors import ConflictError, RefusedError
from holofleet.server.authorization import Principal, Scope
from holofleet.server.compliance import Compliance
from holofleet.server.events import EventKind, NewEvent
from holofleet.server.fleet.decisions import EnrollmentFacts
from holofleet.server.management.row import TenantLock
from holofleet.server.orders import DESTRUCTIVE, OPEN, Given, GivenOrder, Order, OrderStatus
from holofleet.server.orders.limits import Answerable, Tally
from holofleet.server.orders.service import Act, NewOrder, OrderTarget
from holofleet.server.standing import Standing
from holofleet.storage.approvals import counting
from holofleet.storage.database import Database
from holofleet.storage.events import append_events
from holofleet.storage.identity.audit import append_audit
from holofleet.storage.management import order_of, set_frozen
from holofleet.storage.moments import to_micros
from holofleet.storage.scoping import in_scope, within
from holofleet.storage.tables.management import ANSWER, ENROLLMENT, HEADSET, ORDER

LISTED = 100
CHUNK = 500
_E = ENROLLMENT.c
_LIVING = [str(standing) for standing in Standing if standing.living]
_EVENT_OF = {
    Standing.LOST: EventKind.LOST,
    Standing.RETIRED: EventKind.RETIRED,
    Standing.REVOKED: EventKind.REVOKED,
    Standing.ACTIVE: EventKind.RECOGNIZED,
}


class SQLOrderStore:
    """Implements :class:`holofleet.server.orders.service.OrderStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def target(self, scope: Scope, serial: str, /) -> OrderTarget | None:
        with self._database.read() as connection:
            row = _enrollment(connection, _E.held_serial == serial, scope)
        return None if row is None else _target(row)

    def order(self, scope: Scope, order_id: str, /) -> Order | None:
        named = in_scope(_with_serial().where(ORDER.c.id == order_id), ORDER.c.client_id, scope)
        with self._database.read() as connection:
            row = connection.execute(named).one_or_none()
        return None if row is None else order_of(row, serial=row.serial or "")

    def person_behind(self, principal: Principal, /) -> str:
        with self._database.read() as connection:
            return counting.person_behind(connection, principal)

    def targets(self, scope: Scope, serials: Iterable[str], /) -> Mapping[str, OrderTarget]:
        wanted = sorted(set(serials))
        found: dict[str, OrderTarget] = {}
        with self._database.read() as connection:
            for start in range(0, len(wanted), CHUNK):
                holding = _E.held_serial.in_(wanted[start : start + CHUNK])
                seen = in_scope(_enrollments(holding), _E.client_id, scope)
                found |= {row.held_serial: _target(row) for row in connection.execute(seen)}
        return found

    def tally(self, person: str, since: datetime, /) -> Tally:
        with self._database.read() as connection:
            return counting.tally(connection, person, since)

    def create(self, new: Sequence[NewOrder], who: Answerable, since: datetime, /) -> Sequence[Order]:
        with self._database.transaction() as connection:
            if any(one.order.kind in DESTRUCTIVE for one in new):
                counting.take_turn(connection)
            stored = [_create(connection, one) for one in new]
            made = [one for one, order in zip(new, stored, strict=True) if order is one.order]
            counting.answer_for(connection, [o for o in made if o.order.kind in DESTRUCTIVE], who, since)
            if who.request and new:
                counting.close_request(connection, who.request, new[0].act.actor, new[0].act.at)
        return stored

    def cancel(self, order: Order, act: Act, /) -> Order:
        with self._database.transaction() as connection:
            done = connection.execute(
                update(ORDER)
                .where(ORDER.c.id == order.id, ORDER.c.status == str(OrderStatus.QUEUED))
                .values(status=str(OrderStatus.CANCELLED), closed_at=to_micros(act.at))
            )
            if done.rowcount != 1:
                raise ConflictError("this order has left, or was closed, in between")
            deployment = _count(connection, order.enrollment, by=-1)
            _tell(connection, EventKind.ORDER_CANCELLED, order, deployment, act)
        return replace(order, status=OrderStatus.CANCELLED, closed_at=act.at)

    def listed(self, scope: Scope, serial: str, /) -> Sequence[Order]:
        statement = in_scope(_with_serial().where(_E.serial == serial), ORDER.c.client_id, scope)
        with self._database.read() as connection:
            rows = connection.execute(statement.order_by(ORDER.c.created_at.desc(), ORDER.c.id).limit(LISTED))
            return tuple(order_of(row, serial=serial) for row in rows)

    def together(self, scope: Scope, given: Given, /) -> Sequence[GivenOrder]:
        named = HEADSET.c.serial == _E.serial
        statement = (
            select(ORDER, _E.serial, _E.compliance, HEADSET.c.name)
            .join(ENROLLMENT, _E.id == ORDER.c.enrollment_id)
            .outerjoin(HEADSET, named & (HEADSET.c.client_id == _E.client_id))
            .where(ORDER.c.kind == str(given.kind), ORDER.c.created_at == to_micros(given.at))
        )
        with self._database.read() as connection:
            rows = connection.execute(in_scope(statement, ORDER.c.client_id, scope).order_by(_E.serial))
            return tuple(
                GivenOrder(order_of(row, serial=row.serial or ""), row.name or "", Compliance(row.compliance))
                for row in rows
            )

    def freeze(self, frozen: bool, act: Act, /) -> None:
        kind = EventKind.ORDERS_FROZEN if frozen else EventKind.ORDERS_THAWED
        with self._database.transaction() as connection:
            set_frozen(connection, frozen)
            append_events(connection, at=act.at, events=[NewEvent(kind, "own", act.actor)])
            append_audit(connection, act.audit, at=act.at, epoch=act.epoch)


class SQLDecisionStore:
    """Implements :class:`holofleet.server.fleet.decisions.DecisionStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def enrollment(self, scope: Scope, enrollment_id: str, /) -> EnrollmentFacts | None:
        with self._database.read() as connection:
            return _facts(_enrollment(connection, _E.id == enrollment_id, scope))

    def holder(self, scope: Scope, serial: str, /) -> EnrollmentFacts | None:
        with self._database.read() as connection:
            return _facts(_enrollment(connection, _E.held_serial == serial, scope))

    def adopt(self, scope: Scope, enrollment: EnrollmentFacts, serial: str, reason: str, act: Act, /) -> None:
        with self._database.transaction() as connection:
            headset = connection.execute(
                select(HEADSET.c.deployment)
                .where(HEADSET.c.serial == serial, HEADSET.c.client_id == enrollment.client)
                .where(HEADSET.c.removed_at.is_(None), *within(HEADSET.c.client_id, scope))
            ).one_or_none()
            if headset is None:
                raise RefusedError(
                    "the published fleet has no headset with this serial for that client",
                    mend="Add it to the fleet file and apply it, then decide again.",
                )
            former = _enrollment(connection, _E.held_serial == serial, Scope.every())
            values = {
                "serial": serial,
                "held_serial": serial,
                "deployment": headset.deployment,
                "compliance": "pending",
            }
            if former is not None and former.id != enrollment.id:
                _end_former(connection, former, act)
                if former.tenant_lock == str(TenantLock.LOCKED):
                    values["tenant_lock"] = former.tenant_lock  # the same headset, and still locked
            _move(connection, enrollment, Standing.ACTIVE, reason, act, **values)
            _tell_standing(connection, EventKind.RECOGNIZED, enrollment, headset.deployment, serial, reason, act)
            append_audit(connection, act.audit, at=act.at, epoch=act.epoch)

    def set_standing(self, enrollment: EnrollmentFacts, standing: Standing, reason: str, act: Act, /) -> None:
        values: dict[str, Any] = {}
        if not standing.living:
            values = {"ended_at": to_micros(act.at), "compliance": "retired"}
        with self._database.transaction() as connection:
            _move(connection, enrollment, standing, reason, act, **values)
            kind = _EVENT_OF[standing]
            serial = enrollment.serial or ""
            _tell_standing(connection, kind, enrollment, enrollment.deployment, serial, reason, act)
            append_audit(connection, act.audit, at=act.at, epoch=act.epoch)


def _create(connection: Connection, new: NewOrder) -> Order:
    """Store an order, or return the open one of that kind."""
    order = new.order
    _count(connection, order.enrollment, by=1)
    same = connection.execute(
        select(ORDER)
        .where(ORDER.c.enrollment_id == order.enrollment, ORDER.c.kind == str(order.kind))
        .where(ORDER.c.status.in_([str(status) for status in OPEN]))
        .limit(1)
    ).one_or_none()
    if same is not None:
        _count(connection, order.enrollment, by=-1)
        return order_of(same, serial=order.serial)
    connection.execute(
        insert(ORDER).values(
            id=order.id,
            client_id=order.client,
            enrollment_id=order.enrollment,
            kind=str(order.kind),
            status=str(order.status),
            actor=order.actor,
            reason=order.reason,
            epoch=order.epoch,
            created_at=to_micros(order.created_at),
            expires_at=to_micros(order.expires_at),
        )
    )
    _tell(connection, EventKind.ORDER_CREATED, order, new.target.deployment, new.act)
    return order


def _target(row: Row[Any]) -> OrderTarget:
    return OrderTarget(
        enrollment=row.id,
        client=row.client_id,
        deployment=row.deployment,
        serial=row.held_serial,
        standing=Standing(row.standing),
        released=row.released_at is not None,
        locked=row.tenant_lock == str(TenantLock.LOCKED),
    )


def _enrollment(connection: Connection, which: ColumnElement[bool], scope: Scope) -> Any:
    return connection.execute(in_scope(_enrollments(which), _E.client_id, scope)).one_or_none()


def _enrollments(which: ColumnElement[bool]) -> Select[Any]:
    return select(
        _E.id,
        _E.client_id,
        _E.deployment,
        _E.standing,
        _E.serial,
        _E.certificate_sha256,
        _E.released_at,
        _E.tenant_lock,
        _E.held_serial,
    ).where(which)


def _facts(row: Row[Any] | None) -> EnrollmentFacts | None:
    if row is None:
        return None
    return EnrollmentFacts(
        id=row.id,
        client=row.client_id,
        deployment=row.deployment,
        standing=Standing(row.standing),
        serial=row.serial,
        certificate_sha256=row.certificate_sha256,
        released=row.released_at is not None,
        locked=row.tenant_lock == str(TenantLock.LOCKED),
    )


def _with_serial() -> Any:
    return select(ORDER, _E.serial).join(ENROLLMENT, _E.id == ORDER.c.enrollment_id)


def _count(connection: Connection, enrollment: str, *, by: int) -> str:
    """Change the number of open orders, so that a session at work on it decides anew; return its deployment."""
    row = connection.execute(
        update(ENROLLMENT)
        .where(_E.id == enrollment)
        .where((_E.standing.in_(_LIVING)) if by > 0 else (_E.id == enrollment))
        .values(open_orders=_E.open_orders + by, version=_E.version + 1)
        .returning(_E.deployment)
    ).one_or_none()
    if row is None:
        raise ConflictError("the enrollment has ended in between")
    deployment: str = row.deployment
    return deployment


def _move(
    connection: Connection, facts: EnrollmentFacts, standing: Standing, reason: str, act: Act, **values: Any
) -> None:
    done = connection.execute(
        update(ENROLLMENT)
        .where(_E.id == facts.id, _E.standing == str(facts.standing))
        .values(standing=str(standing), standing_reason=reason, version=_E.version + 1, **values)
    )
    if done.rowcount != 1:
        raise ConflictError("the enrollment has moved on in between")
    connection.execute(delete(ANSWER).where(ANSWER.c.enrollment_id == facts.id))


def _end_former(connection: Connection, former: Row[Any], act: Act) -> None:
    connection.execute(
        update(ENROLLMENT)
        .where(_E.id == former.id)
        .values(
            held_serial=None,
            standing=str(Standing.RETIRED),
            standing_reason="another enrollment was decided to be this headset",
            ended_at=to_micros(act.at),
            compliance="retired",
            version=_E.version + 1,
        )
    )
    connection.execute(delete(ANSWER).where(ANSWER.c.enrollment_id == former.id))
    event = NewEvent(
        EventKind.RETIRED,
        former.client_id,
        act.actor,
        former.deployment,
        former.serial or "",
        former.id,
        {"reason": "another enrollment was decided to be this headset"},
    )
    append_events(connection, at=act.at, events=[event])


def _tell(connection: Connection, kind: EventKind, order: Order, deployment: str, act: Act) -> None:
    data = {"order": order.id, "order_kind": str(order.kind), "reason": order.reason}
    event = NewEvent(kind, order.client, act.actor, deployment, order.serial, order.enrollment, data)
    append_events(connection, at=act.at, events=[event])
    append_audit(connection, act.audit, at=act.at, epoch=act.epoch)


def _tell_standing(
    connection: Connection,
    kind: EventKind,
    facts: EnrollmentFacts,
    deployment: str,
    serial: str,
    reason: str,
    act: Act,
) -> None:
    event = NewEvent(kind, facts.client, act.actor, deployment, serial, facts.id, {"reason": reason})
    append_events(connection, at=act.at, events=[event])
