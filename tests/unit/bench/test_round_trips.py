"""A tenant costs as few round trips as the rules of the service allow."""

from __future__ import annotations

from functools import cache

import pytest
from bench.round_trips import Trips, count

from holofleet.resources import DeviceGroup, Group, Registration, User


@cache
def counted(headsets: int) -> Trips:
    return count(headsets)


def test_the_fleet_that_is_counted_has_accounts_registrations_and_groups_by_member() -> None:
    from bench.round_trips import LINES, state

    made = state(40)
    assert len(made.of_kind(User)) == len(made.of_kind(Registration)) == 40
    groups = made.of_kind(DeviceGroup).values()
    assert len(groups) == LINES
    assert not any(group.rule for group in groups)
    assert all(group.licenses for group in made.of_kind(Group).values())


def test_an_empty_plan_for_a_thousand_headsets_takes_at_most_fifteen_round_trips() -> None:
    assert counted(1_000).empty <= 15


@pytest.mark.parametrize("headsets", [100, 1_000])
def test_a_first_apply_takes_no_more_round_trips_than_the_bound(headsets: int) -> None:
    trips = counted(headsets)
    assert trips.first <= trips.bound
    assert trips.empty <= trips.bound_reading


def test_the_bound_is_that_of_the_rules() -> None:
    trips = Trips(headsets=1_000, policies=25, first=0, polls=0, empty=0, change=0, seconds=0.0)
    assert trips.bound == 5 + 4 + 50 + 3 + 1 + 5 + 4


def test_one_setting_for_everybody_costs_a_plan_and_a_few_round_trips_however_many_headsets_there_are() -> None:
    extra = [counted(headsets).change - counted(headsets).empty for headsets in (100, 1_000)]
    assert extra[0] == extra[1] <= 3
