"""Records of calls, read."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Row, exists, func, or_, select

from holofleet.server.assist.kept import Call, PartyKind, Seat, call_from_json
from holofleet.server.assist.records import (
    CallDetail,
    CallRecord,
    Came,
    FileRecord,
    PartyRecord,
    QualityRecord,
    RecordQuery,
)
from holofleet.server.audit import AuditRecord
from holofleet.server.authorization import Scope
from holofleet.storage.database import Database
from holofleet.storage.identity.audit import append_audit
from holofleet.storage.moments import from_micros, to_micros
from holofleet.storage.scoping import within
from holofleet.storage.tables.assist import CALL, CALL_CHAT, CALL_FILE, CALL_MARK, CALL_PARTY, CALL_QUALITY
from holofleet.storage.tables.directory import PERSON

_MEASURED: Final = ("up_kbps", "down_kbps", "rtt_ms", "jitter_ms", "loss", "fps", "width", "height")


class StoredRecords:
    """Implements :class:`holofleet.server.assist.records.RecordStore`."""

    def __init__(self, database: Database, *, epoch: int) -> None:
        self._database = database
        self._epoch = epoch

    def records(
        self, scope: Scope, query: RecordQuery, *, after: str, limit: int
    ) -> tuple[Sequence[CallRecord], str]:
        statement = select(CALL).where(*within(CALL.c.client_id, scope), *_asked(query))
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

    def detail(self, scope: Scope, call_id: str) -> CallDetail | None:
        statement = select(CALL).where(CALL.c.id == call_id, *within(CALL.c.client_id, scope))
        with self._database.read() as connection:
            found = _records(connection, connection.execute(statement).all())
            if not found:
                return None
            files = (
                select(CALL_FILE).where(CALL_FILE.c.call_id == call_id).order_by(CALL_FILE.c.at, CALL_FILE.c.id)
            )
            samples = select(CALL_QUALITY).where(CALL_QUALITY.c.call_id == call_id)
            lines = select(func.count()).select_from(CALL_CHAT).where(CALL_CHAT.c.call_id == call_id)
            drawn = select(exists().where(CALL_MARK.c.call_id == call_id))
            return CallDetail(
                found[0],
                tuple(_file(row) for row in connection.execute(files)),
                tuple(
                    _sample(row)
                    for row in connection.execute(samples.order_by(CALL_QUALITY.c.at, CALL_QUALITY.c.sequence))
                ),
                connection.execute(lines).scalar_one(),
                found[0].ended_at is not None and bool(connection.execute(drawn).scalar_one()),
            )

    def marks(self, call_id: str, *, at: datetime, audit: AuditRecord) -> Sequence[Mapping[str, Any]]:
        kept = select(CALL_MARK.c.data).where(CALL_MARK.c.call_id == call_id).order_by(CALL_MARK.c.sequence)
        with self._database.transaction() as connection:
            append_audit(connection, audit, at=at, epoch=self._epoch)
            return tuple(json.loads(row.data) for row in connection.execute(kept))


def _asked(query: RecordQuery) -> Iterator[ColumnElement[bool]]:
    """Yield the conditions of a query."""
    if query.serial:
        yield CALL.c.serial == query.serial
    if query.person:
        named = select(PERSON.c.id).where(PERSON.c.upn == query.person.casefold())
        theirs = or_(CALL_PARTY.c.person_id == query.person, CALL_PARTY.c.person_id.in_(named))
        yield exists().where(CALL_PARTY.c.call_id == CALL.c.id, theirs)
    match query.came:
        case Came.RUNNING:
            yield CALL.c.open == 1
        case Came.CONNECTED:
            yield (CALL.c.open == 0) & CALL.c.started_at.is_not(None)
        case Came.UNANSWERED:
            yield (CALL.c.open == 0) & CALL.c.started_at.is_(None)
        case None:
            pass
    if query.since is not None:
        yield CALL.c.created_at >= to_micros(query.since)
    if query.until is not None:
        yield CALL.c.created_at < to_micros(query.until)


def _file(row: Row[Any]) -> FileRecord:
    data = json.loads(row.data)
    return FileRecord(row.party_id, data["name"], data["type"], data["size"], from_micros(row.at))


def _sample(row: Row[Any]) -> QualityRecord:
    data = json.loads(row.data)
    return QualityRecord(
        party=row.party_id,
        at=from_micros(row.at),
        seconds=data["s"],
        grade=row.grade,
        path=row.path or "",
        freezes=data.get("freezes") or 0,
        **{name: data.get(name) for name in _MEASURED},
    )


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
        label=seat.label if seat.kind is PartyKind.GUEST else "",
        replaces=seat.replaces,
        asked_by=seat.asked_by,
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
