"""Whole fleets end as they should, whatever happens on the way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.properties.targets.graph.whole_fleets import FLEETS, OWNING, Kill, World, applied, fleet

from holofleet.emulator import FaultPlan
from holofleet.errors import HolofleetError
from holofleet.samples import SAMPLES

NEVER = Kill(1_000_000)


@cache
def undisturbed(name: str) -> dict[str, Any]:
    """Return what a tenant amounts to after an undisturbed run."""
    return applied(name).settled()


def every_kill(name: str) -> Iterator[Kill]:
    """Yield every way to kill a run: before each request, after each that writes, and amid each such batch."""
    emulator = applied(name).emulator
    written = Counter(one.trip for one in emulator.exchanges if one.method != "GET")
    for trip in range(emulator.trips):
        yield Kill(trip)
        if written[trip + 1]:
            yield Kill(trip, 1.0)
        if written[trip + 1] > 1:
            yield Kill(trip, 0.5)


@pytest.mark.parametrize("name", FLEETS)
def test_a_fleet_is_applied_from_nothing_and_the_plan_of_a_new_process_is_empty(name: str) -> None:
    world = applied(name)
    assert world.emulator.quotas is not None
    assert world.emulator.quotas.refused == 0
    assert world.differences() == []
    assert not world.twins()
    assert world.tenant.lock_outs == 0
    assert world.tenant.deletions_without_ref == []
    assert world.tenant.leaked_tokens == 0


@pytest.mark.parametrize("name", FLEETS)
def test_a_second_run_writes_nothing(name: str) -> None:
    world = applied(name)
    before, changes = world.settled(), len(world.tenant.changes)
    world.apply()
    assert len(world.tenant.changes) == changes
    assert world.settled() == before


@pytest.mark.parametrize("name", [*SAMPLES, OWNING])
def test_a_process_that_is_killed_at_any_request_is_completed_by_the_next(name: str) -> None:
    for kill in every_kill(name):
        world = World(fleet(name))
        assert world.dies(kill), kill
        world.apply()
        assert world.differences() == [], kill
        assert not world.twins(), kill
        assert world.settled() == undisturbed(name), kill


@settings(max_examples=50, deadline=None)
@given(
    name=st.sampled_from(FLEETS),
    seed=st.integers(0, 10_000),
    rate=st.sampled_from([0.02, 0.1, 0.25]),
    kills=st.lists(st.builds(Kill, st.integers(0, 60), st.sampled_from([0.0, 0.3, 0.7, 1.0])), max_size=3),
)
def test_a_storm_of_refusals_silence_and_kills_ends_in_the_same_state(
    name: str, seed: int, rate: float, kills: list[Kill]
) -> None:
    world = World(fleet(name), faults=FaultPlan(seed=seed, rate=rate))
    for kill in kills:
        _tried(world, kill)
    for _ in range(6):
        if _tried(world):
            break
    world.emulator.faults = None
    world.apply()
    assert world.differences() == []
    assert not world.twins()
    assert world.settled() == undisturbed(name)


def _tried(world: World, kill: Kill | None = None) -> bool:
    """Apply; return whether it came to its end. An error that is one of ours may end it, no other."""
    try:
        return not world.dies(kill or NEVER)
    except HolofleetError:
        return False
