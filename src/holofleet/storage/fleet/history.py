"""The fleet's history in the database."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, date, datetime, time

from sqlalchemy import delete, func, insert, select

from holofleet.server.authorization import Scope
from holofleet.server.fleet.history import Day
from holofleet.storage.database import Database
from holofleet.storage.fleet.counting import count
from holofleet.storage.fleet.words import deployment_facts
from holofleet.storage.moments import from_micros, to_micros
from holofleet.storage.scoping import in_scope
from holofleet.storage.tables.guides import COMPLIANCE_DAY
from holofleet.storage.tables.management import PUBLICATION

_D = COMPLIANCE_DAY.c


class StoredHistory:
    """Implements :class:`holofleet.server.fleet.history.HistoryStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def count_day(self, now: datetime, /) -> None:
        every, day = Scope.every(), now.astimezone(UTC).date()
        with self._database.read() as connection:
            facts = deployment_facts(connection, every, now)
            counts = count(connection, every, facts)
        found: dict[tuple[str, str], int] = defaultdict(int)
        for deployment, words in counts.items():
            for word, headsets in words.items():
                found[facts[deployment].deployment.client, word] += headsets
        rows = [
            {"day": day.isoformat(), "client_id": client, "word": word, "headsets": headsets}
            for (client, word), headsets in found.items()
            if headsets
        ]
        with self._database.transaction() as connection:
            connection.execute(delete(COMPLIANCE_DAY).where(_D.day == day.isoformat()))
            if rows:
                connection.execute(insert(COMPLIANCE_DAY), rows)

    def days(self, scope: Scope, /, *, since: date) -> Sequence[Day]:
        counted = select(_D.day, _D.word, func.sum(_D.headsets).label("headsets")).where(
            _D.day >= since.isoformat()
        )
        begin = to_micros(datetime.combine(since, time(), tzinfo=UTC))
        with self._database.read() as connection:
            rows = connection.execute(in_scope(counted, _D.client_id, scope).group_by(_D.day, _D.word)).all()
            applied = [
                from_micros(at).date()
                for at in connection.execute(select(PUBLICATION.c.at).where(PUBLICATION.c.at >= begin)).scalars()
            ]
        words: dict[date, dict[str, int]] = defaultdict(dict)
        for row in rows:
            words[date.fromisoformat(row.day)][row.word] = int(row.headsets)
        days = sorted({*words, *applied})
        return tuple(Day(day, words.get(day, {}), applied.count(day)) for day in days)
