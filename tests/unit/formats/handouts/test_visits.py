"""Days of visits: by month, after the month's updates, by interval."""

from __future__ import annotations

from datetime import date

import pytest

from holofleet.formats.handouts.visits import Visit, day_of_month, visits
from holofleet.resources import Reconnect
from holofleet.server.fleet.lateness import window_day

END = date(2027, 12, 31)


def test_the_day_after_the_months_updates_is_not_always_the_second_wednesday() -> None:
    after = Reconnect(rule="monthly", after_patch_tuesday=True)
    plain = Reconnect(rule="monthly")
    assert day_of_month(plain, 2027, 9) == date(2027, 9, 8)
    assert day_of_month(after, 2027, 9) == date(2027, 9, 15)
    assert day_of_month(after, 2027, 8) == day_of_month(plain, 2027, 8) == date(2027, 8, 11)


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("weekday", range(7))
def test_paper_and_server_expect_headsets_on_the_same_days(weekday: int, after: bool) -> None:
    for ordinal in (1, 2, 3, 4):
        rule = Reconnect(rule="monthly", ordinal=ordinal, weekday=weekday, after_patch_tuesday=after)
        for month in range(1, 13):
            for year in (2026, 2027, 2028):
                assert day_of_month(rule, year, month) == window_day(rule, year, month)


def test_monthly_visits_lie_within_both_ends() -> None:
    rule = Reconnect(rule="monthly", after_patch_tuesday=True, window_days=2)
    found = list(visits(rule, since=date(2026, 12, 10), until=END))
    assert [found[0], found[-1]] == [
        Visit("2027-01", date(2027, 1, 13), date(2027, 1, 15)),
        Visit("2027-12", date(2027, 12, 15), date(2027, 12, 17)),
    ]
    assert len(found) == 12
    assert next(visits(rule, since=date(2026, 12, 9), until=END)).first == date(2026, 12, 9)
    assert not list(visits(rule, since=date(2027, 12, 16), until=END))


def test_visits_by_interval_count_from_the_day_on_which_the_headsets_leave() -> None:
    rule = Reconnect(rule="interval", interval_days=90)
    found = list(visits(rule, since=date(2027, 1, 1), until=END))
    assert [visit.first for visit in found] == [
        date(2027, 4, 1),
        date(2027, 6, 30),
        date(2027, 9, 28),
        date(2027, 12, 27),
    ]
    assert [visit.label for visit in found] == ["visit-1", "visit-2", "visit-3", "visit-4"]
