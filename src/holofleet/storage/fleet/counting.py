"""How many headsets have which word, by deployment: the one statement that looks at every headset.

Counts are kept for a few seconds, for each scope, and after news only the deployments that had some are counted
again: every page that lists headsets shows them, and with 100,000 headsets they take longer than the rest of the
page ten times over. Those of whoever sees everything are counted ahead, so that nobody waits for them.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Collection, Hashable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock
from typing import Any, Generic, TypeAlias, TypeVar

from sqlalchemy import ColumnElement, Connection, Select, func, select

from holofleet.clock import monotonic_s
from holofleet.server.authorization import Scope
from holofleet.server.compliance import Compliance
from holofleet.storage.fleet.words import HEADSETS, DeploymentFacts, H, deployment_facts, shown, word
from holofleet.storage.scoping import in_scope
from holofleet.storage.tables.management import EVENT, PUBLICATION

KEPT_FOR = timedelta(seconds=5)
"""As long as the moment at which a headset was seen waits to be written: no count is older than what it counts."""
SHARE = 100
"""Counting ahead takes one part in so many of the time, so the counts of a large fleet are kept longer. Ours."""
MARGIN = timedelta(seconds=2)
"""How much longer counts made ahead are kept: the next ones are there before they are too old."""
MOST_SCOPES = 64
MOST_NEWS = 1_000
"""With more events than this since a count, everything is counted again without looking at them."""

Counts: TypeAlias = Mapping[str, Mapping[str, int]]
"""By deployment and word; every word is there."""
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Mark:
    """Changes with everything that somebody waits to see: the newest publication and event."""

    publication: int
    event: int

    @classmethod
    def of(cls, connection: Connection, scope: Scope) -> Mark:
        """Return the mark of now. Events are those of the scope's clients: sites and deployments would have every
        event looked at, and a mark is no list."""
        publication = connection.execute(select(func.max(PUBLICATION.c.sequence))).scalar_one() or 0
        newest = in_scope(select(func.max(EVENT.c.sequence)), EVENT.c.client_id, Scope(scope.clients))
        return cls(publication, connection.execute(newest).scalar_one() or 0)


@dataclass(frozen=True, slots=True)
class _Made(Generic[T]):
    counts: Mapping[str, T]
    at: datetime
    mark: Mark
    kept: timedelta = KEPT_FOR


class Recent(Generic[T]):
    """What was counted of deployments within the last seconds. Safe for use from several threads."""

    def __init__(self) -> None:
        self._made: OrderedDict[Hashable, _Made[T]] = OrderedDict()
        self._lock = Lock()

    def of(
        self,
        connection: Connection,
        key: Hashable,
        count: Callable[[Collection[str] | None], Mapping[str, T]],
        *,
        mark: Mark,
        now: datetime,
    ) -> Mapping[str, T]:
        """Return counts by deployment.

        Args:
            connection: Where events are read.
            key: Whose counts: the scope, and whatever else they depend on.
            count: Counts these deployments, or with ``None`` all of them.
            mark: The mark of now, read before.
            now: The time.
        """
        with self._lock:
            known = self._made.get(key)
        if known is None or not timedelta(0) <= now - known.at < known.kept:
            made = _Made(count(None), now, mark)
        elif known.mark == mark:
            return known.counts
        elif (news := _news(connection, known.mark, mark)) is None:
            made = _Made(count(None), now, mark)
        else:
            kept = {name: one for name, one in known.counts.items() if name not in news}
            # As old as the oldest in it.
            made = _Made(kept | dict(count(news)), known.at, mark, known.kept)
        self._keep(key, made)
        return made.counts

    def ahead(
        self,
        key: Hashable,
        count: Callable[[Collection[str] | None], Mapping[str, T]],
        *,
        mark: Mark,
        now: datetime,
    ) -> timedelta:
        """Count now, and return when to count again: the counts are kept until then."""
        begun = monotonic_s()
        counts = count(None)
        again = max(KEPT_FOR, SHARE * timedelta(seconds=monotonic_s() - begun))
        self._keep(key, _Made(counts, now, mark, again + MARGIN))
        return again

    def _keep(self, key: Hashable, made: _Made[T]) -> None:
        with self._lock:
            self._made[key] = made
            self._made.move_to_end(key)
            while len(self._made) > MOST_SCOPES:
                self._made.popitem(last=False)


def _news(connection: Connection, before: Mark, mark: Mark) -> frozenset[str] | None:
    """Return the deployments that something happened in between two marks; ``None`` if that may be any of them."""
    if before.publication != mark.publication or not 0 < mark.event - before.event <= MOST_NEWS:
        return None
    between = (EVENT.c.sequence > before.event, EVENT.c.sequence <= mark.event)
    names = frozenset(connection.execute(select(EVENT.c.deployment).where(*between).distinct()).scalars())
    return None if "" in names else names


class RecentCounts:
    """Words that were counted within the last seconds."""

    def __init__(self) -> None:
        self._recent: Recent[Mapping[str, int]] = Recent()

    def of(
        self,
        connection: Connection,
        scope: Scope,
        facts: Mapping[str, DeploymentFacts],
        *,
        mark: Mark,
        now: datetime,
    ) -> Counts:
        """Return the counts of a scope; ``facts`` are of the deployments in scope, at ``now``."""
        return self._recent.of(
            connection, scope, lambda only: count(connection, scope, facts, only), mark=mark, now=now
        )

    def ahead(self, connection: Connection, scope: Scope, now: datetime) -> timedelta:
        """Count for a scope before anybody asks, and return when to do it again."""
        facts, mark = deployment_facts(connection, scope, now), Mark.of(connection, scope)
        return self._recent.ahead(scope, lambda only: count(connection, scope, facts, only), mark=mark, now=now)


def count(
    connection: Connection,
    scope: Scope,
    facts: Mapping[str, DeploymentFacts],
    only: Collection[str] | None = None,
) -> Counts:
    """Count now, ``only`` these deployments or all."""
    counts: dict[str, dict[str, int]] = {}
    for row in connection.execute(_counting(facts, scope, only)):
        words = counts.setdefault(row.deployment, {str(part): 0 for part in Compliance})
        words[row.word] += row.headsets
    return counts


def _counting(facts: Mapping[str, DeploymentFacts], scope: Scope, only: Collection[str] | None) -> Select[Any]:
    """Return the statement that counts headsets by deployment and word.

    The words are made first, in the order in which the rows lie: grouping in one step makes SQLite fetch the rows
    in the order of their deployments, which takes three times as long.
    """
    words = select(H.deployment, word(facts).label("word")).select_from(HEADSETS).where(shown(), *of_these(only))
    made = in_scope(words, H.client_id, scope).cte("made").prefix_with("MATERIALIZED")
    counted = select(made.c.deployment, made.c.word, func.count().label("headsets"))
    return counted.group_by(made.c.deployment, made.c.word)


def of_these(deployments: Collection[str] | None) -> list[ColumnElement[bool]]:
    """Return the condition that keeps headsets of these deployments; none for all."""
    return [] if deployments is None else [H.deployment.in_(sorted(deployments))]
