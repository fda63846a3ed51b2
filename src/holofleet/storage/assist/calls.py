"""Calls, their parties, and what each of these is told."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import delete, insert, or_, select

from holofleet.server.assist.kept import Call, call_from_json
from holofleet.server.assist.store import Line, OpenCall, SignalTurn, Turn
from holofleet.storage.assist.signals import StoredSignals
from holofleet.storage.assist.turns import StoredTurn, answer_of
from holofleet.storage.database import Database
from holofleet.storage.moments import from_micros, to_micros
from holofleet.storage.tables.assist import CALL, CALL_CHAT, CALL_CHECK, CALL_DONE, CALL_LOG, CALL_MARK, CALL_PARTY
from holofleet.storage.tables.recordings import CALL_RECORDING

_LAST_WORDS: Final = timedelta(minutes=10)
"""How long after its end a page can still learn how a call ended from its lines."""
_ANSWERS: Final = timedelta(days=1)
_CHECKS: Final = timedelta(days=400)


class StoredCalls:
    """Implements :class:`holofleet.server.assist.store.CallStore`."""

    def __init__(self, database: Database, *, epoch: int) -> None:
        self._database = database
        self._epoch = epoch
        self._signals = StoredSignals(database)

    @contextmanager
    def turn(self, call_id: str) -> Iterator[Turn]:
        with self._database.transaction() as connection:
            row = connection.execute(
                select(CALL.c.data).where(CALL.c.id == call_id).with_for_update()
            ).one_or_none()
            call = None if row is None else call_from_json(row.data)
            yield StoredTurn(connection, call_id, call, epoch=self._epoch)

    def turns(self, calls: Iterable[str]) -> AbstractContextManager[Mapping[str, SignalTurn]]:
        return self._signals.turns(calls)

    def call(self, call_id: str) -> Call | None:
        with self._database.read() as connection:
            data = connection.execute(select(CALL.c.data).where(CALL.c.id == call_id)).scalar()
        return None if data is None else call_from_json(data)

    def answered(self, who: str, message_id: str) -> Mapping[str, Any] | None:
        with self._database.read() as connection:
            return answer_of(connection, who, message_id)

    def calls_of(self, who: str) -> Sequence[Call]:
        joined = select(CALL.c.data).join(CALL_PARTY, CALL_PARTY.c.call_id == CALL.c.id)
        with self._database.read() as connection:
            rows = connection.execute(joined.where(CALL_PARTY.c.busy == who, CALL.c.open == 1))
            return tuple(call_from_json(row.data) for row in rows)

    def open_calls(self) -> Sequence[OpenCall]:
        joined = (
            select(CALL.c.id, CALL.c.deadline, CALL_PARTY.c.busy)
            .join(CALL_PARTY, CALL_PARTY.c.call_id == CALL.c.id)
            .where(CALL.c.open == 1, CALL_PARTY.c.busy.is_not(None))
            .order_by(CALL.c.id)
        )
        found: dict[str, tuple[int | None, set[str]]] = {}
        with self._database.read() as connection:
            for row in connection.execute(joined):
                found.setdefault(row.id, (row.deadline, set()))[1].add(row.busy)
        return tuple(
            OpenCall(key, None if deadline is None else from_micros(deadline), frozenset(who))
            for key, (deadline, who) in found.items()
        )

    def lines(self, call_id: str, after: Mapping[str, int]) -> Sequence[Line]:
        if not after:
            return ()
        wanted = or_(*((CALL_LOG.c.party_id == party) & (CALL_LOG.c.seq > seq) for party, seq in after.items()))
        statement = (
            select(CALL_LOG)
            .where(CALL_LOG.c.call_id == call_id, wanted)
            .order_by(CALL_LOG.c.party_id, CALL_LOG.c.seq)
        )
        with self._database.read() as connection:
            return tuple(
                Line(row.party_id, row.seq, row.type, json.loads(row.body), from_micros(row.at))
                for row in connection.execute(statement)
            )

    def seats(self, call_id: str) -> Mapping[str, tuple[str, int]]:
        statement = select(CALL_PARTY.c.who, CALL_PARTY.c.id, CALL_PARTY.c.seq, CALL_PARTY.c.busy).where(
            CALL_PARTY.c.call_id == call_id
        )
        with self._database.read() as connection:
            rows = connection.execute(statement.order_by(CALL_PARTY.c.place)).all()
        found: dict[str, tuple[str, int]] = {}
        for row in rows:
            found[row.who] = (row.id, row.seq)
        # Who came twice is where they are now, else where they were last.
        return found | {row.who: (row.id, row.seq) for row in rows if row.busy is not None}

    def forget(self, *, before: datetime) -> int:
        now = to_micros(before)
        over = select(CALL.c.id).where(CALL.c.open == 0, CALL.c.ended_at < to_micros(before - _LAST_WORDS))
        with self._database.transaction() as connection:
            connection.execute(delete(CALL_LOG).where(CALL_LOG.c.call_id.in_(over)))
            connection.execute(delete(CALL_DONE).where(CALL_DONE.c.at < to_micros(before - _ANSWERS)))
            connection.execute(delete(CALL_CHECK).where(CALL_CHECK.c.at < to_micros(before - _CHECKS)))
            past = select(CALL.c.id).where(CALL.c.chat_until.is_not(None), CALL.c.chat_until < now)
            connection.execute(delete(CALL_CHAT).where(CALL_CHAT.c.call_id.in_(past)))
            connection.execute(delete(CALL_MARK).where(CALL_MARK.c.call_id.in_(past)))
            # What hangs on a call goes with it, by its key.
            # A record stays for as long as what was recorded, which a hold may keep for longer.
            recorded = select(CALL_RECORDING.c.call_id).where(CALL_RECORDING.c.key.is_not(None))
            done = delete(CALL).where(CALL.c.open == 0, CALL.c.kept_until < now, CALL.c.id.not_in(recorded))
            return connection.execute(done).rowcount

    def keep_check(self, client: str, serial: str, found: Mapping[str, Any], *, at: datetime) -> None:
        with self._database.transaction() as connection:
            data = json.dumps(dict(found), separators=(",", ":"))
            connection.execute(
                insert(CALL_CHECK).values(
                    client_id=client, serial=serial, grade=found.get("grade") or "", data=data, at=to_micros(at)
                )
            )

    def last_check(self, serial: str) -> tuple[Mapping[str, Any], datetime] | None:
        newest = select(CALL_CHECK.c.data, CALL_CHECK.c.at).where(CALL_CHECK.c.serial == serial)
        ordered = newest.order_by(CALL_CHECK.c.at.desc(), CALL_CHECK.c.sequence.desc()).limit(1)
        with self._database.read() as connection:
            row = connection.execute(ordered).one_or_none()
        return None if row is None else (json.loads(row.data), from_micros(row.at))
