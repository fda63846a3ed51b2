"""Whether headsets can be sent away, and giving one away for good, against the emulator."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from tests.unit.desired.test_cloud import graph, sample
from tests.unit.targets.graph.test_reports import World

from holofleet.emulator.tenant.seed import add_managed_device
from holofleet.errors import RefusedError
from holofleet.resources import DeviceGroup, Registration
from holofleet.targets.graph.shipping import TENANT_LOCK, release

HASH = "aGFyZHdhcmUgb2Ygb25lIGhlYWRzZXQsIGxvbmcgZW5vdWdo"
MEND = {True: "its rule takes it in within some minutes", False: "apply the file"}
"""By whether a rule fills the group."""


def fleet(*changes: tuple[str, str]) -> Any:
    """Near-offline: its first headset has a hardware hash, the others are declared registered."""
    return graph(sample("near-offline", *changes))


@pytest.fixture
def world() -> World:
    made = World(fleet())
    for serial, registration in made.state.of_kind(Registration).items():
        ticket = {"serialNumber": serial, "groupTag": registration.group_tag, "hardwareIdentifier": HASH}
        rows = [{"@odata.type": "#microsoft.graph.importedWindowsAutopilotDeviceIdentity", **ticket}]
        _import(made, rows)
    made.clock.advance(timedelta(hours=13))  # the service lists them by itself twice a day
    made.apply()
    return made


def _import(made: World, rows: list[dict[str, Any]]) -> None:
    from holofleet.targets.graph.operations import autopilot
    from holofleet.targets.graph.work import ask

    with made.target() as target:
        target.ask(ask(autopilot.IMPORT_HASHES.request(body={"importedWindowsAutopilotDeviceIdentities": rows})))
        target.ask(ask(autopilot.LIST_IMPORTS.request()))  # by now it is decided


def ready(made: World, *serials: str) -> dict[str, tuple[str, ...]]:
    with made.target() as target:
        found = target.ready(made.state, serials or sorted(made.state.headsets))
    return {one.serial: one.reasons for one in found}


def test_a_headset_with_the_files_profile_in_sync_is_ready(world: World) -> None:
    assert set(ready(world).values()) == {()}


def test_what_speaks_against_it_is_said(world: World) -> None:
    serial = sorted(world.state.headsets)[0]
    identities = world.emulator.tenant.collection("windowsAutopilotDeviceIdentities").values()
    one = next(item for item in identities if item.properties["serialNumber"] == serial)
    one.properties["deploymentProfileAssignmentStatus"] = "pending"
    assert "being assigned" in ready(world, serial)[serial][0]
    one.properties["deploymentProfileAssignmentStatus"] = "failed"
    one.properties["deploymentProfileAssignmentDetailedStatus"] = "holoLensProfileNotSupported"
    assert "no HoloLens" in ready(world, serial)[serial][0]
    one.properties["groupTag"] = "other"
    assert "its group tag is 'other'" in ready(world, serial)[serial][0]


def test_a_headset_that_autopilot_does_not_know_is_not_ready(world: World) -> None:
    serial = sorted(world.state.headsets)[0]
    world.emulator.tenant.collection("windowsAutopilotDeviceIdentities").clear()
    assert "Autopilot does not know it" in ready(world, serial)[serial][0]
    assert ready(world, "unknown")["unknown"] == ("the fleet file does not register it with Autopilot",)


def test_a_headset_that_is_not_in_its_group_is_not_ready(world: World) -> None:
    serial = sorted(world.state.headsets)[0]
    tenant = world.emulator.tenant
    group = next(g for g in world.state.of_kind(DeviceGroup).values() if serial in g.serials)
    device = tenant.registered[serial]
    (item,) = (
        one for one in tenant.collection("groups").values() if one.properties["displayName"] == group.display_name
    )
    since = item.links["members"].pop(device)
    reasons = ready(world)
    assert reasons[serial] == (f"it is not in the group {group.display_name!r}: {MEND[bool(group.rule)]}",)
    assert not any(told for other, told in reasons.items() if other != serial)
    item.links["members"][device] = since
    assert ready(world, serial)[serial] == ()


def test_a_headset_whose_lock_would_not_be_told_is_not_ready(world: World) -> None:
    serial = sorted(world.state.headsets)[0]
    lock = TENANT_LOCK.removeprefix(".")
    (item,) = (
        one
        for one in world.emulator.tenant.collection("deviceConfigurations").values()
        if any(s["omaUri"].endswith(lock) for s in one.properties.get("omaSettings") or ())
        and _is_for(world, one, serial)
    )
    assigned = item.parts["assignments"]
    item.parts["assignments"] = {}
    assert "tenant lock is not in the tenant as the file says" in ready(world, serial)[serial][0]
    item.parts["assignments"] = assigned
    assert ready(world, serial)[serial] == ()


def _is_for(made: World, item: Any, serial: str) -> bool:
    group = next(g for g in made.state.of_kind(DeviceGroup).values() if serial in g.serials)
    groups = made.emulator.tenant.collection("groups")
    named = {one.properties["target"].get("groupId") for one in item.parts["assignments"].values()}
    return any(groups[id_].properties["displayName"] == group.display_name for id_ in named if id_ in groups)


def given_away(made: World, serial: str) -> tuple[str, ...]:
    with made.target() as target:
        return target.ask(release(target.scope(made.state), serial))


def enroll(made: World, serial: str) -> None:
    made.devices[serial] = add_managed_device(made.emulator.tenant, serial)


def test_a_headset_is_released_once_it_said_that_its_lock_is_off(world: World) -> None:
    serial = sorted(world.state.headsets)[0]
    enroll(world, serial)
    said = world.said(serial)
    assert said[next(uri for uri in said if uri.endswith(TENANT_LOCK.removeprefix(".")))] == "false"
    assert len(given_away(world, serial)) == 2
    assert given_away(world, serial) == ()
    tenant = world.emulator.tenant
    left = [
        item.properties["serialNumber"] for item in tenant.collection("windowsAutopilotDeviceIdentities").values()
    ]
    assert serial not in left
    assert len(left) == len(world.state.headsets) - 1


def test_a_headset_that_has_not_said_so_keeps_its_registration(world: World) -> None:
    serial = sorted(world.state.headsets)[0]
    enroll(world, serial)
    for profile in world.emulator.tenant.collection("deviceConfigurations").values():
        world.emulator.tenant.reported_states[profile.id, world.devices[serial]] = "error"
    with pytest.raises(RefusedError, match="has not said that its tenant lock is off"):
        given_away(world, serial)
    assert ready(world, serial)[serial] == ()


def test_a_headset_that_the_file_locks_is_never_released(world: World) -> None:
    world.state = fleet(("tenant_lock: false", "tenant_lock: true"))
    serial = next(s for s, one in world.state.of_kind(Registration).items() if one.locked)
    with pytest.raises(RefusedError, match="locks"):
        given_away(world, serial)


def test_where_intune_has_no_record_only_a_person_can_say_that_the_lock_is_off(world: World) -> None:
    serial = sorted(world.state.headsets)[0]
    with pytest.raises(RefusedError, match="Intune has no record of it"):
        given_away(world, serial)
    assert ready(world, serial)[serial] == ()
    with world.target() as target:
        done = target.ask(release(target.scope(world.state), serial, unlocked=True))
    assert done == ("its registration with Autopilot is deleted",)
