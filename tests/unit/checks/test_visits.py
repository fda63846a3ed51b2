"""How long after the month's updates a visit comes: the least over all months, as the server's calendar has it."""

from __future__ import annotations

from datetime import date

import pytest
from tests.unit.checks.fleets import TODAY, checked, fleet, standing

from holofleet.checks import Word, visits
from holofleet.checks.case import Case
from holofleet.checks.directory import Directory
from holofleet.resources import Reconnect
from holofleet.server.fleet.lateness import PATCH_TUESDAY, window_day

WEEKS = ("first", "second", "third", "fourth")
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
YEARS = range(2020, 2050)


def case(words: str) -> Case:
    """Return the first deployment of a fleet with a schedule."""
    spec = fleet(f"reconnect: {{{words}}}")
    return Case(spec, spec.deployments()[0], TODAY, "server", {}, (), Directory(spec))


def least(ordinal: int, weekday: int, *, after: bool) -> int:
    """Count it out over thirty years."""
    rule = Reconnect(rule="monthly", ordinal=ordinal, weekday=weekday, after_patch_tuesday=after)
    tuesday = Reconnect(
        rule="monthly", ordinal=PATCH_TUESDAY[0], weekday=PATCH_TUESDAY[1], after_patch_tuesday=False
    )
    months = [(year, month) for year in YEARS for month in range(1, 13)]
    updates = sorted([window_day(tuesday, *month) for month in months] + [date(2019, 12, 10)])
    return min(
        (visit - max(u for u in updates if u <= visit)).days for visit in (window_day(rule, *m) for m in months)
    )


@pytest.mark.parametrize("day", DAYS)
def test_the_first_such_day_after_the_updates_is_counted_from_them(day: str) -> None:
    found = visits.days_after_updates(case(f"rule: monthly, day: {day}, after_patch_tuesday: true"))
    assert found == least(2, DAYS.index(day), after=True)


@pytest.mark.parametrize("week", WEEKS)
@pytest.mark.parametrize("day", DAYS)
def test_another_day_is_counted_from_the_newest_updates_before_it(week: str, day: str) -> None:
    words = f"rule: monthly, week: {week}, day: {day}, after_patch_tuesday: false"
    assert visits.days_after_updates(case(words)) == least(WEEKS.index(week) + 1, DAYS.index(day), after=False)


def test_a_visit_without_a_day_is_on_the_second_wednesday() -> None:
    assert visits.days_after_updates(case("rule: monthly")) == visits.days_after_updates(
        case("rule: monthly, week: second, day: wednesday")
    )


def test_a_visit_by_interval_lies_anywhere() -> None:
    assert visits.days_after_updates(case("rule: interval, every: 30d")) is None


def test_a_deployment_without_a_schedule_has_no_visit_to_judge() -> None:
    ship = "sites: [{name: ship, connectivity: near-offline, connected_in_use: true}]"
    report = checked(fleet("site: ship", more=ship))
    for rule in ("OFF-18", "OFF-42"):
        assert standing(report, rule).word is Word.NOT_APPLICABLE
        assert "OFF-17" in standing(report, rule).why
