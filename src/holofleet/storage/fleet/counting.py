"""How many headsets have which word, by deployment: the one statement that looks at every headset.

Counts are kept for a few seconds, for each scope, until something happens: every page that lists headsets shows
them, and with 100,000 headsets they take longer than the rest of the page ten times over.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock
from typing import Any, TypeAlias

from sqlalchemy import Connection, Select, func, select

from holofleet.server.authorization import Scope
from holofleet.server.compliance import Compliance
from holofleet.storage.fleet.words import HEADSETS, DeploymentFacts, H, shown, word
from holofleet.storage.scoping import in_scope

KEPT_FOR = timedelta(seconds=5)
"""As long as the moment at which a headset was seen waits to be written: no count is older than what it counts."""
MOST_SCOPES = 64

Counts: TypeAlias = Mapping[str, Mapping[str, int]]
"""By deployment and word; every word is there."""


@dataclass(frozen=True, slots=True)
class _Made:
    counts: Counts
    at: datetime
    mark: object


class RecentCounts:
    """Counts that were made within the last seconds. Safe for use from several threads."""

    def __init__(self) -> None:
        self._made: OrderedDict[Scope, _Made] = OrderedDict()
        self._lock = Lock()

    def of(
        self,
        connection: Connection,
        scope: Scope,
        facts: Mapping[str, DeploymentFacts],
        *,
        mark: object,
        now: datetime,
    ) -> Counts:
        """Return the counts of a scope.

        Args:
            connection: Where to count, if they have to be made.
            scope: Whose headsets.
            facts: Of the deployments in scope, at ``now``.
            mark: Changes with everything that somebody waits to see: the newest event and publication.
            now: The time.
        """
        with self._lock:
            known = self._made.get(scope)
        if known is not None and known.mark == mark and timedelta(0) <= now - known.at < KEPT_FOR:
            return known.counts
        counts = count(connection, scope, facts)
        with self._lock:
            self._made[scope] = _Made(counts, now, mark)
            self._made.move_to_end(scope)
            while len(self._made) > MOST_SCOPES:
                self._made.popitem(last=False)
        return counts


def count(connection: Connection, scope: Scope, facts: Mapping[str, DeploymentFacts]) -> Counts:
    """Count now."""
    counts: dict[str, dict[str, int]] = {}
    for row in connection.execute(_counting(facts, scope)):
        words = counts.setdefault(row.deployment, {str(part): 0 for part in Compliance})
        words[row.word] += row.headsets
    return counts


def _counting(facts: Mapping[str, DeploymentFacts], scope: Scope) -> Select[Any]:
    """Return the statement that counts headsets by deployment and word.

    The words are made first, in the order in which the rows lie: grouping in one step makes SQLite fetch the rows
    in the order of their deployments, which takes three times as long.
    """
    words = select(H.deployment, word(facts).label("word")).select_from(HEADSETS).where(shown())
    made = in_scope(words, H.client_id, scope).cte("made").prefix_with("MATERIALIZED")
    counted = select(made.c.deployment, made.c.word, func.count().label("headsets"))
    return counted.group_by(made.c.deployment, made.c.word)
