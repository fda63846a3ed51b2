"""Recordings of calls: rows, keys and lists of chunks."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from holofleet.server.assist.recordings import (
    ChunkRow,
    ConsentAct,
    ConsentRecord,
    KeptRecording,
    OpenRecording,
    RecordingQuery,
    RecordingRecord,
)
from holofleet.server.audit import AuditRecord
from holofleet.server.authorization import Scope
from holofleet.storage.database import Database
from holofleet.storage.identity.audit import append_audit
from holofleet.storage.moments import from_micros, to_micros
from holofleet.storage.scoping import within
from holofleet.storage.tables.assist import CALL
from holofleet.storage.tables.recordings import CALL_CONSENT, CALL_RECORDING, CALL_RECORDING_CHUNK

_R, _C = CALL_RECORDING.c, CALL_RECORDING_CHUNK.c
_GOING_ON = _R.ended_at.is_(None) & _R.key.is_not(None)


class StoredRecordingTurn:
    """Implements :class:`holofleet.server.assist.recordings.RecordingTurn` in the transaction on a call."""

    def __init__(self, connection: Connection, call_id: str, client: str) -> None:
        self._connection = connection
        self._call = call_id
        self._client = client

    def consents(self, acts: Iterable[ConsentRecord]) -> None:
        rows = [
            {
                "call_id": self._call,
                "client_id": self._client,
                "party_id": one.party,
                "act": str(one.act),
                "words": one.text,
                "at": to_micros(one.at),
            }
            for one in acts
        ]
        if rows:
            self._connection.execute(insert(CALL_CONSENT), rows)

    def going_on(self) -> Sequence[OpenRecording]:
        found = select(CALL_RECORDING).where(_R.call_id == self._call, _GOING_ON).order_by(_R.started_at)
        return tuple(_open(row) for row in self._connection.execute(found))

    def begin(self, record: RecordingRecord, who: str, key: bytes) -> None:
        self._connection.execute(
            insert(CALL_RECORDING).values(
                id=record.id,
                call_id=record.call,
                client_id=record.client,
                serial=record.serial,
                party_id=record.party,
                who=who,
                agreed=json.dumps(record.agreed),
                type=record.type,
                key=key,
                started_at=to_micros(record.started_at),
                until=to_micros(record.until),
            )
        )

    def bytes_of_client(self, client: str) -> int:
        kept = select(func.coalesce(func.sum(_R.bytes), 0)).where(_R.client_id == client, _R.key.is_not(None))
        return int(self._connection.execute(kept).scalar_one())

    def add(self, recording: str, chunk: ChunkRow) -> None:
        self._connection.execute(
            insert(CALL_RECORDING_CHUNK).values(
                recording_id=recording,
                number=chunk.number,
                client_id=self._client,
                name=chunk.name,
                header=chunk.header,
                size=chunk.size,
            )
        )
        self._connection.execute(
            update(CALL_RECORDING)
            .where(_R.id == recording)
            .values(chunks=_R.chunks + 1, bytes=_R.bytes + chunk.size)
        )

    def end(self, recording: str, mark: bytes, *, why: str, until: datetime, at: datetime) -> None:
        self._connection.execute(
            update(CALL_RECORDING)
            .where(_R.id == recording)
            .values(seal=mark, why=why, until=to_micros(until), ended_at=to_micros(at))
        )

    def forget(self, recording: str, *, why: str, at: datetime) -> None:
        forget_recording(self._connection, recording, why=why, at=at)


class StoredRecordings:
    """Implements :class:`holofleet.server.assist.recordings.RecordingStore`."""

    def __init__(self, database: Database, *, epoch: int) -> None:
        self._database = database
        self._epoch = epoch

    def open(self, recording: str) -> OpenRecording | None:
        with self._database.read() as connection:
            row = connection.execute(select(CALL_RECORDING).where(_R.id == recording, _GOING_ON)).one_or_none()
        return None if row is None else _open(row)

    def listed(
        self, scope: Scope, query: RecordingQuery, *, after: str, limit: int
    ) -> tuple[Sequence[RecordingRecord], str]:
        statement = select(CALL_RECORDING).where(*within(_R.client_id, scope))
        if query.call:
            statement = statement.where(_R.call_id == query.call)
        if query.serial:
            statement = statement.where(_R.serial == query.serial)
        at, dot, key = after.partition(".")
        if dot and at.isascii() and at.isdigit() and len(at) < 19:
            older = (_R.started_at < int(at)) | ((_R.started_at == int(at)) & (_R.id < key))
            statement = statement.where(older)
        ordered = statement.order_by(_R.started_at.desc(), _R.id.desc()).limit(limit + 1)
        with self._database.read() as connection:
            rows = connection.execute(ordered).all()
        more = f"{rows[limit - 1].started_at}.{rows[limit - 1].id}" if len(rows) > limit else ""
        return tuple(_record(row) for row in rows[:limit]), more

    def consents(self, scope: Scope, call: str) -> Sequence[ConsentRecord]:
        seen = select(CALL.c.id).where(CALL.c.id == call, *within(CALL.c.client_id, scope))
        statement = select(CALL_CONSENT).where(CALL_CONSENT.c.call_id.in_(seen)).order_by(CALL_CONSENT.c.sequence)
        with self._database.read() as connection:
            return tuple(
                ConsentRecord(row.party_id, ConsentAct(row.act), row.words, from_micros(row.at))
                for row in connection.execute(statement)
            )

    def kept(self, scope: Scope, recording: str) -> KeptRecording | None:
        statement = select(CALL_RECORDING).where(_R.id == recording, *within(_R.client_id, scope))
        listed = select(CALL_RECORDING_CHUNK).where(_C.recording_id == recording).order_by(_C.number)
        with self._database.read() as connection:
            row = connection.execute(statement).one_or_none()
            if row is None:
                return None
            chunks = tuple(
                ChunkRow(one.number, one.name, bytes(one.header), one.size) for one in connection.execute(listed)
            )
        return KeptRecording(_record(row), bytes(row.key or b""), bytes(row.seal or b""), chunks)

    def note(self, audit: AuditRecord, *, at: datetime) -> None:
        with self._database.transaction() as connection:
            append_audit(connection, audit, at=at, epoch=self._epoch)

    def hold(self, recording: str, *, by: str, why: str, at: datetime, audit: AuditRecord) -> None:
        self._held(recording, {"held_at": to_micros(at), "owner": by, "held_why": why}, at, audit)

    def lift(self, recording: str, *, at: datetime, audit: AuditRecord) -> None:
        self._held(recording, {"held_at": None, "owner": "", "held_why": ""}, at, audit)

    def _held(self, recording: str, values: Mapping[str, Any], at: datetime, audit: AuditRecord) -> None:
        with self._database.transaction() as connection:
            connection.execute(update(CALL_RECORDING).where(_R.id == recording).values(values))
            append_audit(connection, audit, at=at, epoch=self._epoch)

    def forget(self, recording: str, *, why: str, at: datetime, audit: AuditRecord) -> bool:
        with self._database.transaction() as connection:
            over = (_R.id == recording) & _R.ended_at.is_not(None) & _R.held_at.is_(None)
            there = select(_R.id).where(over, _R.key.is_not(None)).with_for_update()
            if connection.execute(there).scalar() is None:
                return False
            forget_recording(connection, recording, why=why, at=at)
            append_audit(connection, audit, at=at, epoch=self._epoch)
        return True

    def past(self, *, now: datetime) -> Sequence[RecordingRecord]:
        ended = _R.key.is_not(None) & _R.ended_at.is_not(None) & _R.held_at.is_(None)
        with self._database.read() as connection:
            found = connection.execute(select(CALL_RECORDING).where(ended, _R.until <= to_micros(now)))
            return tuple(_record(row) for row in found)

    def names(self, recording: str) -> frozenset[str] | None:
        with self._database.read() as connection:
            there = connection.execute(select(_R.id).where(_R.id == recording, _R.key.is_not(None))).scalar()
            if there is None:
                return None
            found = connection.execute(select(_C.name).where(_C.recording_id == recording))
            return frozenset(found.scalars())


def forget_recording(connection: Connection, recording: str, *, why: str, at: datetime) -> None:
    """Delete the key of a recording; its files are deleted by the next round of upkeep at the latest."""
    connection.execute(delete(CALL_RECORDING_CHUNK).where(_C.recording_id == recording))
    connection.execute(
        update(CALL_RECORDING)
        .where(_R.id == recording)
        .values(key=None, seal=None, why=why, deleted_at=to_micros(at))
    )


def _open(row: Row[Any]) -> OpenRecording:
    return OpenRecording(
        row.id,
        row.call_id,
        row.client_id,
        row.party_id,
        row.who,
        bytes(row.key),
        from_micros(row.started_at),
        row.chunks,
        row.bytes,
    )


def _record(row: Row[Any]) -> RecordingRecord:
    return RecordingRecord(
        id=row.id,
        call=row.call_id,
        client=row.client_id,
        serial=row.serial,
        party=row.party_id,
        agreed=tuple(json.loads(row.agreed)),
        type=row.type,
        started_at=from_micros(row.started_at),
        ended_at=_moment(row.ended_at),
        why=row.why,
        bytes=row.bytes,
        chunks=row.chunks,
        until=from_micros(row.until),
        held_at=_moment(row.held_at),
        held_by=row.owner,
        held_why=row.held_why,
        deleted_at=_moment(row.deleted_at),
    )


def _moment(value: int | None) -> datetime | None:
    return None if value is None else from_micros(value)
