"""The server's core on SQLite and on PostgreSQL: the same stories, the same outcome."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from tests.management_world import CAMERA, LOCK, SERIAL, USB, World, fleet_of, many, number
from tests.scripted_headset import ScriptedHeadset

from holofleet.errors import ConflictError, InputError, NotFoundError, RefusedError
from holofleet.protocols.syncml import parse, render
from holofleet.resources import Format, Setting, State
from holofleet.server.authorization import LOCAL_ADMIN, Scope
from holofleet.server.compliance import Compliance
from holofleet.server.fleet import HeadsetQuery
from holofleet.server.fleet.upkeep import Upkeep
from holofleet.server.management.batching import AsyncManagement
from holofleet.server.management.exchange import Change, StoredAnswer
from holofleet.server.management.service import Identity
from holofleet.server.orders import OrderStatus
from holofleet.server.standing import Standing
from holofleet.storage.database import Database
from holofleet.storage.fleet import views
from holofleet.storage.upkeep import SQLUpkeepStore

SECOND = "003421700102"
EVERY = Scope.every()


@pytest.fixture
def world(database: Database) -> World:
    return World(database)


def test_a_headset_converges_drifts_and_is_mended(world: World) -> None:
    world.publish(fleet_of(many(60)))
    headset = ScriptedHeadset("device-1")
    world.enroll(headset)
    assert world.check_in(headset) == 3
    assert world.word() is Compliance.COMPLIANT
    headset.nodes[f"{CAMERA.rsplit('/', 2)[0]}/Test/Setting007"] = "x"
    world.clock.advance(timedelta(hours=25))
    world.check_in(headset)
    assert world.events()[-3:] == ["drifted", "mended", "converged"]


def test_publishing_the_same_twice_is_publishing_once(world: World) -> None:
    state = fleet_of().to_json()
    first = world.fleet.publish(LOCAL_ADMIN, state, {"fleet.yaml": "a"})
    again = world.fleet.publish(LOCAL_ADMIN, state, {"fleet.yaml": "a"})
    assert (first.changed, again.changed) == (True, False)
    assert first.id == again.id
    assert world.events() == ["published"]
    assert State.from_json(dict(world.fleet.told().state)) == fleet_of()
    assert world.fleet.texts() == {"fleet.yaml": "a"}


def test_a_plan_against_another_state_is_refused(world: World) -> None:
    empty = world.fleet.told().hash
    world.fleet.publish(LOCAL_ADMIN, fleet_of().to_json(), {}, expect_told_hash=empty)
    changed = fleet_of((number(CAMERA, 0),)).to_json()
    with pytest.raises(ConflictError):
        world.fleet.publish(LOCAL_ADMIN, changed, {}, expect_told_hash=empty)
    assert world.fleet.told().hash == fleet_of().hash


def test_a_deployment_cannot_move_to_another_client(world: World) -> None:
    world.publish(fleet_of(client="fabrikam"))
    with pytest.raises(ConflictError):
        world.publish(fleet_of(client="northwind"))
    assert world.fleet.headsets(Scope.of("northwind")).headsets == ()


def test_removing_a_headset_from_the_file_sends_nothing_and_keeps_it_shown(world: World) -> None:
    world.publish(fleet_of())
    headset = world.converged()
    headset.writes.clear()
    world.publish(fleet_of(serials=(SECOND,)))
    world.clock.advance(timedelta(hours=30))
    world.check_in(headset)
    assert headset.writes == []
    assert headset.ran == []
    assert "it is no longer in the fleet file" in world.detail().summary.reasons


def test_lists_go_by_serial_and_filter(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    serials = tuple(f"0034217{index:05}" for index in range(25))
    world.publish(fleet_of(serials=serials))
    world.converged(serial=serials[3])
    seen: list[str] = []
    after = None
    while True:
        page = world.fleet.headsets(EVERY, after=after, limit=10)
        seen += [headset.serial for headset in page.headsets]
        after = page.next
        if after is None:
            break
    assert seen == sorted(serials)
    compliant = world.fleet.headsets(EVERY, HeadsetQuery(compliance=Compliance.COMPLIANT))
    assert [headset.serial for headset in compliant.headsets] == [serials[3]]
    assert len(world.fleet.headsets(EVERY, HeadsetQuery(text="hl-00")).headsets) == 10
    assert world.fleet.headsets(EVERY, HeadsetQuery(text="%")).headsets == ()
    monkeypatch.setattr(views, "NAMES_AT_ONCE", 10)
    names = {one.serial: one.name for one in world.fleet.headsets(EVERY).headsets}
    assert world.fleet.names(EVERY, {*serials, "nowhere"}) == names
    assert world.fleet.names(Scope.of("nobody"), serials) == {}
    overview = world.fleet.overview(EVERY)
    assert (overview.counts["expected"], overview.counts["compliant"], overview.total) == (24, 1, 25)


def test_a_headset_that_missed_its_reconnect_is_late(world: World) -> None:
    world.publish(fleet_of())
    world.converged()
    world.clock.advance(timedelta(days=30))
    assert world.word() is Compliance.COMPLIANT
    world.clock.advance(timedelta(days=10))
    assert world.word() is Compliance.LATE
    assert world.fleet.overview(EVERY).counts["late"] == 1


def test_drift_lists_what_differs_with_its_time(world: World) -> None:
    world.publish(fleet_of())
    headset = world.converged()
    headset.nodes[CAMERA] = "0"
    headset.refuses[CAMERA] = 500
    world.clock.advance(timedelta(hours=25))
    world.check_in(headset)
    (item,) = world.fleet.drift(EVERY)
    assert (item.oma_uri, item.desired, item.reported) == (CAMERA, "1", "0")
    assert item.since == world.clock.now()
    assert world.fleet.drift(Scope.of("fabrikam")) == ()


def test_ISO_1_another_client_sees_nothing(world: World) -> None:
    world.publish(fleet_of(client="fabrikam"))
    converged_world = ScriptedHeadset("device-1")
    world.enroll(converged_world, client="fabrikam")
    world.check_in(converged_world)
    foreign = Scope.of("northwind")
    with pytest.raises(NotFoundError):
        world.fleet.headset(foreign, SERIAL)
    assert world.fleet.headsets(foreign).headsets == ()
    assert world.fleet.events_after(foreign, 0) == ()
    assert world.fleet.overview(foreign).total == 0
    assert world.orders.listed(foreign, SERIAL) == ()
    assert world.fleet.headset(Scope.of("fabrikam"), SERIAL).summary.serial == SERIAL


def test_an_unknown_serial_is_quarantined_and_adopted_by_decision(world: World) -> None:
    world.publish(fleet_of(serials=(SECOND,)))
    headset = ScriptedHeadset("device-1")
    enrollment = world.enroll(headset)
    world.check_in(headset)
    (waiting,) = world.fleet.enrollments(EVERY)
    assert (waiting.id, waiting.serial, waiting.standing) == (enrollment, SERIAL, "quarantined")
    with pytest.raises(RefusedError):
        world.decisions.decide(LOCAL_ADMIN, enrollment, adopt=True)
    world.publish(fleet_of(serials=(SERIAL, SECOND)))
    with pytest.raises(InputError):
        world.decisions.decide(LOCAL_ADMIN, enrollment, adopt=True, serial=SECOND)
    world.decisions.decide(LOCAL_ADMIN, enrollment, adopt=True)
    world.check_in(headset)
    assert world.word() is Compliance.COMPLIANT


def test_a_rejected_enrollment_gets_nothing_any_more(world: World) -> None:
    world.publish(fleet_of(serials=(SECOND,)))
    headset = ScriptedHeadset("device-1")
    enrollment = world.enroll(headset)
    world.check_in(headset)
    world.decisions.decide(LOCAL_ADMIN, enrollment, adopt=False)
    assert world.exchange(headset, render(headset.first_message()))[0] == 403
    assert world.revoked.digests


def test_a_wiped_headset_enrolls_again_without_a_decision(world: World) -> None:
    world.publish(fleet_of())
    first = world.converged()
    world.orders.create(LOCAL_ADMIN, SERIAL, "wipe", "it goes to another site")
    world.check_in(first)
    world.converged("device-2")
    assert world.word() is Compliance.COMPLIANT
    assert world.exchange(first, render(first.first_message()))[0] in (200, 403)
    with pytest.raises(NotFoundError):
        world.fleet.headset(EVERY, "none")


def test_a_change_of_a_row_that_moved_on_is_refused_and_its_neighbours_are_stored(world: World) -> None:
    world.publish(fleet_of(serials=(SERIAL, SECOND)))
    rows = []
    for device, serial in (("device-1", SERIAL), ("device-2", SECOND)):
        headset = ScriptedHeadset(device, serial=serial)
        world.enroll(headset)
        identity = world.service.authenticate(world.certificate(headset))
        assert isinstance(identity, Identity)
        rows.append(identity.row)
    now = world.clock.now()
    first = Change(rows[0], now, {"os_build": "1"}, StoredAnswer("k", b"\x00body"))
    assert world.store.store([first]) == [True]
    late = Change(rows[0], now, {"os_build": "2"})
    good = Change(rows[1], now, {"os_build": "3"})
    assert world.store.store([late, good]) == [False, True]
    found = world.store.rows([row.certificate_sha256 for row in rows])
    assert sorted(row.os_build for row in found.values()) == ["1", "3"]
    assert world.store.answer(rows[0].id) == StoredAnswer("k", b"\x00body")


def test_two_enrollments_cannot_hold_one_serial(world: World) -> None:
    world.publish(fleet_of())
    rows = []
    for device in ("device-1", "device-2"):
        headset = ScriptedHeadset(device)
        world.enroll(headset)
        identity = world.service.authenticate(world.certificate(headset))
        assert isinstance(identity, Identity)
        rows.append(identity.row)
    changes = [Change(row, world.clock.now(), {"held_serial": SERIAL}) for row in rows]
    assert sorted(world.store.store(changes)) == [False, True]


def test_many_headsets_converge_at_once_over_grouped_reads_and_writes(world: World) -> None:
    serials = tuple(f"0034217{index:05}" for index in range(30))
    world.publish(fleet_of(many(10), serials=serials))
    headsets = [ScriptedHeadset(f"device-{serial}", serial=serial) for serial in serials]
    for headset in headsets:
        world.enroll(headset)

    async def session(management: AsyncManagement, headset: ScriptedHeadset) -> None:
        message = headset.first_message()
        while True:
            identity = await management.authenticate(world.certificate(headset))
            assert isinstance(identity, Identity)
            answer = await management.handle(identity, render(message))
            assert answer.status == 200
            following = headset.take(parse(answer.body))
            if following is None:
                return
            message = following

    async def all_of_them() -> None:
        async with AsyncManagement(world.service, world.store, world.clock) as management:
            await asyncio.gather(*(session(management, headset) for headset in headsets))

    asyncio.run(all_of_them())
    assert world.fleet.overview(EVERY).counts["compliant"] == 30


def test_when_a_headset_was_last_seen_is_stored_without_touching_its_row(world: World) -> None:
    world.publish(fleet_of())
    headset = world.converged()
    world.clock.advance(timedelta(minutes=5))

    async def idle() -> None:
        async with AsyncManagement(world.service, world.store, world.clock) as management:
            identity = await management.authenticate(world.certificate(headset))
            assert isinstance(identity, Identity)
            version = identity.row.version
            await management.handle(identity, render(headset.first_message()))
            again = await management.authenticate(world.certificate(headset))
            assert isinstance(again, Identity)
            assert again.row.version == version

    asyncio.run(idle())
    assert world.detail().summary.last_seen_at == world.clock.now()


def test_upkeep_expires_orders_ends_what_left_and_revokes_what_stays_lost(world: World) -> None:
    world.publish(fleet_of(serials=(SERIAL, SECOND)))
    upkeep = Upkeep(store=SQLUpkeepStore(world.database), revocations=world.revoked, clock=world.clock)
    wiped = world.converged()
    lost = world.converged("device-2", SECOND)
    world.orders.create(LOCAL_ADMIN, SERIAL, "wipe", "")
    world.check_in(wiped)
    world.orders.create(LOCAL_ADMIN, SECOND, "reboot", "")
    world.decisions.mark_lost(LOCAL_ADMIN, SECOND, "left in a taxi")
    world.clock.advance(timedelta(hours=1))
    assert upkeep.run().retired == 1
    world.clock.advance(timedelta(days=31))
    done = upkeep.run()
    assert (done.orders, done.revoked) == (1, 1)
    assert world.exchange(lost, render(lost.first_message()))[0] == 403
    assert world.orders.listed(EVERY, SECOND)[0].status is OrderStatus.EXPIRED
    assert upkeep.run().orders == 0
    world.clock.advance(timedelta(days=401))
    assert upkeep.run().events > 0


def test_a_lost_headset_that_was_found_is_served_again(world: World) -> None:
    world.publish(fleet_of((Setting(LOCK, Format.BOOL, "true"), number(USB, 0))))
    headset = world.converged()
    assert world.decisions.mark_lost(LOCAL_ADMIN, SERIAL).standing is Standing.LOST
    world.check_in(headset)
    assert world.word() is Compliance.QUARANTINED
    world.decisions.mark_found(LOCAL_ADMIN, SERIAL)
    world.check_in(headset)
    assert world.word() is Compliance.COMPLIANT
