"""The word "compliant" in odd cases: what was not read, not sent, or not believed must not look as if it were."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.management_world import CAMERA, LOCK, SERIAL, USB, WLAN, World, fleet_of, many, number
from tests.scripted_headset import URL, ScriptedHeadset

from holofleet.protocols.syncml import Alert, Header, Item, Message, Replace, Results, parse, render
from holofleet.resources import Format, Setting
from holofleet.server.authorization import LOCAL_ADMIN
from holofleet.server.compliance import Compliance, SettingStatus
from holofleet.server.management import inventory
from holofleet.server.orders import OrderStatus

REBOOT = "./Device/Vendor/MSFT/Reboot/RebootNow"
USER = "./User/Vendor/MSFT/Policy/Config/Experience/AllowTailoredExperiencesWithDiagnosticData"


def without_results(world: World, headset: ScriptedHeadset, body: bytes) -> bytes:
    message = parse(body)
    kept = tuple(part for part in message.commands if not isinstance(part, Results))
    return world.post(headset, render(Message(message.header, kept)))


@pytest.fixture
def headset(world: World) -> ScriptedHeadset:
    """A headset that is compliant."""
    world.publish(fleet_of())
    headset = ScriptedHeadset("device-1")
    world.enroll(headset)
    world.check_in(headset)
    assert world.word() is Compliance.COMPLIANT
    return headset


def test_a_read_back_that_brings_no_values_confirms_nothing(world: World, headset: ScriptedHeadset) -> None:
    world.clock.advance(timedelta(hours=30))
    headset.check_in(lambda body: without_results(world, headset, body))
    assert world.word() is Compliance.PENDING
    world.check_in(headset)
    assert world.word() is Compliance.COMPLIANT


@pytest.mark.parametrize("code", [425, 500])
def test_a_node_that_cannot_be_read_now_is_not_confirmed(
    world: World, headset: ScriptedHeadset, code: int
) -> None:
    headset.refuses[("Get", USB)] = code
    world.clock.advance(timedelta(hours=30))
    world.check_in(headset)
    assert world.word() is Compliance.PENDING
    headset.refuses.clear()
    headset.nodes[USB] = "1"
    world.clock.advance(timedelta(hours=2))
    world.check_in(headset)
    assert "drifted" in world.events()
    assert world.word() is Compliance.COMPLIANT


def test_a_setting_that_gets_another_chance_is_not_compliant_before_it_is_confirmed(world: World) -> None:
    world.publish(fleet_of())
    headset = ScriptedHeadset("device-1", refuses={CAMERA: 405})
    world.enroll(headset)
    world.check_in(headset)
    headset.refuses.clear()
    headset.nodes["./DevDetail/SwV"] = "10.0.22621.1399"
    world.clock.advance(timedelta(hours=30))
    answers = 0

    def lost(body: bytes) -> bytes | None:
        nonlocal answers
        answers += 1
        reply = world.post(headset, body)
        return None if answers == 2 else reply  # the one that carries the write

    headset.check_in(lost)
    assert world.word() is Compliance.PENDING
    world.check_in(headset)
    assert world.word() is Compliance.COMPLIANT


def test_a_setting_that_is_not_for_this_headset_is_not_sent_again_every_day(world: World) -> None:
    world.publish(fleet_of())
    headset = ScriptedHeadset("device-1", refuses={CAMERA: 405})
    world.enroll(headset)
    world.check_in(headset)
    world.clock.advance(timedelta(hours=30))
    replaced: list[str] = []

    def post(body: bytes) -> bytes:
        answer = world.post(headset, body)
        replaced.extend(part.items[0].target for part in parse(answer).commands if isinstance(part, Replace))
        return answer

    headset.check_in(post)
    assert replaced == []
    assert world.word() is Compliance.COMPLIANT


def test_a_headset_that_refuses_a_node_and_shows_another_value_is_not_compliant(world: World) -> None:
    world.publish(fleet_of())
    headset = ScriptedHeadset("device-1", nodes={USB: "1"}, refuses={USB: 405})
    world.enroll(headset)
    world.check_in(headset)
    assert world.word() is Compliance.REFUSED


def test_drift_that_the_headset_does_not_let_us_mend_is_not_compliant(
    world: World, headset: ScriptedHeadset
) -> None:
    headset.nodes[USB] = "1"
    headset.refuses[USB] = 405
    world.clock.advance(timedelta(hours=30))
    world.check_in(headset)
    assert world.word() is not Compliance.COMPLIANT


def test_a_changed_variable_makes_a_headset_pending_until_it_has_it(world: World) -> None:
    world.publish(fleet_of(many(4)))
    headset = ScriptedHeadset("device-1")
    world.enroll(headset)
    world.check_in(headset)
    assert world.word() is Compliance.COMPLIANT
    world.publish(fleet_of(many(4), account="hl-202@contoso.com"))
    assert world.word() is Compliance.PENDING
    world.check_in(headset)
    assert world.word() is Compliance.COMPLIANT


def test_a_changed_variable_that_no_setting_uses_leaves_a_headset_compliant(
    world: World, headset: ScriptedHeadset
) -> None:
    world.publish(fleet_of(account="hl-202@contoso.com"))
    world.check_in(headset)
    assert world.word() is Compliance.COMPLIANT


def test_a_rotated_secret_reaches_a_node_that_cannot_be_read_back(world: World) -> None:
    world.publish(fleet_of(many(4)))
    headset = ScriptedHeadset("device-1", refuses={("Get", WLAN): 405})
    world.enroll(headset)
    world.check_in(headset)
    assert world.word() is Compliance.COMPLIANT
    headset.writes.clear()
    world.secrets.values["env:HOLOFLEET_SECRET_WIFI"] = "rotated"
    world.check_in(headset)
    world.check_in(headset)
    assert headset.writes == [(WLAN, "<psk>rotated</psk>")]
    assert world.word() is Compliance.COMPLIANT


def test_a_user_setting_is_not_read_back_while_nobody_is_signed_in(world: World) -> None:
    world.publish(fleet_of((number(CAMERA, 1), number(USER, 0))))
    headset = ScriptedHeadset("device-1", user="user")
    world.enroll(headset)
    headset.check_in(lambda body: without_results(world, headset, body))
    headset.user = "none"
    headset.refuses[("Get", USER)] = 404
    for _ in range(4):
        world.check_in(headset)
        world.clock.advance(timedelta(hours=3))
    user = next(s for s in world.detail().settings if s.oma_uri == USER)
    assert user.status is SettingStatus.PENDING
    headset.refuses.clear()
    headset.user = "user"
    world.check_in(headset)
    assert world.word() is Compliance.COMPLIANT


def test_a_headset_that_refuses_both_verbs_in_turn_has_refused(world: World) -> None:
    world.publish(fleet_of())
    headset = ScriptedHeadset("device-1", refuses={("Add", USB): 418, ("Replace", USB): 404})
    world.enroll(headset)
    for _ in range(6):
        world.check_in(headset)
        world.clock.advance(timedelta(hours=1))
    assert world.word() is Compliance.REFUSED


def test_a_publication_in_the_middle_of_a_read_back_does_not_end_it_unread(world: World) -> None:
    settings = tuple(number(f"{USB}{index:03}", 1) for index in range(300))
    world.publish(fleet_of(settings))
    headset = ScriptedHeadset("device-1")
    world.enroll(headset)
    world.check_in(headset)
    headset.nodes[f"{USB}299"] = "0"
    order = world.orders.create(LOCAL_ADMIN, SERIAL, "sync")
    messages = 0

    def post(body: bytes) -> bytes:
        nonlocal messages
        messages += 1
        if messages == 2:
            world.publish(fleet_of((*settings, number(CAMERA, 1))))
        return world.post(headset, body)

    headset.check_in(post)
    assert world.store.open_orders(order.enrollment).orders == ()
    assert "drifted" in world.events()


def test_a_clock_that_was_ahead_for_a_while_delays_nothing(world: World, headset: ScriptedHeadset) -> None:
    headset.refuses[USB] = 500
    world.clock.advance(timedelta(days=300))
    headset.nodes[USB] = "1"
    world.check_in(headset)
    assert world.word() is Compliance.DRIFTED
    headset.refuses.clear()
    world.clock.advance(-timedelta(days=299))
    world.check_in(headset)
    assert headset.nodes[USB] == "0"
    headset.nodes[USB] = "1"
    world.clock.advance(timedelta(days=2))
    world.check_in(headset)
    assert headset.nodes[USB] == "0"


def test_a_session_without_end_of_message_comes_to_an_end(world: World, headset: ScriptedHeadset) -> None:
    first = headset.first_message()
    session = first.header.session_id
    world.clock.advance(timedelta(hours=30))
    world.post(headset, render(Message(first.header, first.commands, final=False)))
    for number_ in range(2, 60):
        message = Message(Header(session, number_, URL, "device-1"), (Alert("1", 1222),), final=False)
        answer = parse(world.post(headset, render(message)))
        if not any(isinstance(part, Alert) for part in answer.commands):
            return
    raise AssertionError("the session does not end")


def test_a_serial_that_moved_to_another_client_can_enroll_there(world: World, headset: ScriptedHeadset) -> None:
    world.orders.create(LOCAL_ADMIN, SERIAL, "wipe")
    world.check_in(headset)
    assert headset.ran
    world.publish(fleet_of(client="fabrikam", deployment="fabrikam-field"))
    again = ScriptedHeadset("device-2")
    world.enroll(again, client="fabrikam", deployment="fabrikam-field")
    world.check_in(again)
    assert world.word() is Compliance.COMPLIANT


def test_an_unenrollment_whose_notice_comes_in_the_same_session_is_done(
    world: World, headset: ScriptedHeadset
) -> None:
    order = world.orders.create(LOCAL_ADMIN, SERIAL, "unenroll")
    headset.silent_exec = True
    reply = parse(world.post(headset, render(headset.first_message())))
    following = headset.take(reply)
    assert following is not None
    left = Alert("9", 1226, (Item(type="com.microsoft:mdm.unenrollment.userrequest", format="int", data="1"),))
    world.post(headset, render(Message(following.header, (*following.commands, left))))
    listed = {o.id: o.status for o in world.detail().orders}
    assert listed[order.id] is OrderStatus.DONE


def test_an_order_of_an_older_epoch_does_not_leave_with_a_stored_answer(
    world: World, headset: ScriptedHeadset
) -> None:
    world.orders.create(LOCAL_ADMIN, SERIAL, "wipe")
    body = render(headset.first_message())
    assert b"doWipe" in world.post(headset, body)
    world.epoch += 1
    status, answer = world.exchange(headset, body)
    assert status == 503
    assert b"doWipe" not in answer


def test_a_setting_too_large_for_any_message_is_said_to_be(world: World) -> None:
    world.publish(fleet_of((number(CAMERA, 1), Setting(WLAN, Format.CHR, "x" * 300_000))))
    headset = ScriptedHeadset("device-1")
    world.enroll(headset)
    world.check_in(headset)
    wlan = next(s for s in world.detail().settings if s.oma_uri == WLAN)
    assert wlan.reason


@pytest.mark.parametrize("text", ["true", "1", " True "])
def test_a_tenant_lock_counts_as_on_however_true_is_written(world: World, text: str) -> None:
    world.publish(fleet_of((number(CAMERA, 1),)))
    headset = ScriptedHeadset("device-1")
    world.enroll(headset)
    world.check_in(headset)
    world.publish(fleet_of((number(CAMERA, 1), Setting(LOCK, Format.BOOL, text))))

    headset.check_in(lambda body: without_results(world, headset, body))
    world.orders.create(LOCAL_ADMIN, SERIAL, "wipe")
    assert b"doWipe" not in world.post(headset, render(headset.first_message()))


def test_a_lock_of_the_enrollment_before_still_counts(world: World) -> None:
    world.publish(fleet_of((Setting(LOCK, Format.BOOL, "true"), number(CAMERA, 1))))
    former = ScriptedHeadset("device-1")
    world.enroll(former)
    world.check_in(former)
    world.decisions.mark_lost(LOCAL_ADMIN, SERIAL)
    world.orders.create(LOCAL_ADMIN, SERIAL, "wipe")
    world.check_in(former)
    world.publish(fleet_of((number(CAMERA, 1),)))
    again = ScriptedHeadset("device-2", nodes={LOCK: "true"})
    world.enroll(again)
    world.check_in(again)
    assert world.word() is Compliance.COMPLIANT
    world.orders.create(LOCAL_ADMIN, SERIAL, "wipe")
    world.check_in(again)
    assert again.nodes[LOCK] == "false"
    assert again.ran


def test_a_lock_of_the_enrollment_before_still_counts_after_a_decision(world: World) -> None:
    world.publish(fleet_of((Setting(LOCK, Format.BOOL, "true"), number(CAMERA, 1))))
    former = ScriptedHeadset("device-1")
    world.enroll(former)
    world.check_in(former)
    world.publish(fleet_of((number(CAMERA, 1),)))
    again = ScriptedHeadset("device-2", nodes={LOCK: "true"})
    enrollment = world.enroll(again)
    world.check_in(again)
    world.decisions.decide(LOCAL_ADMIN, enrollment, adopt=True)
    world.orders.create(LOCAL_ADMIN, SERIAL, "wipe")
    world.check_in(again)
    assert again.nodes[LOCK] == "false"
    assert again.ran


@pytest.mark.parametrize(("code", "word"), [(500, Compliance.COMPLIANT), (404, Compliance.EXPECTED)])
def test_a_serial_that_cannot_be_read_for_now_is_asked_for_again(
    world: World, code: int, word: Compliance
) -> None:
    world.publish(fleet_of())
    headset = ScriptedHeadset("device-1", refuses={("Get", inventory.SERIAL): code})
    world.enroll(headset)
    world.check_in(headset)
    headset.refuses.clear()
    world.check_in(headset)
    assert world.word() is word


@pytest.mark.parametrize("code", [216, 507, 516])
def test_an_exec_that_may_have_run_does_not_leave_again(world: World, headset: ScriptedHeadset, code: int) -> None:
    order = world.orders.create(LOCAL_ADMIN, SERIAL, "reboot")
    headset.refuses[REBOOT] = code
    world.check_in(headset)
    headset.refuses.clear()
    world.check_in(headset)
    assert headset.ran == []
    listed = {o.id: o.status for o in world.detail().orders}
    assert listed[order.id] is OrderStatus.OUTCOME_UNKNOWN
