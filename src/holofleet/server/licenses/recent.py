"""Reports that were made before: a page of licenses judges everybody, and mostly nothing has changed since."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from threading import Lock

from holofleet.server.authorization import Scope
from holofleet.server.licenses.report import Report
from holofleet.server.licenses.store import Mark

SETTLED = timedelta(minutes=1)
"""A report is kept when nothing had changed for so long before it was made: whatever changes later is newer than
what the mark has seen, also by the clock of another process. Ours."""
MOST_SCOPES = 8


@dataclass(frozen=True, slots=True)
class _Made:
    mark: Mark
    day: date
    report: Report


class RecentReports:
    """The last report for each scope. Safe for use from several threads."""

    def __init__(self) -> None:
        self._made: OrderedDict[Scope, _Made] = OrderedDict()
        self._lock = Lock()

    def find(self, scope: Scope, mark: Mark, now: datetime) -> Report | None:
        """Return the report that would be made again now, or ``None``."""
        with self._lock:
            made = self._made.get(scope)
        return made.report if made is not None and (made.mark, made.day) == (mark, now.date()) else None

    def keep(self, scope: Scope, mark: Mark, now: datetime, report: Report) -> None:
        """Keep a report that was made after ``mark`` was read, unless something changed just before."""
        if mark.newest is not None and now - mark.newest < SETTLED:
            return
        with self._lock:
            self._made[scope] = _Made(mark, now.date(), report)
            self._made.move_to_end(scope)
            while len(self._made) > MOST_SCOPES:
                self._made.popitem(last=False)
