"""Windows to reconnect, counted from a rule in the zone of the deployment."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from holofleet.resources import Deployment, Reconnect
from holofleet.server.visits import rule_in_words, window_of, windows

MONTHLY = Deployment(
    name="vessel",
    scenarios=("near-offline",),
    reconnect=Reconnect(rule="monthly", weekday=2, after_patch_tuesday=True, window_days=3),
)
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


def test_the_last_window_and_six_ahead() -> None:
    last, ahead = windows(MONTHLY, NOW)
    assert last is not None
    assert (last.first, last.last) == (date(2026, 2, 11), date(2026, 2, 13))
    assert [window.first for window in ahead[:2]] == [date(2026, 3, 11), date(2026, 4, 15)]
    assert len(ahead) == 6


def test_a_window_that_begins_today_has_begun() -> None:
    last, ahead = windows(MONTHLY, datetime(2026, 3, 11, 0, tzinfo=UTC))
    assert last is not None
    assert (last.first, ahead[0].first) == (date(2026, 3, 11), date(2026, 4, 15))


def test_today_is_the_day_where_the_headsets_are() -> None:
    tokyo = MONTHLY.model_copy(update={"timezone": "Asia/Tokyo"})
    evening = datetime(2026, 3, 10, 16, tzinfo=UTC)  # 11 March, 01:00 in Tokyo
    last, _ = windows(tokyo, evening)
    assert last is not None
    assert last.first == date(2026, 3, 11)
    assert last.begins.astimezone(UTC) == datetime(2026, 3, 10, 15, tzinfo=UTC)
    utc_last, _ = windows(MONTHLY, evening)
    assert utc_last is not None
    assert utc_last.first == date(2026, 2, 11)


def test_windows_go_on_over_the_end_of_a_year() -> None:
    last, ahead = windows(MONTHLY, datetime(2026, 1, 2, tzinfo=UTC))
    assert last is not None
    assert (last.first, ahead[0].first) == (date(2025, 12, 10), date(2026, 1, 14))


def test_an_interval_has_no_days_of_its_own() -> None:
    often = Deployment(name="line", scenarios=("cloud-connected",), reconnect=Reconnect(interval_days=14))
    assert windows(often, NOW) == (None, ())
    assert window_of(often, date(2026, 3, 11)) is None
    assert rule_in_words(often) == "at least every 14 days"
    assert rule_in_words(MONTHLY) == "the first Wednesday after the second Tuesday of each month"


def test_a_window_begins_on_its_own_day_only() -> None:
    window = window_of(MONTHLY, date(2026, 3, 11))
    assert window is not None
    assert window.ends - window.begins == timedelta(days=3)
    assert window_of(MONTHLY, date(2026, 3, 12)) is None
