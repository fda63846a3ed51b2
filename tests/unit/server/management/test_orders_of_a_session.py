from __future__ import annotations

from datetime import timedelta

import pytest
from tests.management_world import CAMERA, LOCK, SERIAL, World, fleet_of, number
from tests.scripted_headset import ScriptedHeadset

from holofleet.errors import RefusedError
from holofleet.protocols.syncml import Alert, Item, parse, render
from holofleet.resources import Format, Setting
from holofleet.server.authorization import LOCAL_ADMIN, Scope
from holofleet.server.compliance import Compliance
from holofleet.server.orders import OrderKind, OrderStatus

WIPE = "./Device/Vendor/MSFT/RemoteWipe/doWipe"
REBOOT = "./Device/Vendor/MSFT/Reboot/RebootNow"
UNENROLL = "./Device/Vendor/MSFT/DMClient/Provider/holofleet/Unenroll"
LEFT = Alert("5", 1226, (Item(type="com.microsoft:mdm.unenrollment.userrequest", format="int", data="1"),))


@pytest.fixture
def headset(world: World) -> ScriptedHeadset:
    world.publish(fleet_of())
    headset = ScriptedHeadset("device-1")
    world.enroll(headset)
    world.check_in(headset)
    return headset


def order(world: World, kind: str) -> str:
    return world.orders.create(LOCAL_ADMIN, SERIAL, kind, "because").id


def status(world: World) -> OrderStatus:
    return world.detail().orders[0].status


def test_a_reboot_runs_once(world: World, headset: ScriptedHeadset) -> None:
    order(world, "reboot")
    world.check_in(headset)
    world.check_in(headset)
    assert headset.ran == [REBOOT]
    assert status(world) is OrderStatus.DONE


def test_a_sync_reads_everything_back(world: World, headset: ScriptedHeadset) -> None:
    headset.nodes[CAMERA] = "0"
    order(world, "sync")
    world.check_in(headset)
    assert headset.nodes[CAMERA] == "1"
    assert status(world) is OrderStatus.DONE


def test_an_order_given_twice_is_one_order(world: World, headset: ScriptedHeadset) -> None:
    assert order(world, "reboot") == order(world, "reboot")
    world.check_in(headset)
    assert headset.ran == [REBOOT]


def test_a_wipe_is_accepted_and_nothing_more_is_sent(world: World, headset: ScriptedHeadset) -> None:
    order(world, "wipe")
    world.check_in(headset)
    assert headset.ran == [WIPE]
    assert world.detail().orders[0].outcome == "wipe accepted"
    assert world.word() is Compliance.RETIRED
    headset.writes.clear()
    world.publish(fleet_of((number(CAMERA, 0),)))
    world.check_in(headset)
    assert headset.writes == []


def test_an_exec_without_status_has_an_unknown_outcome_and_is_not_repeated(
    world: World, headset: ScriptedHeadset
) -> None:
    headset.silent_exec = True
    order(world, "reboot")
    world.check_in(headset)
    assert status(world) is OrderStatus.OUTCOME_UNKNOWN
    world.check_in(headset)
    assert headset.ran == [REBOOT]
    assert "order-outcome-unknown" in world.events()


def test_an_order_that_nobody_answers_is_shown_as_unknown_after_an_hour(
    world: World, headset: ScriptedHeadset
) -> None:
    order(world, "wipe")
    with pytest.raises(ConnectionError):
        headset.check_in(lambda body: lose(world, headset, body))
    assert status(world) is OrderStatus.SENT
    assert world.fleet.overview(Scope.every()).unknown_orders == ()
    world.clock.advance(timedelta(hours=1, minutes=1))
    (shown,) = world.fleet.overview(Scope.every()).unknown_orders
    assert (shown.kind, shown.status) == (OrderKind.WIPE, OrderStatus.SENT)


def lose(world: World, headset: ScriptedHeadset, body: bytes) -> bytes:
    """Deliver a message, and lose the answer."""
    world.post(headset, body)
    raise ConnectionError


def test_an_exec_that_the_headset_says_it_did_not_run_leaves_again(world: World, headset: ScriptedHeadset) -> None:
    headset.refuses[("Exec", REBOOT)] = 215
    order(world, "reboot")
    world.check_in(headset)
    assert status(world) is OrderStatus.QUEUED
    headset.refuses.clear()
    world.check_in(headset)
    assert headset.ran == [REBOOT]


def test_a_refused_order_has_failed(world: World, headset: ScriptedHeadset) -> None:
    headset.refuses[("Exec", REBOOT)] = 405
    order(world, "reboot")
    world.check_in(headset)
    assert status(world) is OrderStatus.FAILED


def test_an_order_of_thirty_days_ago_is_not_sent(world: World, headset: ScriptedHeadset) -> None:
    order(world, "reboot")
    world.clock.advance(timedelta(days=31))
    world.check_in(headset)
    assert headset.ran == []
    assert status(world) is OrderStatus.EXPIRED


def test_a_cancelled_order_is_not_sent_and_a_sent_one_cannot_be_cancelled(
    world: World, headset: ScriptedHeadset
) -> None:
    world.orders.cancel(LOCAL_ADMIN, order(world, "reboot"))
    world.check_in(headset)
    assert headset.ran == []
    second = order(world, "reboot")
    world.check_in(headset)
    with pytest.raises(RefusedError):
        world.orders.cancel(LOCAL_ADMIN, second)


def test_frozen_orders_wait(world: World, headset: ScriptedHeadset) -> None:
    order(world, "reboot")
    world.orders.freeze(LOCAL_ADMIN, frozen=True)
    world.check_in(headset)
    assert headset.ran == []
    world.orders.freeze(LOCAL_ADMIN, frozen=False)
    world.check_in(headset)
    assert headset.ran == [REBOOT]


def test_a_freeze_also_stops_an_order_in_a_stored_answer(world: World, headset: ScriptedHeadset) -> None:
    order(world, "reboot")
    first = render(headset.first_message())
    assert b"RebootNow" in world.post(headset, first)
    world.orders.freeze(LOCAL_ADMIN, frozen=True)
    assert world.exchange(headset, first)[0] == 503


@pytest.mark.parametrize("kind", ["wipe", "unenroll"])
def test_the_tenant_lock_is_confirmed_off_before_a_headset_goes(world: World, kind: str) -> None:
    world.publish(fleet_of((Setting(LOCK, Format.BOOL, "true"), number(CAMERA, 1))))
    headset = ScriptedHeadset("device-1")
    world.enroll(headset)
    world.check_in(headset)
    assert headset.nodes[LOCK] == "true"
    order(world, kind)
    world.check_in(headset)
    assert headset.nodes[LOCK] == "false"
    assert len(headset.ran) == 1
    assert headset.writes[-1] == (LOCK, "false")


def test_a_headset_that_does_not_give_up_its_tenant_lock_is_not_wiped(world: World) -> None:
    world.publish(fleet_of((Setting(LOCK, Format.BOOL, "true"),)))
    headset = ScriptedHeadset("device-1")
    world.enroll(headset)
    world.check_in(headset)
    headset.refuses[LOCK] = 500
    order(world, "wipe")
    for _ in range(3):
        world.check_in(headset)
    assert headset.ran == []
    headset.refuses.clear()
    world.check_in(headset)
    assert headset.ran == [WIPE]


def test_a_tenant_lock_that_may_have_arrived_counts_as_on(world: World) -> None:
    world.publish(fleet_of((Setting(LOCK, Format.BOOL, "true"),)))
    headset = ScriptedHeadset("device-1")
    world.enroll(headset)
    second = headset.take(parse(world.post(headset, render(headset.first_message()))))
    assert second is not None
    headset.take(parse(world.post(headset, render(second))))  # what it says of it never arrives
    assert headset.nodes[LOCK] == "true"
    assert world.detail().tenant_lock == "locked"
    order(world, "wipe")
    world.check_in(headset)
    assert headset.nodes[LOCK] == "false"
    assert headset.ran == [WIPE]


def test_a_cancelled_wipe_brings_the_tenant_lock_back(world: World) -> None:
    world.publish(fleet_of((Setting(LOCK, Format.BOOL, "true"),)))
    headset = ScriptedHeadset("device-1")
    world.enroll(headset)
    world.check_in(headset)
    headset.refuses[("Exec", WIPE)] = 405
    order(world, "wipe")
    world.check_in(headset)
    assert headset.nodes[LOCK] == "false"
    world.check_in(headset)
    assert headset.nodes[LOCK] == "true"


def test_retiring_a_locked_headset_unlocks_it_first(world: World) -> None:
    world.publish(fleet_of((Setting(LOCK, Format.BOOL, "true"),)))
    headset = ScriptedHeadset("device-1")
    world.enroll(headset)
    world.check_in(headset)
    assert world.decisions.retire(LOCAL_ADMIN, SERIAL).order is not None
    world.check_in(headset)
    assert headset.nodes[LOCK] == "false"
    assert world.word() is Compliance.RETIRED


def test_an_unenrollment_is_done_when_the_headset_says_it_left(world: World, headset: ScriptedHeadset) -> None:
    order(world, "unenroll")
    assert headset.check_in(lambda body: world.post(headset, body) if not headset.ran else None, limit=2)
    assert headset.ran == [UNENROLL]
    headset.extra_alerts = (LEFT,)
    world.check_in(headset)
    assert status(world) is OrderStatus.DONE
    assert world.word() is Compliance.RETIRED
    assert "left" in world.events()


def test_a_headset_that_left_may_repeat_its_last_message_and_nothing_else(
    world: World, headset: ScriptedHeadset
) -> None:
    headset.extra_alerts = (LEFT,)
    last = render(headset.first_message())
    answer = world.post(headset, last)
    assert world.post(headset, last) == answer
    headset.extra_alerts = ()
    assert world.exchange(headset, render(headset.first_message()))[0] == 403
    world.clock.advance(timedelta(hours=1))
    assert world.exchange(headset, last)[0] == 403
