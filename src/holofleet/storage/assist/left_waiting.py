"""How many messages wait for people."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime

from sqlalchemy import func, select

from holofleet.server.assist.left.waiting import Waiting
from holofleet.storage.database import Database
from holofleet.storage.moments import to_micros
from holofleet.storage.tables.left import CALL_LEFT, CALL_LEFT_FOR


class StoredWaiting:
    """Implements :class:`holofleet.server.assist.left.waiting.WaitingStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def waiting_for(self, people: Collection[str], *, now: datetime) -> Waiting:
        person, serial = CALL_LEFT_FOR.c.person_id, CALL_LEFT.c.serial
        counted = (
            select(person, serial, func.count().label("waiting"))
            .join(CALL_LEFT, CALL_LEFT.c.id == CALL_LEFT_FOR.c.message_id)
            .where(
                person.in_(sorted(people)), CALL_LEFT.c.taken_at.is_(None), CALL_LEFT.c.kept_until > to_micros(now)
            )
            .group_by(person, serial)
        )
        found: dict[str, dict[str, int]] = defaultdict(dict)
        with self._database.read() as connection:
            for row in connection.execute(counted):
                found[row.person_id][row.serial] = row.waiting
        return dict(found)
