from __future__ import annotations

from datetime import timedelta

from tests.management_world import CAMERA, USB, World, fleet_of, many, number
from tests.scripted_headset import URL, ScriptedHeadset

from holofleet.protocols.syncml import Alert, Get, Header, Item, Message, Results, Status, parse, render
from holofleet.server.compliance import Compliance


def test_a_repeated_message_gets_the_same_bytes_and_is_done_once(world: World) -> None:
    world.publish(fleet_of(many(10)))
    headset = ScriptedHeadset("device-1")
    world.enroll(headset)

    def twice(body: bytes) -> bytes:
        first = world.post(headset, body)
        world.new_process()
        assert world.post(headset, body) == first
        return first

    headset.check_in(twice)
    assert headset.broken_rules == []
    assert world.word() is Compliance.COMPLIANT
    assert world.events().count("recognized") == 1


def test_any_process_continues_any_session(world: World) -> None:
    world.publish(fleet_of(many(60)))
    headset = ScriptedHeadset("device-1")
    world.enroll(headset)

    def post(body: bytes) -> bytes:
        world.new_process()
        return world.post(headset, body)

    assert headset.check_in(post) == 3
    assert world.word() is Compliance.COMPLIANT


def test_an_older_message_played_again_stores_nothing_and_runs_nothing(world: World) -> None:
    world.publish(fleet_of(many(10)))
    headset = ScriptedHeadset("device-1")
    world.enroll(headset)
    bodies: list[bytes] = []
    headset.check_in(lambda body: bodies.append(body) or world.post(headset, body))  # type: ignore[func-returns-value]
    before = _row(world, headset)
    for old in bodies[:-1]:
        answer = parse(world.post(headset, old))
        assert all(isinstance(command, Status) for command in answer.commands)
    assert _row(world, headset) == before


def test_the_first_message_of_an_older_session_is_known_as_old(world: World) -> None:
    world.publish(fleet_of())
    headset = ScriptedHeadset("device-1")
    world.enroll(headset)
    bodies: list[bytes] = []
    headset.check_in(lambda body: bodies.append(body) or world.post(headset, body))  # type: ignore[func-returns-value]
    headset.nodes[CAMERA] = "0"
    world.clock.advance(timedelta(hours=25))
    world.check_in(headset)
    before = _row(world, headset)
    world.clock.advance(timedelta(hours=25))
    world.post(headset, bodies[0])
    assert _row(world, headset) == before


def test_a_session_that_starts_again_after_a_lost_one_goes_on_where_it_was(world: World) -> None:
    world.publish(fleet_of(many(20)))
    headset = ScriptedHeadset("device-1")
    world.enroll(headset)
    world.post(headset, render(headset.first_message()))  # the answer is lost, and with it the session
    assert world.check_in(headset) == 3
    assert world.word() is Compliance.COMPLIANT


def test_a_message_of_no_session_is_closed(world: World) -> None:
    world.publish(fleet_of())
    headset = ScriptedHeadset("device-1")
    world.enroll(headset)
    stray = Message(Header("9", 7, URL, "device-1"), (Status("1", 6, "0", "SyncHdr", 200), Alert("2", 1201)))
    answer = parse(world.post(headset, render(stray)))
    codes = [status.code for status in answer.statuses]
    assert codes == [200, 215]


def test_a_message_without_final_is_asked_to_go_on(world: World) -> None:
    world.publish(fleet_of())
    headset = ScriptedHeadset("device-1")
    world.enroll(headset)
    first = headset.first_message()
    answer = parse(world.post(headset, render(Message(first.header, first.commands, final=False))))
    assert [alert.code for alert in answer.alerts] == [1222]
    rest = Message(Header("1", 2, URL, "device-1"), (Status("1", 1, "0", "SyncHdr", 200),))
    assert any(isinstance(command, Get) for command in parse(world.post(headset, render(rest))).commands)


def test_answers_that_arrive_in_two_messages_count_both(world: World) -> None:
    world.publish(fleet_of())
    headset = ScriptedHeadset("device-1")
    world.enroll(headset)
    whole = headset.take(parse(world.post(headset, render(headset.first_message()))))
    assert whole is not None
    statuses = tuple(part for part in whole.commands if isinstance(part, Status))
    results = tuple(part for part in whole.commands if isinstance(part, Results))
    world.post(headset, render(Message(whole.header, statuses, final=False)))
    second = Message(Header("1", 3, URL, "device-1"), (Status("1", 2, "0", "SyncHdr", 200), *results))
    world.post(headset, render(second))
    assert world.word() is Compliance.COMPLIANT


def test_a_headset_that_asks_the_server_for_something_is_told_no(world: World) -> None:
    world.publish(fleet_of())
    headset = ScriptedHeadset("device-1")
    world.enroll(headset)
    first = headset.first_message()
    asking = Message(first.header, (*first.commands, Get("9", (Item("./DevInfo/Mod"),))))
    answer = parse(world.post(headset, render(asking)))
    assert answer.statuses[-1].code == 405


def test_a_node_that_says_done_but_cannot_be_read_counts_by_its_status(world: World) -> None:
    world.publish(fleet_of())
    headset = ScriptedHeadset("device-1", refuses={("Get", USB): 405})
    world.enroll(headset)
    world.check_in(headset)
    assert world.word() is Compliance.COMPLIANT
    usb = next(setting for setting in world.detail().settings if setting.oma_uri == USB)
    assert usb.reason == "accepted, cannot be read back"


def test_a_get_that_is_left_unanswered_is_asked_again_alone(world: World) -> None:
    world.publish(fleet_of())
    headset = ScriptedHeadset("device-1")
    world.enroll(headset)
    world.check_in(headset)
    world.publish(fleet_of((number(CAMERA, 0), number(USB, 1))))

    def without_results(body: bytes) -> bytes:
        message = parse(body)
        kept = tuple(part for part in message.commands if not isinstance(part, Results))
        return world.post(headset, render(Message(message.header, kept)))

    headset.check_in(without_results)
    assert world.word() is Compliance.PENDING
    world.check_in(headset)
    assert world.word() is Compliance.COMPLIANT


def _row(world: World, headset: ScriptedHeadset) -> object:
    return world.service.authenticate(world.certificate(headset))
