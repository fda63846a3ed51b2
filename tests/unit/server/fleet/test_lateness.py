from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from holofleet.resources import Deployment, Reconnect
from holofleet.server.fleet.lateness import late_before, window_day


def deployment(timezone: str = "UTC", **reconnect: object) -> Deployment:
    rule = Reconnect.model_validate(reconnect)
    return Deployment(name="d", scenarios=("near-offline",), reconnect=rule, timezone=timezone)


def test_an_interval_counts_back_from_now_with_window_and_grace() -> None:
    now = datetime(2026, 3, 31, tzinfo=UTC)
    found = late_before(deployment(interval_days=7, window_days=1, grace_days=2), now)
    assert found == now - timedelta(days=10)


@pytest.mark.parametrize(
    ("year", "month", "expected"),
    [(2026, 1, date(2026, 1, 14)), (2026, 2, date(2026, 2, 11)), (2026, 9, date(2026, 9, 9))],
)
def test_the_second_wednesday_of_a_month(year: int, month: int, expected: date) -> None:
    assert window_day(Reconnect(rule="monthly", ordinal=2, weekday=2), year, month) == expected


@pytest.mark.parametrize(
    ("weekday", "expected"),
    [(2, date(2026, 9, 9)), (1, date(2026, 9, 15)), (0, date(2026, 9, 14))],
)
def test_the_first_such_weekday_after_patch_tuesday(weekday: int, expected: date) -> None:
    rule = Reconnect(rule="monthly", weekday=weekday, after_patch_tuesday=True)
    assert window_day(rule, 2026, 9) == expected  # Patch Tuesday is 8 September 2026


def test_a_monthly_window_makes_late_only_when_it_is_over_with_its_grace() -> None:
    monthly = deployment(rule="monthly", ordinal=2, weekday=2, window_days=1, grace_days=2)
    before = datetime(2026, 2, 13, 23, 59, tzinfo=UTC)  # the window of 11 February has its grace still
    assert late_before(monthly, before) == datetime(2026, 1, 14, tzinfo=UTC)
    assert late_before(monthly, before + timedelta(minutes=1)) == datetime(2026, 2, 11, tzinfo=UTC)


def test_the_window_begins_at_midnight_of_the_deployment() -> None:
    monthly = deployment("America/New_York", rule="monthly", ordinal=2, weekday=2)
    found = late_before(monthly, datetime(2026, 2, 20, tzinfo=UTC))
    assert found == datetime(2026, 2, 11, 5, tzinfo=UTC)


def test_an_unknown_time_zone_counts_as_utc() -> None:
    assert late_before(deployment("Mars/Olympus", rule="monthly"), datetime(2026, 2, 20, tzinfo=UTC)).hour == 0
