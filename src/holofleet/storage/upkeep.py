"""What time alone changes, in the database. Bounded: each call touches at most :data:`STEP` rows of a kind."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, delete, or_, select, update

from holofleet.server.events import EventKind, NewEvent
from holofleet.server.orders import OrderStatus
from holofleet.server.standing import Standing
from holofleet.storage.custody.counting import forget_proofs
from holofleet.storage.database import Database
from holofleet.storage.enrollments import end_enrollment
from holofleet.storage.events import append_events
from holofleet.storage.moments import to_micros
from holofleet.storage.tables.management import ANSWER, ENROLLMENT, EVENT, ORDER

STEP = 1_000
_E = ENROLLMENT.c
SERVER = "job:upkeep"


class SQLUpkeepStore:
    """Implements :class:`holofleet.server.fleet.upkeep.UpkeepStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def expire_orders(self, now: datetime, /) -> int:
        with self._database.transaction() as connection:
            due = connection.execute(
                select(ORDER, _E.deployment, _E.serial)
                .join(ENROLLMENT, _E.id == ORDER.c.enrollment_id)
                .where(ORDER.c.status == str(OrderStatus.QUEUED), ORDER.c.expires_at <= to_micros(now))
                .order_by(ORDER.c.enrollment_id)
                .limit(STEP)
            ).all()
            for order in due:
                closed = connection.execute(
                    update(ORDER)
                    .where(ORDER.c.id == order.id, ORDER.c.status == str(OrderStatus.QUEUED))
                    .values(status=str(OrderStatus.EXPIRED), closed_at=to_micros(now), outcome="not sent in time")
                )
                if closed.rowcount != 1:
                    continue
                connection.execute(
                    update(ENROLLMENT)
                    .where(_E.id == order.enrollment_id)
                    .values(open_orders=_E.open_orders - 1, version=_E.version + 1)
                )
                event = NewEvent(
                    EventKind.ORDER_EXPIRED,
                    order.client_id,
                    SERVER,
                    order.deployment,
                    order.serial or "",
                    order.enrollment_id,
                    {"order": order.id, "order_kind": order.kind},
                )
                append_events(connection, at=now, events=[event])
            return len(due)

    def retire_released(self, before: datetime, now: datetime, /) -> int:
        """Retire active enrollments that accepted a wipe or left before a moment."""
        which = and_(_E.standing == str(Standing.ACTIVE), _E.released_at < to_micros(before))
        with self._database.transaction() as connection:
            due = _ids(connection, which)
            for enrollment in due:
                end_enrollment(
                    connection, enrollment, at=now, actor=SERVER, standing=Standing.RETIRED, reason="wipe accepted"
                )
        return len(due)

    def lost_to_revoke(self, *, released_before: datetime, lost_before: datetime) -> dict[str, str]:
        lost_at = (
            select(EVENT.c.at)
            .where(EVENT.c.enrollment_id == _E.id, EVENT.c.kind == str(EventKind.LOST))
            .order_by(EVENT.c.sequence.desc())
            .limit(1)
            .scalar_subquery()
        )
        statement = (
            select(_E.id, _E.certificate_sha256)
            .where(_E.standing == str(Standing.LOST))
            .where(or_(_E.released_at < to_micros(released_before), lost_at < to_micros(lost_before)))
            .limit(STEP)
        )
        with self._database.read() as connection:
            return {row.id: row.certificate_sha256 for row in connection.execute(statement)}

    def revoke(self, enrollment: str, now: datetime, /) -> None:
        with self._database.transaction() as connection:
            end_enrollment(
                connection, enrollment, at=now, actor=SERVER, standing=Standing.REVOKED, reason="it was lost"
            )

    def delete_old(self, *, events_before: datetime, answers_before: datetime) -> int:
        """Delete old events, and stored answers of headsets that were not seen since a moment."""
        old = select(EVENT.c.sequence).where(EVENT.c.at < to_micros(events_before)).limit(STEP)
        unseen = (
            select(ANSWER.c.enrollment_id)
            .join(ENROLLMENT, _E.id == ANSWER.c.enrollment_id)
            .where(_E.last_seen_at < to_micros(answers_before))
            .limit(STEP)
        )
        with self._database.transaction() as connection:
            connection.execute(delete(ANSWER).where(ANSWER.c.enrollment_id.in_(unseen)))
            forget_proofs(connection, before=answers_before)
            return connection.execute(delete(EVENT).where(EVENT.c.sequence.in_(old))).rowcount


def _ids(connection: Connection, which: ColumnElement[bool]) -> list[str]:
    return list(connection.execute(select(_E.id).where(which).order_by(_E.id).limit(STEP)).scalars())
