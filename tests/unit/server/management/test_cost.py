"""What a check-in costs the database, counted in statements that SQLite really ran."""

from __future__ import annotations

from typing import Any

from sqlalchemy import event
from tests.management_world import SERIAL, World, fleet_of, many
from tests.scripted_headset import ScriptedHeadset

from holofleet.server.authorization import LOCAL_ADMIN
from holofleet.server.management.service import digest_of


def traced(world: World) -> list[str]:
    """Return a list that grows by each statement that runs from now on."""
    ran: list[str] = []

    def trace(connection: Any, _record: object, _proxy: object) -> None:
        connection.set_trace_callback(ran.append)

    for engine in (world.database.engine, world.database.reader):
        event.listen(engine, "checkout", trace)
    return ran


def kinds(ran: list[str]) -> list[str]:
    return [statement.split()[0] for statement in ran]


def test_an_idle_check_in_is_one_read_and_no_write(world: World) -> None:
    world.publish(fleet_of(many(60)))
    headset = ScriptedHeadset("device-1")
    world.enroll(headset)
    world.check_in(headset)
    ran = traced(world)
    assert world.check_in(headset) == 1
    assert kinds(ran) == ["SELECT"]


def test_a_check_in_with_something_due_is_one_transaction_for_each_message(world: World) -> None:
    world.publish(fleet_of(many(60)))
    headset = ScriptedHeadset("device-1")
    world.enroll(headset)
    ran = traced(world)
    assert world.check_in(headset) == 3
    assert kinds(ran).count("COMMIT") == 3
    assert sum(statement.startswith("UPDATE enrollment") for statement in ran) == 3


def test_an_open_order_costs_one_more_read_for_each_message(world: World) -> None:
    world.publish(fleet_of())
    headset = ScriptedHeadset("device-1")
    world.enroll(headset)
    world.check_in(headset)
    world.orders.create(LOCAL_ADMIN, SERIAL, "reboot", "")
    ran = traced(world)
    world.check_in(headset)
    assert sum("FROM order_" in statement for statement in ran) == 2


def test_a_session_that_is_over_leaves_little_for_each_later_check_in_to_read(world: World) -> None:
    world.publish(fleet_of(many(60)))
    headset = ScriptedHeadset("device-1")
    enrollment = world.enroll(headset)
    world.check_in(headset)
    (row,) = world.store.rows([digest_of(world.certificate(headset))]).values()
    assert row.id == enrollment
    assert len(row.cursor) < 400
