"""What waits for experts is counted on both databases: what was left for them, and what they may still read."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.contract.test_calls import ADELE, LEE, MEGAN, World
from tests.served_assist import fleet

from holofleet.server.assist.left import Draft
from holofleet.server.assist.left.waiting import JUDGE_EVERY
from holofleet.storage.database import Database


@pytest.fixture
def world(database: Database) -> World:
    return World(database)


def leave(world: World, serial: str, number: int, **said: str) -> str:
    draft = Draft(f"0000000000000000-{serial}-{number}", phrases=("call-back",), **said)
    return world.rooms.left.leave(serial, draft).id


def test_messages_are_counted_for_whom_they_wait_until_somebody_sees_to_them(world: World) -> None:
    megan, adele, lee = (world.expert(upn, there=False) for upn in (MEGAN, ADELE, LEE))
    people = [megan.key, adele.key, lee.key]
    counts = world.rooms.waiting.counts
    assert counts(people) == {megan.key: 0, adele.key: 0, lee.key: 0}
    leave(world, "100", 1, to=megan.key)
    both = leave(world, "101", 1, rota="pumps")
    assert counts(people) == {megan.key: 2, adele.key: 1, lee.key: 0}
    world.rooms.left.take(adele, both)
    assert counts(people) == {megan.key: 1, adele.key: 0, lee.key: 0}
    assert counts([lee.key]) == {lee.key: 0}
    world.clock.advance(timedelta(days=400))
    assert counts(people) == {megan.key: 0, adele.key: 0, lee.key: 0}


def test_AST_1_what_a_later_rule_shuts_is_counted_no_more(world: World) -> None:
    megan = world.expert(MEGAN, there=False)
    leave(world, "100", 1, to=megan.key)
    leave(world, "101", 1, to=megan.key)
    assert world.rooms.waiting.counts([megan.key]) == {megan.key: 2}
    world.publish(
        text=fleet().replace('headsets: ["100", "101"]', 'headsets: ["100"]').replace(', {serial: "101"}', "")
    )
    world.clock.advance(JUDGE_EVERY)
    assert world.rooms.waiting.counts([megan.key]) == {megan.key: 1}
