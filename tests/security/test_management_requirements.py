"""SECURITY.md, management: MGT-1 to MGT-4, WIPE-1, WIPE-3, ENR-7, D2, D3, D6."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from tests.databases import fresh_sqlite
from tests.management_world import CAMERA, LOCK, SERIAL, USB, WLAN, World, fleet_of, many, number
from tests.scripted_headset import URL, ScriptedHeadset

from holofleet.errors import NotFoundError, RefusedError
from holofleet.protocols.syncml import Header, Item, Message, Results, Status, parse, render
from holofleet.resources import Format, Setting
from holofleet.server.authorization import LOCAL_ADMIN, Principal, PrincipalKind, Role, Scope
from holofleet.server.compliance import Compliance
from holofleet.server.management.service import Identity, Refusal
from holofleet.server.orders import OrderStatus

SECOND = "003421700102"
CANARY = "canary-psk-5f1d"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    database = fresh_sqlite(tmp_path / "holofleet.db")
    yield World(database)
    database.close()


def enrolled(world: World, device: str = "device-1", serial: str = SERIAL) -> ScriptedHeadset:
    headset = ScriptedHeadset(device, serial=serial)
    world.enroll(headset)
    return headset


def seen_bytes(world: World, headset: ScriptedHeadset) -> bytes:
    """Everything that the server sends to a headset in two sessions."""
    out = bytearray()

    def post(body: bytes) -> bytes:
        answer = world.post(headset, body)
        out.extend(answer)
        return answer

    headset.check_in(post)
    headset.check_in(post)
    return bytes(out)


def test_MGT_1_a_certificate_without_a_row_gets_nothing(world: World) -> None:
    world.publish(fleet_of())
    assert world.service.authenticate(b"a certificate of another authority") == Refusal(
        "no enrollment has this certificate"
    )


def test_MGT_1_the_row_counts_on_each_request_of_one_session(world: World) -> None:
    world.publish(fleet_of())
    headset = enrolled(world)
    following = headset.take(parse(world.post(headset, render(headset.first_message()))))
    assert following is not None
    world.revoked.revoke_certificate(_sha256(world, headset), at=world.clock.now(), reason="test")
    assert world.exchange(headset, render(following)) == (403, b"")


def test_MGT_1_an_expired_certificate_gets_nothing(world: World) -> None:
    world.publish(fleet_of())
    headset = enrolled(world)
    world.clock.advance(timedelta(days=730))
    assert world.exchange(headset, render(headset.first_message())) == (403, b"")


def test_MGT_1_a_certificate_that_fails_its_own_checks_gets_nothing(world: World) -> None:
    world.publish(fleet_of())
    headset = enrolled(world)

    class Strict:
        def refusal(self, der: bytes, now: object) -> str:
            return "no client certificate"

    world.service._judge = Strict()  # type: ignore[assignment]
    assert world.exchange(headset, render(headset.first_message())) == (403, b"")


def test_MGT_2_a_headset_that_names_another_device_changes_nothing(world: World) -> None:
    world.publish(fleet_of(serials=(SERIAL, SECOND)))
    one, other = enrolled(world), enrolled(world, "device-2", SECOND)
    for liar, victim in ((one, other), (other, one)):
        before = _rows(world, one, other)
        message = victim.first_message()
        assert world.exchange(liar, render(message)) == (403, b"")
        assert _rows(world, one, other) == before


def test_MGT_3_answers_to_what_was_never_sent_change_nothing(world: World) -> None:
    world.publish(fleet_of())
    headset = enrolled(world)
    world.check_in(headset)
    first = headset.first_message()
    lies = (
        Status("20", 0, "1", "Replace", 500),
        Status("21", 1, "3", "Replace", 500),
        Results("22", 1, "3", (Item(source=CAMERA, data="0"),)),
    )
    world.post(headset, render(Message(first.header, (*first.commands, *lies))))
    assert world.word() is Compliance.COMPLIANT
    assert "drifted" not in world.events()


def test_MGT_3_an_answer_counts_once_and_only_for_its_own_message(world: World) -> None:
    world.publish(fleet_of((number(CAMERA, 1),)))
    headset = enrolled(world)
    answer = parse(world.post(headset, render(headset.first_message())))
    sent = next(command for command in answer.commands if command.cmd_id and not isinstance(command, Status))
    wrong_message = Status("2", 9, sent.cmd_id, "Replace", 200)
    good = Status("3", 1, sent.cmd_id, "Replace", 405)
    doubled = Status("4", 1, sent.cmd_id, "Replace", 200)
    header = Header("1", 2, URL, "device-1")
    ours = Status("1", 1, "0", "SyncHdr", 200)
    identity = world.service.authenticate(world.certificate(headset))
    assert isinstance(identity, Identity)
    done = world.service.handle(identity, render(Message(header, (ours, wrong_message, good, doubled))))
    assert done.note == "2 answers matched nothing that was sent"
    row = world.service.authenticate(world.certificate(headset))
    assert isinstance(row, Identity)
    assert '"code":405' in row.row.overlay


def test_MGT_3_a_value_that_was_not_asked_for_is_not_believed(world: World) -> None:
    world.publish(fleet_of())
    headset = enrolled(world)
    following = headset.take(parse(world.post(headset, render(headset.first_message()))))
    assert following is not None
    again = tuple(
        Results(part.cmd_id, part.msg_ref, part.cmd_ref, (*part.items, Item(source="./DevDetail/SwV", data="lie")))
        if isinstance(part, Results)
        else part
        for part in following.commands
    )
    world.post(headset, render(Message(following.header, again)))
    assert world.detail().inventory["os_build"] == headset.os_build


def test_MGT_4_an_exec_leaves_for_one_order_once(world: World) -> None:
    world.publish(fleet_of())
    headset = enrolled(world)
    world.check_in(headset)
    world.orders.create(LOCAL_ADMIN, SERIAL, "wipe", "")
    for _ in range(4):
        world.post(headset, render(headset.first_message()))  # the answer is lost
    execs = world.events().count("order-sent")
    assert execs == 1


def test_WIPE_1_an_order_does_not_follow_a_serial_into_a_new_enrollment(world: World) -> None:
    world.publish(fleet_of())
    first = enrolled(world)
    world.check_in(first)
    world.orders.create(LOCAL_ADMIN, SERIAL, "wipe", "stolen")
    second = enrolled(world, "device-2")
    world.check_in(second)
    assert second.ran == []
    enrollment = world.fleet.enrollments(Scope.every())[0].id
    world.decisions.decide(LOCAL_ADMIN, enrollment, adopt=True)
    world.check_in(second)
    assert second.ran == []
    assert world.word() is Compliance.COMPLIANT


def test_WIPE_3_a_freeze_between_order_and_delivery_stops_it(world: World) -> None:
    world.publish(fleet_of())
    headset = enrolled(world)
    world.check_in(headset)
    world.orders.create(LOCAL_ADMIN, SERIAL, "wipe", "")
    world.orders.freeze(LOCAL_ADMIN, frozen=True, reason="wait")
    world.check_in(headset)
    assert headset.ran == []


def test_WIPE_3_a_freeze_by_hand_stops_it_too(world: World) -> None:
    world.publish(fleet_of())
    headset = enrolled(world)
    world.check_in(headset)
    world.orders.create(LOCAL_ADMIN, SERIAL, "wipe", "")
    world.frozen_by_hand = True
    world.check_in(headset)
    assert headset.ran == []
    world.frozen_by_hand = False
    world.check_in(headset)
    assert len(headset.ran) == 1


@pytest.mark.parametrize("why", ["unknown serial", "other deployment", "held by a living enrollment"])
def test_ENR_7_a_quarantined_headset_never_gets_a_secret(world: World, why: str) -> None:
    world.secrets.values["env:HOLOFLEET_SECRET_WIFI"] = CANARY
    world.publish(fleet_of(many(8), serials=(SERIAL, SECOND)))
    serial = SERIAL
    if why == "unknown serial":
        serial = "999999999999"
    elif why == "held by a living enrollment":
        world.check_in(enrolled(world))
    headset = ScriptedHeadset("intruder", serial=serial)
    if why == "other deployment":
        more = fleet_of(many(8), serials=("555555555555",), deployment="lab")
        both = fleet_of(many(8), serials=(SERIAL, SECOND))
        world.publish(type(both)([*both.resources.values(), *more.resources.values()], both.documents.values()))
        serial = headset.serial = headset.nodes["./DevDetail/Ext/Microsoft/SMBIOSSerialNumber"] = "555555555555"
    world.enroll(headset)
    assert CANARY.encode() not in seen_bytes(world, headset)
    assert WLAN not in headset.nodes
    assert world.fleet.enrollments(Scope.every())[0].standing == "quarantined"


def test_ENR_7_a_lost_headset_never_gets_a_secret_even_in_a_repeated_answer(world: World) -> None:
    world.secrets.values["env:HOLOFLEET_SECRET_WIFI"] = CANARY
    world.publish(fleet_of(many(8)))
    headset = enrolled(world)
    second = headset.take(parse(world.post(headset, render(headset.first_message()))))
    assert second is not None
    with_secret = world.post(headset, render(second))
    assert CANARY.encode() in with_secret
    world.decisions.mark_lost(LOCAL_ADMIN, SERIAL, "left in a taxi")
    assert CANARY.encode() not in world.post(headset, render(second))


def test_ENR_4_the_victim_of_a_claimed_serial_goes_on_unchanged(world: World) -> None:
    world.publish(fleet_of())
    victim = enrolled(world)
    world.check_in(victim)
    before = _rows(world, victim)
    world.check_in(enrolled(world, "device-2"))
    assert _rows(world, victim) == before
    world.clock.advance(timedelta(hours=25))
    world.check_in(victim)
    assert world.word() is Compliance.COMPLIANT


def test_D2_no_secret_is_stored_anywhere_in_the_database(world: World, tmp_path: Path) -> None:
    world.secrets.values["env:HOLOFLEET_SECRET_WIFI"] = CANARY
    world.publish(fleet_of(many(8)))
    headset = enrolled(world)
    world.check_in(headset)
    assert headset.nodes[WLAN] == f"<psk>{CANARY}</psk>"
    for file in tmp_path.iterdir():
        assert CANARY.encode() not in file.read_bytes(), file


def test_D2_a_secret_without_a_value_waits_and_is_told_once(world: World) -> None:
    del world.secrets.values["env:HOLOFLEET_SECRET_WIFI"]
    world.publish(fleet_of(many(8)))
    headset = enrolled(world)
    for _ in range(3):
        world.check_in(headset)
    assert world.word() is Compliance.PENDING
    assert world.events().count("value-missing") == 1
    world.secrets.values["env:HOLOFLEET_SECRET_WIFI"] = CANARY
    world.check_in(headset)
    assert world.word() is Compliance.COMPLIANT


def test_D3_a_lost_headset_gets_its_wipe_and_nothing_else(world: World) -> None:
    world.publish(fleet_of((Setting(LOCK, Format.BOOL, "true"), number(USB, 0))))
    headset = enrolled(world)
    world.check_in(headset)
    world.orders.create(LOCAL_ADMIN, SERIAL, "reboot", "")
    world.decisions.mark_lost(LOCAL_ADMIN, SERIAL, "")
    with pytest.raises(RefusedError):
        world.orders.create(LOCAL_ADMIN, SERIAL, "sync", "")
    world.publish(fleet_of((number(USB, 1),)))
    headset.writes.clear()
    world.check_in(headset)
    assert (headset.writes, headset.ran) == ([], [])
    world.orders.create(LOCAL_ADMIN, SERIAL, "wipe", "")
    world.check_in(headset)
    assert headset.ran == ["./Device/Vendor/MSFT/RemoteWipe/doWipe"]
    assert headset.writes == []


def test_D6_an_order_of_an_earlier_epoch_is_not_sent(world: World) -> None:
    world.publish(fleet_of())
    headset = enrolled(world)
    world.check_in(headset)
    world.orders.create(LOCAL_ADMIN, SERIAL, "wipe", "")
    world.epoch = 2
    world.check_in(headset)
    assert headset.ran == []
    assert world.detail().orders[0].status is OrderStatus.QUEUED


def test_D6_a_revocation_outside_the_database_counts(world: World) -> None:
    world.publish(fleet_of())
    headset = enrolled(world)
    world.revoked.digests.add(_sha256(world, headset))
    assert world.exchange(headset, render(headset.first_message())) == (403, b"")


def test_ISO_2_a_foreign_and_an_unknown_serial_give_the_same_answer(world: World) -> None:
    world.publish(fleet_of(client="fabrikam"))
    headset = ScriptedHeadset("device-1")
    world.enroll(headset, client="fabrikam")
    world.check_in(headset)
    stranger = Principal(PrincipalKind.TOKEN, "ci", frozenset({Role.DEPLOYER}), Scope.of("northwind"))
    viewer = Principal(PrincipalKind.TOKEN, "eye", frozenset({Role.VIEWER}), Scope.of("northwind"))
    for serial in (SERIAL, "999999999999"):
        with pytest.raises(NotFoundError, match="there is no such thing here"):
            world.orders.create(stranger, serial, "wipe", "")
        with pytest.raises(RefusedError, match="not allowed"):
            world.orders.create(viewer, serial, "wipe", "")


def _sha256(world: World, headset: ScriptedHeadset) -> str:
    identity = world.service.authenticate(world.certificate(headset))
    assert isinstance(identity, Identity)
    return identity.row.certificate_sha256


def _rows(world: World, *headsets: ScriptedHeadset) -> list[object]:
    return [world.service.authenticate(world.certificate(headset)) for headset in headsets]
