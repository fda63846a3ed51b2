"""How processes hear of each other's calls: PostgreSQL's NOTIFY with a call's id, and which process rang
where that one needs no telling.

Truth is in the tables; a notification that is lost costs a second, because sockets look by themselves as well.
SQLite serves one process, which needs no bell.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from holofleet.storage.assist.turns import CHANNEL
from holofleet.storage.database import Database

_LOG = logging.getLogger("holofleet.storage.assist.bell")
_AGAIN_S = 1.0
_LOOK_S = 0.5


class DatabaseBell:
    """Implements :class:`holofleet.server.assist.rooms.Bell`. Ringing is part of the transaction that tells."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @property
    def is_needed(self) -> bool:
        """Whether other processes may serve the same database."""
        return self._database.dialect == "postgresql"

    def listen(self, heard: Callable[[str], None]) -> Callable[[], None]:
        if not self.is_needed:
            return lambda: None
        ended = threading.Event()
        thread = threading.Thread(target=self._run, args=(heard, ended), name="call-bell", daemon=True)
        thread.start()

        def end() -> None:
            ended.set()
            thread.join(5)

        return end

    def _run(self, heard: Callable[[str], None], ended: threading.Event) -> None:
        while not ended.is_set():
            try:
                self._hear(heard, ended)
            except Exception:
                # Whatever happens to this connection, calls go on; it is opened anew.
                _LOG.warning("other processes' calls cannot be heard now", exc_info=True)
                ended.wait(_AGAIN_S)

    def _hear(self, heard: Callable[[str], None], ended: threading.Event) -> None:
        import psycopg

        # A connection of its own: the pool's must not wait for notifications.
        arguments, keywords = self._database.engine.dialect.create_connect_args(self._database.engine.url)
        with psycopg.connect(*arguments, **{**keywords, "autocommit": True}) as connection:
            connection.execute(f"LISTEN {CHANNEL}")
            while not ended.is_set():
                for notice in connection.notifies(timeout=_LOOK_S):
                    call, _, ringer = notice.payload.partition(" ")
                    if ringer != self._database.name:
                        heard(call)
