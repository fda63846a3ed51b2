"""Counts of the fleet: remembered for seconds, never past what somebody waits to see."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, event, update
from tests.web_services import bench, small_state

from holofleet.server.authorization import Scope
from holofleet.server.events import EventKind, NewEvent
from holofleet.storage.events import append_events
from holofleet.storage.fleet.counting import KEPT_FOR, MARGIN, MOST_NEWS, MOST_SCOPES, Mark, RecentCounts
from holofleet.storage.fleet.words import deployment_facts
from holofleet.storage.tables.management import HEADSET

NOW = datetime(2026, 11, 24, 10, tzinfo=UTC)
FABRIKAM = Scope.of("fabrikam")
MARK = Mark(1, 0)


class Counting:
    """Counts on a small fleet, and how often that fleet was really counted."""

    def __init__(self, connection: Connection) -> None:
        self.recent, self.connection, self.times = RecentCounts(), connection, 0
        event.listen(connection, "before_cursor_execute", self._ran)

    def _ran(self, _connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        self.times += "MATERIALIZED" in statement

    def expected(self, scope: Scope, *, mark: Mark = MARK, now: datetime = NOW) -> dict[str, int]:
        facts = deployment_facts(self.connection, scope, now)
        counts = self.recent.of(self.connection, scope, facts, mark=mark, now=now)
        return {name: words["expected"] for name, words in counts.items()}

    def newest(self) -> Mark:
        return Mark.of(self.connection, Scope.every())

    def happen(self, deployment: str) -> None:
        append_events(
            self.connection, at=NOW, events=[NewEvent(EventKind.CONVERGED, "fabrikam", "test", deployment)]
        )

    def remove(self, serial: str) -> None:
        self.connection.execute(update(HEADSET).where(HEADSET.c.serial == serial).values(removed_at=1))


@pytest.fixture
def counting(tmp_path: Path) -> Iterator[Counting]:
    with bench(tmp_path) as made:
        made.publish(small_state())
        with made.database.transaction() as connection:
            yield Counting(connection)


def test_each_scope_has_counts_of_its_own(counting: Counting) -> None:
    assert counting.expected(Scope.every()) == {"loans": 1, "plant": 1}
    assert counting.expected(FABRIKAM) == {"loans": 1}
    assert counting.expected(Scope.of()) == {}


def test_counts_are_made_again_when_something_happened_and_not_before(counting: Counting) -> None:
    counting.expected(Scope.every())
    counting.remove("F-1")
    assert counting.expected(Scope.every()) == {"loans": 1, "plant": 1}
    assert counting.times == 1
    assert counting.expected(Scope.every(), mark=Mark(2, 0)) == {"plant": 1}
    assert counting.times == 2


def test_after_news_of_a_deployment_that_one_alone_is_counted_again(counting: Counting) -> None:
    before = counting.newest()
    counting.expected(Scope.every(), mark=before)
    counting.remove("F-1")
    counting.remove("N-1")
    counting.happen("loans")
    assert counting.expected(Scope.every(), mark=counting.newest()) == {"plant": 1}
    counting.happen("plant")
    assert counting.expected(Scope.every(), mark=counting.newest()) == {}


@pytest.mark.parametrize("many", [0, MOST_NEWS])
def test_news_of_no_deployment_and_too_much_news_count_everything_again(counting: Counting, many: int) -> None:
    counting.expected(Scope.every(), mark=counting.newest())
    counting.remove("N-1")
    for _ in range(many):
        counting.happen("loans")
    counting.happen("loans" if many else "")
    assert counting.expected(Scope.every(), mark=counting.newest()) == {"loans": 1}


@pytest.mark.parametrize("later", [KEPT_FOR, -timedelta(microseconds=1)])
def test_counts_grow_old_and_a_clock_that_went_back_makes_them_old_at_once(
    counting: Counting, later: timedelta
) -> None:
    counting.expected(Scope.every())
    counting.remove("N-1")
    assert counting.expected(Scope.every(), now=NOW + later) == {"loans": 1}


def test_of_many_scopes_the_oldest_are_forgotten(counting: Counting) -> None:
    counting.expected(FABRIKAM)
    for number in range(MOST_SCOPES):
        counting.expected(Scope.of(f"client-{number}"))
    before = counting.times
    counting.expected(FABRIKAM)
    assert counting.times == before + 1


def test_what_was_counted_ahead_nobody_waits_for_until_it_is_counted_again(counting: Counting) -> None:
    again = counting.recent.ahead(counting.connection, Scope.every(), NOW)
    mark = counting.newest()
    assert again >= KEPT_FOR
    assert counting.times == 1
    late = NOW + again + MARGIN - timedelta(microseconds=1)
    assert counting.expected(Scope.every(), mark=mark, now=late) == {"loans": 1, "plant": 1}
    assert counting.times == 1
    counting.remove("N-1")
    assert counting.expected(Scope.every(), mark=mark, now=NOW + again + MARGIN) == {"loans": 1}


def test_news_after_counting_ahead_are_seen_at_once(counting: Counting) -> None:
    counting.recent.ahead(counting.connection, Scope.every(), NOW)
    counting.remove("F-1")
    counting.happen("loans")
    assert counting.expected(Scope.every(), mark=counting.newest()) == {"plant": 1}


def test_the_longer_counting_takes_the_rarer_it_is(counting: Counting, monkeypatch: pytest.MonkeyPatch) -> None:
    moments = iter((0.0, 0.25))
    monkeypatch.setattr("holofleet.storage.fleet.counting.monotonic_s", lambda: next(moments))
    assert counting.recent.ahead(counting.connection, Scope.every(), NOW) == timedelta(seconds=25)
