"""Signals of calls, kept until their readers have them: the busiest statements of a call, as texts.

Several calls are one transaction here. Their rows are locked in the order of their ids, so that processes that
lock the same ones wait for each other and never for ever.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import Dialect, bindparam, insert, select, text, update
from sqlalchemy.dialects import postgresql, sqlite

from holofleet.errors import ConflictError, StorageError
from holofleet.server.assist.kept import Call, call_from_json
from holofleet.server.assist.store import Line, Signal, SignalTurn
from holofleet.storage.assist.turns import CHANNEL
from holofleet.storage.database import Database
from holofleet.storage.hot import HotStatement
from holofleet.storage.moments import to_micros
from holofleet.storage.tables.assist import CALL, CALL_DONE, CALL_LOG, CALL_PARTY

_DONE: Final = '{"type":"done"}'
_CALLS: Final = 256
"""Calls whose text need not be read again."""
_call_of = lru_cache(maxsize=_CALLS)(call_from_json)


class _Statements:
    """What is said to the database, compiled once."""

    def __init__(self, dialect: Dialect) -> None:
        self.call = HotStatement(
            select(CALL.c.data).where(CALL.c.id == bindparam("call_id")).with_for_update(), dialect
        )
        done = (postgresql if dialect.name == "postgresql" else sqlite).insert(CALL_DONE)
        self.done = HotStatement(
            done.values({one.name: bindparam(one.name) for one in CALL_DONE.c}).on_conflict_do_nothing(), dialect
        )
        mine = (CALL_PARTY.c.call_id == bindparam("of_call")) & (CALL_PARTY.c.id == bindparam("of_party"))
        counted = update(CALL_PARTY).where(mine).values(seq=CALL_PARTY.c.seq + bindparam("more"))
        self.count = HotStatement(counted.returning(CALL_PARTY.c.seq), dialect)
        self.line = HotStatement(
            insert(CALL_LOG).values({one.name: bindparam(one.name) for one in CALL_LOG.c}), dialect
        )
        ring = text(f"SELECT pg_notify('{CHANNEL}', :payload)")
        self.ring = HotStatement(ring, dialect) if dialect.name == "postgresql" else None


class _SignalTurn:
    """Implements :class:`holofleet.server.assist.store.SignalTurn`."""

    def __init__(self, cursor: Any, statements: _Statements, call_id: str, ringer: str) -> None:
        self._cursor = cursor
        self._said = statements
        self._id = call_id
        self._ringer = ringer
        row = self._run(statements.call, {"call_id": call_id}).fetchone()
        self.call: Call | None = None if row is None else _call_of(row[0])

    def pass_on(self, signals: Iterable[Signal], *, at: datetime) -> Sequence[Line]:
        assert self.call is not None
        micros = to_micros(at)
        new = [
            one
            for one in signals
            if self._run(
                self._said.done,
                {"who": one.who, "message_id": one.message_id, "answer": _DONE, "at": micros},
            ).rowcount
        ]
        if not new:
            return ()
        next_of = {to: self._counted(to, more) for to, more in Counter(one.to for one in new).items()}
        lines, rows = [], []
        for one in new:
            seq = next_of[one.to]
            next_of[one.to] += 1
            lines.append(Line(one.to, seq, one.type, one.body, at))
            values = {"call_id": self._id, "party_id": one.to, "seq": seq, "client_id": self.call.client}
            body = json.dumps(dict(one.body), ensure_ascii=False, separators=(",", ":"))
            rows.append(self._said.line.bind({**values, "type": one.type, "body": body, "at": micros}))
        self._cursor.executemany(self._said.line.text, rows)
        if self._said.ring is not None:
            # Heard once this is committed; the process that wrote it needs no telling.
            self._run(self._said.ring, {"payload": f"{self._id} {self._ringer}"})
        return lines

    def _counted(self, party: str, more: int) -> int:
        """Take so many numbers for a party, and return the first of them."""
        values = {"of_call": self._id, "of_party": party, "more": more}
        newest: int = self._run(self._said.count, values).fetchone()[0]
        return newest - more + 1

    def _run(self, statement: HotStatement, values: Mapping[str, Any]) -> Any:
        self._cursor.execute(statement.text, statement.bind(values))
        return self._cursor


class StoredSignals:
    """The part of :class:`holofleet.server.assist.store.CallStore` that is for signals."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._statements = _Statements(database.engine.dialect)

    @contextmanager
    def turns(self, calls: Iterable[str]) -> Iterator[Mapping[str, SignalTurn]]:
        driver, said = self._database.engine.dialect.loaded_dbapi, self._statements
        with self._database.transaction() as connection:
            # The driver's cursor: what the library adds to each statement costs more than the statement.
            cursor = connection.connection.cursor()
            try:
                yield {one: _SignalTurn(cursor, said, one, self._database.name) for one in sorted(set(calls))}
            except driver.IntegrityError as error:
                raise ConflictError("the database refuses this: a key did not hold", detail=str(error)) from error
            except driver.Error as error:
                raise StorageError("the database cannot be used now", detail=str(error)) from error
            finally:
                cursor.close()
