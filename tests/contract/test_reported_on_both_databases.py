"""What headsets reported, many at once, on SQLite and on PostgreSQL."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.management_world import CAMERA, POLICY, SERIAL, USB, World, fleet_of, many, number
from tests.scripted_headset import ScriptedHeadset

from holofleet.server.authorization import LOCAL_ADMIN, Scope
from holofleet.server.compliance import SettingStatus
from holofleet.storage.database import Database

EVERY = Scope.every()


@pytest.fixture
def world(database: Database) -> World:
    return World(database)


def test_a_headset_that_took_its_document_reports_it(world: World) -> None:
    world.publish(fleet_of())
    assert world.fleet.reported(EVERY).headsets == ()
    world.converged()
    page = world.fleet.reported(EVERY)
    (said,) = page.headsets
    assert (said.serial, said.client, said.deployment, said.otherwise) == (SERIAL, "own", "field", {})
    assert said.last_seen_at == world.clock.now()
    assert said.variables["account"] == "hl-101@contoso.com"
    assert page.documents[said.document] == ((CAMERA, "int", "1"), (USB, "int", "0"))
    assert page.next is None


def test_what_is_not_as_it_was_told_is_said_beside_the_document(world: World) -> None:
    world.publish(fleet_of((number(CAMERA, 1), number(USB, 0))))
    headset = ScriptedHeadset("device-1", refuses={USB: 415})
    world.enroll(headset)
    world.check_in(headset)
    (said,) = world.fleet.reported(EVERY).headsets
    assert {uri: other.status for uri, other in said.otherwise.items()} == {USB: SettingStatus.REFUSED}


def test_pages_go_by_serial_and_name_the_documents_of_their_own_headsets_only(world: World) -> None:
    serials = tuple(f"0034217{index:05}" for index in range(5))
    world.publish(fleet_of(serials=serials))
    for serial in serials:
        world.converged(device=f"device-{serial}", serial=serial)
    seen: list[str] = []
    after = None
    while True:
        page = world.fleet.reported(EVERY, after=after, limit=2)
        seen += [headset.serial for headset in page.headsets]
        assert set(page.documents) == {headset.document for headset in page.headsets}
        after = page.next
        if after is None:
            break
    assert seen == list(serials)


def test_ISO_2_another_client_sees_neither_reports_nor_documents(world: World) -> None:
    world.publish(fleet_of(client="fabrikam"))
    headset = ScriptedHeadset("device-1")
    world.enroll(headset, client="fabrikam")
    world.check_in(headset)
    page = world.fleet.reported(Scope.of("northwind"))
    assert (page.headsets, page.documents) == ((), {})
    assert len(world.fleet.reported(Scope.of("fabrikam")).headsets) == 1


def test_a_headset_in_doubt_reported_lost_or_retired_proves_nothing(world: World) -> None:
    world.publish(fleet_of())
    world.converged()
    world.decisions.mark_lost(LOCAL_ADMIN, SERIAL, "left on a train")
    assert world.fleet.reported(EVERY).headsets == ()


def test_a_node_that_may_hold_a_secret_is_left_out(world: World) -> None:
    world.publish(fleet_of(many(4)))
    world.converged()
    world.clock.advance(timedelta(minutes=1))
    page = world.fleet.reported(EVERY)
    (settings,) = page.documents.values()
    assert [uri for uri, _, _ in settings] == [
        f"{POLICY}/Test/Setting000",
        f"{POLICY}/Test/Setting001",
        f"{POLICY}/Test/ZAccount",
    ]
