"""Counts what is really sent to the database, by the driver's own hooks; off unless it is asked for."""

from __future__ import annotations

import sqlite3
import threading
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.pool import Pool

_READS = frozenset({"SELECT", "WITH"})
_WRITES = frozenset({"INSERT", "UPDATE", "DELETE"})
_SEEN = "UPDATE enrollment SET last_seen_at="
"""How the statement begins that writes, every few seconds, when headsets were last seen, and nothing else."""


@dataclass
class StatementCounter:
    """Sees every connection of this process that SQLAlchemy's pools make, whoever runs statements on it.

    SQLite reports each statement that it runs (``sqlite3_trace_v2``), psycopg gets a cursor that counts. Commits
    are counted where the library issues them; a transaction runs in one thread, which is how a commit is known to
    hold nothing but moments at which headsets were seen. Install before the first connection is made.
    """

    _counts: Counter[str] = field(default_factory=Counter)
    _connections: list[Any] = field(default_factory=list)
    _running: dict[int, set[str]] = field(default_factory=dict)
    _on: bool = False
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def install(self) -> None:
        """Begin to see connections."""
        event.listen(Pool, "connect", self._connected)
        event.listen(Engine, "commit", self._committed)

    def switch(self, on: bool) -> None:
        """Begin to count from zero, or stop: while it is off, statements run untouched."""
        self._counts.clear()
        self._on = on
        for connection in self._connections:
            self._watch(connection)

    @property
    def counts(self) -> dict[str, int]:
        """How many there were since counting began; ``seen`` are writes of when headsets were last seen."""
        names = ("reads", "writes", "seen", "others", "commits", "seen commits")
        return {name: self._counts[name] for name in names}

    def _connected(self, connection: Any, _record: object) -> None:
        self._connections.append(connection)
        self._watch(connection)

    def _watch(self, connection: Any) -> None:
        if isinstance(connection, sqlite3.Connection):
            connection.set_trace_callback(self._ran if self._on else None)
        else:
            connection.cursor_factory = self._counting_cursor() if self._on else _plain_cursor()

    def _committed(self, _connection: object) -> None:
        with self._lock:
            kinds = self._running.pop(threading.get_ident(), set())
            if self._on:
                self._counts["seen commits" if kinds == {"seen"} else "commits"] += 1

    def _ran(self, statement: str, times: int = 1) -> None:
        word = statement.lstrip("( \n")[:8].split(None, 1)[0].upper() if statement.strip() else ""
        if word in ("BEGIN", "COMMIT", "ROLLBACK", "") or word.startswith("--"):
            return  # the frame of a transaction, or what SQLite says of a trigger
        if statement.startswith(_SEEN):
            kind = "seen"
        else:
            kind = "reads" if word in _READS else "writes" if word in _WRITES else "others"
        with self._lock:
            self._counts[kind] += times
            self._running.setdefault(threading.get_ident(), set()).add(kind)

    def _counting_cursor(self) -> type[Any]:
        count = self._ran

        class CountingCursor(_plain_cursor()):  # type: ignore[misc]  # psycopg is there only where it is used
            def execute(self, query: Any, *arguments: Any, **more: Any) -> Any:
                count(str(query))
                return super().execute(query, *arguments, **more)

            def executemany(self, query: Any, rows: Any, **more: Any) -> Any:
                listed = list(rows)
                count(str(query), len(listed))
                return super().executemany(query, listed, **more)

        return CountingCursor


def _plain_cursor() -> type[Any]:
    import psycopg

    return psycopg.Cursor
