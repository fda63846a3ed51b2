"""Windows to reconnect, counted from a rule and from when headsets were seen."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from tests.console_world import ConsoleWorld

from holofleet.resources import Deployment, Reconnect
from holofleet.server.authorization import Role
from holofleet.web.console.calendar import rule_in_words, windows

MONTHLY = Deployment(
    name="vessel",
    scenarios=("near-offline",),
    reconnect=Reconnect(rule="monthly", weekday=2, after_patch_tuesday=True, window_days=3),
)
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


def test_the_last_window_counts_who_came_since_it_began() -> None:
    began = datetime(2026, 2, 11, tzinfo=UTC)
    last, ahead = windows(MONTHLY, NOW, [began, began + timedelta(days=9), began - timedelta(seconds=1)])
    assert last is not None
    assert (last.first, last.last, last.came) == (date(2026, 2, 11), date(2026, 2, 13), 2)
    assert [window.first for window in ahead[:2]] == [date(2026, 3, 11), date(2026, 4, 15)]
    assert len(ahead) == 6


def test_a_window_that_begins_today_has_begun() -> None:
    last, ahead = windows(MONTHLY, datetime(2026, 3, 11, 0, tzinfo=UTC), [])
    assert last is not None
    assert (last.first, ahead[0].first) == (date(2026, 3, 11), date(2026, 4, 15))


def test_windows_go_on_over_the_end_of_a_year() -> None:
    last, ahead = windows(MONTHLY, datetime(2026, 1, 2, tzinfo=UTC), [])
    assert last is not None
    assert (last.first, ahead[0].first) == (date(2025, 12, 10), date(2026, 1, 14))


def test_an_interval_has_no_days_of_its_own() -> None:
    often = Deployment(name="line", scenarios=("cloud-connected",), reconnect=Reconnect(interval_days=14))
    assert windows(often, NOW, [NOW]) == (None, ())
    assert rule_in_words(often) == "at least every 14 days"
    assert rule_in_words(MONTHLY) == "the first Wednesday after the second Tuesday of each month"


def test_the_page_lists_deployments_by_their_next_window(fleet: ConsoleWorld, fresh: ConsoleWorld) -> None:
    text = fleet.client().get("/calendar").text
    assert "<b>6 of 6</b> came back" in text
    assert text.index("vessel") < text.index("Without days of their own") < text.index("assembly-line")
    assert "No deployments yet." in fresh.client().get("/calendar").text


def test_a_client_sees_its_own_deployments_only(fleet: ConsoleWorld) -> None:
    text = fleet.client(Role.VIEWER, clients=("northwind",)).get("/calendar").text
    assert "northwind-dock" in text
    assert "vessel" not in text
    assert "fabrikam" not in text
