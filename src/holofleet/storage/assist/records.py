"""Records of calls, read."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, exists, select

from holofleet.server.assist.kept import Call, Seat, call_from_json
from holofleet.server.assist.records import CallRecord, PartyRecord
from holofleet.server.authorization import Scope
from holofleet.storage.database import Database
from holofleet.storage.moments import from_micros
from holofleet.storage.scoping import within
from holofleet.storage.tables.assist import CALL, CALL_PARTY, CALL_QUALITY


class StoredRecords:
    """Implements :class:`holofleet.server.assist.records.RecordStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def records(
        self, scope: Scope, *, serial: str, person: str, after: str, limit: int
    ) -> tuple[Sequence[CallRecord], str]:
        statement = select(CALL).where(*within(CALL.c.client_id, scope))
        if serial:
            statement = statement.where(CALL.c.serial == serial)
        if person:
            mine = (CALL_PARTY.c.call_id == CALL.c.id) & (CALL_PARTY.c.who == f"expert:{person}")
            statement = statement.where(exists().where(mine))
        at, dot, key = after.partition(".")
        if dot and at.isascii() and at.isdigit() and len(at) < 19:
            older = CALL.c.created_at < int(at)
            statement = statement.where(older | ((CALL.c.created_at == int(at)) & (CALL.c.id < key)))
        ordered = statement.order_by(CALL.c.created_at.desc(), CALL.c.id.desc()).limit(limit + 1)
        with self._database.read() as connection:
            rows = connection.execute(ordered).all()
            found = _records(connection, rows[:limit])
        more = f"{rows[limit - 1].created_at}.{rows[limit - 1].id}" if len(rows) > limit else ""
        return found, more

    def record(self, scope: Scope, call_id: str) -> CallRecord | None:
        statement = select(CALL).where(CALL.c.id == call_id, *within(CALL.c.client_id, scope))
        with self._database.read() as connection:
            found = _records(connection, connection.execute(statement).all())
        return found[0] if found else None


def _records(connection: Connection, rows: Sequence[Row[Any]]) -> tuple[CallRecord, ...]:
    grades, freezes = _quality(connection, [row.id for row in rows])
    return tuple(_record(row, call_from_json(row.data), grades, freezes) for row in rows)


def _record(
    row: Row[Any], call: Call, grades: Mapping[tuple[str, str], Mapping[str, float]], freezes: Mapping[Any, int]
) -> CallRecord:
    return CallRecord(
        id=row.id,
        client=row.client_id,
        serial=row.serial,
        state=str(call.state),
        created_at=call.created_at,
        started_at=call.started_at,
        ended_at=call.ending.at if call.ending is not None else None,
        reason=call.ending.reason if call.ending is not None else "",
        asset=call.asset,
        work_order=call.work_order,
        rota=call.rota,
        files=row.files,
        marks=row.marks,
        kept_until=None if row.kept_until is None else from_micros(row.kept_until),
        parties=tuple(
            _party(seat, grades.get((row.id, seat.id), {}), freezes.get((row.id, seat.id), 0))
            for seat in call.seats
        ),
    )


def _party(seat: Seat, grades: Mapping[str, float], freezes: int) -> PartyRecord:
    return PartyRecord(
        id=seat.id,
        kind=str(seat.kind),
        name=seat.name,
        account=seat.account,
        serial=seat.serial,
        holder=seat.holder.name,
        holder_method=seat.holder.method,
        assurance=seat.holder.assurance,
        accepted_at=seat.accepted_at,
        joined_at=seat.joined_at,
        left_at=seat.left_at,
        why=seat.why,
        path=seat.path,
        grades=grades,
        freezes=freezes,
    )


def _quality(
    connection: Connection, calls: Iterable[str]
) -> tuple[Mapping[tuple[str, str], Mapping[str, float]], Mapping[tuple[str, str], int]]:
    """Return seconds by grade and the number of freezes, by call and party."""
    grades: dict[tuple[str, str], dict[str, float]] = defaultdict(lambda: defaultdict(float))
    freezes: dict[tuple[str, str], int] = defaultdict(int)
    listed = sorted(calls)
    if listed:
        found = select(CALL_QUALITY.c.call_id, CALL_QUALITY.c.party_id, CALL_QUALITY.c.data)
        for row in connection.execute(found.where(CALL_QUALITY.c.call_id.in_(listed))):
            sample = json.loads(row.data)
            grades[row.call_id, row.party_id][sample["grade"]] += sample["s"]
            freezes[row.call_id, row.party_id] += sample.get("freezes", 0)
    return {key: dict(value) for key, value in grades.items()}, freezes
