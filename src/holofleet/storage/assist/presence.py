"""Open sockets, who wants to be called, and whom a headset has at hand."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, delete, insert, select, true, update

from holofleet.server.assist.store import Socket
from holofleet.storage.database import Database
from holofleet.storage.directory.rows import CHUNK
from holofleet.storage.moments import from_micros, to_micros
from holofleet.storage.tables.assist import CALL_FAVOURITE, CALL_PARTY, CALL_PRESENCE, CALL_SOCKET

_S, _F = CALL_SOCKET.c, CALL_FAVOURITE.c


class StoredPresence:
    """Implements :class:`holofleet.server.assist.store.PresenceStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def open(self, socket: Socket, *, at: datetime) -> None:
        with self._database.transaction() as connection:
            connection.execute(
                insert(CALL_SOCKET).values(
                    id=socket.id,
                    process=socket.process,
                    who=socket.who,
                    page=socket.page,
                    opened_at=to_micros(at),
                    seen_at=to_micros(at),
                )
            )

    def close(self, socket_id: str) -> None:
        with self._database.transaction() as connection:
            connection.execute(delete(CALL_SOCKET).where(_S.id == socket_id))

    def renew(self, process: str, *, at: datetime) -> None:
        with self._database.transaction() as connection:
            connection.execute(update(CALL_SOCKET).where(_S.process == process).values(seen_at=to_micros(at)))

    def clear(self, *, process: str | None = None, before: datetime | None = None) -> None:
        which: ColumnElement[bool] = true()
        if process is not None:
            which = which & (_S.process == process)
        if before is not None:
            which = which & (_S.seen_at < to_micros(before))
        with self._database.transaction() as connection:
            connection.execute(delete(CALL_SOCKET).where(which))

    def there(self, who: Iterable[str], *, since: datetime) -> frozenset[str]:
        return self._among(
            who, lambda part: select(_S.who).where(_S.who.in_(part), _S.seen_at >= to_micros(since))
        )

    def busy(self, who: Iterable[str]) -> frozenset[str]:
        return self._among(who, lambda part: select(CALL_PARTY.c.busy).where(CALL_PARTY.c.busy.in_(part)))

    def away(self, who: Iterable[str]) -> frozenset[str]:
        state = CALL_PRESENCE.c
        return self._among(who, lambda part: select(state.who).where(state.who.in_(part), state.state == "away"))

    def _among(self, who: Iterable[str], found: Callable[[list[str]], Select[Any]]) -> frozenset[str]:
        listed = sorted(set(who))
        result: set[str] = set()
        if not listed:
            return frozenset()
        with self._database.read() as connection:
            for start in range(0, len(listed), CHUNK):
                result |= set(connection.execute(found(listed[start : start + CHUNK])).scalars())
        return frozenset(result)

    def set(self, who: str, state: str, *, at: datetime) -> None:
        values = {"state": state, "at": to_micros(at)}
        with self._database.transaction() as connection:
            done = connection.execute(update(CALL_PRESENCE).where(CALL_PRESENCE.c.who == who).values(values))
            if not done.rowcount:
                connection.execute(insert(CALL_PRESENCE).values(who=who, **values))

    def at_hand(self, serial: str) -> Mapping[str, tuple[bool, datetime | None]]:
        with self._database.read() as connection:
            rows = connection.execute(select(CALL_FAVOURITE).where(_F.serial == serial)).all()
        return {row.person_id: (row.at > 0, from_micros(row.used) if row.used else None) for row in rows}

    def mark(self, serial: str, client: str, person: str, *, on: bool, at: datetime) -> None:
        own = (_F.serial == serial) & (_F.person_id == person)
        value = to_micros(at) if on else 0
        with self._database.transaction() as connection:
            done = connection.execute(update(CALL_FAVOURITE).where(own).values(at=value))
            if on and not done.rowcount:
                values = {"serial": serial, "person_id": person, "client_id": client, "at": value}
                connection.execute(insert(CALL_FAVOURITE).values(values))
