"""Events, orders and audit records of one headset, for the one search."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, String, and_, cast, literal, or_, select

from holofleet.server.authorization import Scope
from holofleet.server.custody.happenings import Happening, Source
from holofleet.storage.database import Database
from holofleet.storage.moments import from_micros, to_micros
from holofleet.storage.scoping import not_apart, within
from holofleet.storage.tables.assist import CALL, GUEST_LINK
from holofleet.storage.tables.identity import AUDIT, AUDIT_PERSONAL
from holofleet.storage.tables.left import CALL_LEFT
from holofleet.storage.tables.management import ENROLLMENT, EVENT, ORDER


class StoredEvents:
    """What the headset did, and what was decided about it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def happenings(
        self, scope: Scope, serial: str, *, since: datetime, until: datetime, limit: int
    ) -> Sequence[Happening]:
        statement = (
            select(EVENT)
            .where(EVENT.c.serial == serial, EVENT.c.at >= to_micros(since), EVENT.c.at < to_micros(until))
            .where(*within(EVENT.c.client_id, scope))
            .order_by(EVENT.c.sequence)
            .limit(limit)
        )
        with self._database.read() as connection:
            return tuple(
                Happening(
                    from_micros(row.at),
                    Source.EVENT,
                    row.kind,
                    row.actor,
                    str(row.sequence),
                    json.loads(row.data),
                )
                for row in connection.execute(statement)
            )


class StoredOrders:
    """What was ordered, with the reason that was given and what came of it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def happenings(
        self, scope: Scope, serial: str, *, since: datetime, until: datetime, limit: int
    ) -> Sequence[Happening]:
        statement = (
            select(ORDER)
            .join(ENROLLMENT, ENROLLMENT.c.id == ORDER.c.enrollment_id)
            .where(ENROLLMENT.c.serial == serial)
            .where(ORDER.c.created_at >= to_micros(since), ORDER.c.created_at < to_micros(until))
            .where(*within(ORDER.c.client_id, scope))
            .order_by(ORDER.c.created_at, ORDER.c.id)
            .limit(limit)
        )
        with self._database.read() as connection:
            return tuple(
                Happening(
                    from_micros(row.created_at),
                    Source.ORDER,
                    row.kind,
                    row.actor,
                    row.id,
                    {"status": row.status, "reason": row.reason, "outcome": row.outcome},
                )
                for row in connection.execute(statement)
            )


class StoredAuditOfHeadset:
    """What people did to it, from the audit log."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def happenings(
        self, scope: Scope, serial: str, *, since: datetime, until: datetime, limit: int
    ) -> Sequence[Happening]:
        enrollments = select(literal("enrollment:").concat(cast(ENROLLMENT.c.id, String))).where(
            ENROLLMENT.c.serial == serial
        )
        statement = (
            select(AUDIT)
            .where(AUDIT.c.at >= to_micros(since), AUDIT.c.at < to_micros(until))
            .where(or_(AUDIT.c.subject == f"headset:{serial}", AUDIT.c.subject.in_(enrollments)))
            .where(*within(AUDIT.c.client_id, scope))
            .order_by(AUDIT.c.sequence)
            .limit(limit)
        )
        with self._database.read() as connection:
            hidden = _hidden(connection, scope, serial)
            rows = [row for row in connection.execute(statement) if not _names_one_of(row.data, hidden)]
            personal = select(AUDIT_PERSONAL).where(AUDIT_PERSONAL.c.sequence.in_([row.sequence for row in rows]))
            named: dict[int, dict[str, str]] = {}
            for row in connection.execute(personal):
                named.setdefault(row.sequence, {})[row.field] = row.value
        return tuple(
            Happening(
                from_micros(row.at),
                Source.AUDIT,
                row.action,
                f"person:{name}" if (name := named.get(row.sequence, {}).pop("actor", "")) else row.actor,
                str(row.sequence),
                {**_without_commitments(row.data), **named.get(row.sequence, {})},
            )
            for row in rows
        )


def _hidden(connection: Connection, scope: Scope, serial: str) -> frozenset[str]:
    """Return the calls, messages left and links of a headset that barriers keep from whoever asks, by id."""
    found: set[str] = set()
    for table in (CALL, CALL_LEFT, GUEST_LINK):
        conditions = not_apart(table.c.client_id, scope)
        if conditions:
            hidden = select(table.c.id).where(table.c.serial == serial, ~and_(*conditions))
            found.update(connection.execute(hidden).scalars())
    return frozenset(found)


def _names_one_of(text: str, keys: frozenset[str]) -> bool:
    data = json.loads(text) if keys else None
    return isinstance(data, dict) and any(data.get(what) in keys for what in ("call", "message", "link"))


def _without_commitments(text: str) -> dict[str, object]:
    """Return what the record says, without the hashes that stand for what names a person."""
    data = json.loads(text)
    return {name: value for name, value in data.items() if name != "personal"} if isinstance(data, dict) else {}
