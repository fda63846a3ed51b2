"""How the fleet stood day by day: headsets counted by word once per upkeep, the last count of a day stays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Protocol

from holofleet.clock import Clock
from holofleet.server.authorization import Scope

SHOWN = 30
"""Days of the chart."""


@dataclass(frozen=True, slots=True)
class Day:
    """One day: headsets by word, and how often something was applied.

    A day without counts is one on which the server did not run.
    """

    day: date
    counts: Mapping[str, int]
    applied: int = 0

    @property
    def managed(self) -> int:
        """Headsets that count: retired ones are in no denominator."""
        return sum(self.counts.values()) - self.counts.get("retired", 0)

    @property
    def share(self) -> float | None:
        """Share of compliant headsets, 0 to 1; ``None`` where there were none, or nobody counted."""
        return self.counts.get("compliant", 0) / self.managed if self.managed else None


class HistoryStore(Protocol):
    """The port of the fleet's history."""

    def count_day(self, now: datetime, /) -> None:
        """Count every client's headsets by word, and keep that for the day (UTC) in place of the last count."""
        ...

    def days(self, scope: Scope, /, *, since: date) -> Sequence[Day]:
        """Return the days from ``since`` on that were counted or on which something was applied, in order."""
        ...


class HistoryService:
    """Keeps and tells how the fleet stood."""

    def __init__(self, store: HistoryStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def keep(self) -> None:
        """Count today; upkeep calls this."""
        self._store.count_day(self._clock.now())

    def days(self, scope: Scope) -> tuple[Day, ...]:
        """Return the last :data:`SHOWN` days, today last; those that nobody counted are empty."""
        today = self._clock.now().date()
        first = today - timedelta(days=SHOWN - 1)
        known = {day.day: day for day in self._store.days(scope, since=first)}
        wanted = (first + timedelta(days=ahead) for ahead in range(SHOWN))
        return tuple(known.get(day, Day(day, {})) for day in wanted)
