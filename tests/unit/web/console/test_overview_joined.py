"""What other rooms add to the overview, what comes up, and the line of 30 days."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from tests.console_world import ConsoleWorld, console_world

from holofleet import desired, samples, spec
from holofleet.server.authorization import LOCAL_ADMIN, Role, Scope
from holofleet.server.compliance import Compliance
from holofleet.server.fleet.history import SHOWN, Day
from holofleet.server.fleet.views import Overview
from holofleet.web.console.coming import Joined, Need
from holofleet.web.console.overview import needs_of
from holofleet.web.console.trend import percent_of, trend_of

EVERY = Scope.every()
TODAY = date(2026, 3, 30)
AT_HARBOUR = "003421800501"


@pytest.fixture
def ships(tmp_path: Path) -> Iterator[ConsoleWorld]:
    with console_world(tmp_path) as made:
        texts = dict(samples.text("near-offline"))
        state = desired.compile(spec.parse(texts), target="server")
        told = made.world.fleet.told().hash
        made.world.fleet.publish(LOCAL_ADMIN, state.to_json(), texts, expect_told_hash=told)
        yield made


def days(*shares: tuple[int, int] | None) -> list[Day]:
    """Days up to today: compliant of how many, or nothing where nobody counted."""
    found = []
    for back, share in enumerate(reversed(shares)):
        counts = {} if share is None else {"compliant": share[0], "drifted": share[1] - share[0]}
        found.append(Day(TODAY - timedelta(days=back), counts))
    return found[::-1]


def test_one_day_is_no_line_yet() -> None:
    assert trend_of(days(None, None, (3, 4))) is None


def test_the_sentence_says_what_the_line_shows() -> None:
    trend = trend_of(days((50, 100), (75, 100)))
    assert trend is not None
    assert trend.sentence.startswith("75 % are compliant today, 25 points more than on 29 March")
    assert trend.floor == 50


def test_a_day_that_nobody_counted_breaks_the_line_and_is_not_nothing() -> None:
    trend = trend_of(days((9, 10), (9, 10), None, (10, 10)))
    assert trend is not None
    assert trend.line.count("M") == 2
    assert len(trend.known) == 3


def test_one_headset_missing_is_never_everything() -> None:
    assert percent_of(Day(TODAY, {"compliant": 9_999, "late": 1})) == "99 %"
    assert percent_of(Day(TODAY, {"compliant": 3, "retired": 9})) == "100 %"
    assert percent_of(Day(TODAY, {"retired": 9})) == "–"


def test_today_is_counted_once_however_often_upkeep_runs(ships: ConsoleWorld) -> None:
    history = ships.services.history
    history.keep()
    ships.enroll(AT_HARBOUR)
    history.keep()
    shown = history.days(EVERY)
    assert len(shown) == SHOWN
    assert sum(shown[-1].counts.values()) == 14
    assert shown[-1].counts[str(Compliance.EXPECTED)] == 13
    assert shown[-1].applied == 1
    assert [day.counts for day in shown[:-1]] == [{}] * (SHOWN - 1)


def test_a_client_sees_the_history_of_its_own_headsets(ships: ConsoleWorld) -> None:
    ships.services.history.keep()
    assert ships.services.history.days(Scope.of("fabrikam"))[-1].counts == {}
    assert sum(ships.services.history.days(Scope.of("own"))[-1].counts.values()) == 14


def test_what_waits_is_listed_worst_first() -> None:
    def need(kind: str) -> Need:
        return Need("late", "late", kind, kind, "", "Look", "/")

    counts = {str(word): 0 for word in Compliance} | {"refused": 1, "late": 2}
    overview = Overview(counts, 3, (), (), (), True, None, 0)
    joined = Joined((need("Approval"),), (need("Security due"),), (need("Loan"),), (need("Licenses"),))
    kinds = [one.kind for one in needs_of(overview, str, joined)]
    assert kinds == ["Frozen", "Refused", "Approval", "Security due", "Late", "Loan", "Licenses"]


def test_the_next_window_comes_up_and_certificates_that_end_before_it_need_a_person(ships: ConsoleWorld) -> None:
    text = ships.client().get("/").text
    assert "Harbour office reconnects" in text
    assert "certificate ends before" not in text
    ships.enroll(AT_HARBOUR)
    ships.world.clock.advance(timedelta(days=2_000))
    assert "1 certificate ends before Harbour office reconnects" in ships.client().get("/").text


def test_who_sees_another_client_sees_nothing_come_up(ships: ConsoleWorld) -> None:
    assert "reconnects" not in ships.client(Role.VIEWER, clients=("fabrikam",)).get("/").text


def test_what_was_joined_is_kept_for_a_minute(ships: ConsoleWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    places = ships.services.visits.places

    def counted(scope: Scope) -> object:
        asked.append(scope)
        return places(scope)

    monkeypatch.setattr(ships.services.visits, "places", counted)
    client = ships.client()
    client.get("/")
    first = len(asked)
    client.get("/")
    assert len(asked) == first
    ships.world.clock.advance(timedelta(seconds=61))
    client.get("/")
    assert len(asked) == 2 * first
