"""Groups of headsets and their members, against the emulator."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest
from tests.unit.targets.graph.kinds.directory_world import ROOT, World, sample

from holofleet import samples
from holofleet.emulator import Delays, Quotas
from holofleet.emulator.tenant import Item
from holofleet.emulator.tenant.seed import add_managed_device
from holofleet.errors import RefusedError
from holofleet.resources import DeviceGroup, Registration, State
from holofleet.targets.graph.kinds.device_groups import DeviceGroups, DeviceMembers

SERIALS = ("000000000001", "000000000002", "000000000003")
RULE = '(device.devicePhysicalIds -any _ -eq "[OrderID]:line")'
STATIC = DeviceGroup(
    name="line.plant", display_name="HoloLens line", deployment="line", document="0" * 64, serials=SERIALS
)
DYNAMIC = STATIC.model_copy(update={"rule": RULE})


def world(*nouns: Any, **more: Any) -> World:
    return World(lambda: [DeviceGroups(), DeviceMembers(ROOT)], State(nouns or [STATIC]), **more)


def registered(tried: World, serial: str, tag: str = "") -> str:
    """Register a headset with Autopilot as somebody else would, and return its device of the directory."""
    tenant = tried.tenant
    registration = tenant.new_id()
    tags = [f"[OrderID]:{tag}"] if tag else []
    device = tenant.create(
        "devices",
        "device",
        {
            "displayName": serial,
            "deviceId": tenant.new_id(),
            "model": "HoloLens 2",
            "operatingSystem": "Windows",
            "physicalIds": [f"[ZTDID]:{registration}", f"[HWID]:h:{registration}", *tags],
        },
    )
    properties = {
        "serialNumber": serial,
        "azureAdDeviceId": device.properties["deviceId"],
        "groupTag": tag,
        "deploymentProfileAssignmentStatus": "notAssigned",
        "deploymentProfileAssignmentDetailedStatus": "none",
        "model": "HoloLens 2",
    }
    type_ = "windowsAutopilotDeviceIdentity"
    tenant.create("windowsAutopilotDeviceIdentities", type_, properties, id_=registration)
    tenant.registered[serial] = device.id
    return device.id


def enrolled(tried: World, serial: str) -> str:
    """Enroll a headset that nobody registered, and return its device of the directory."""
    tenant = tried.tenant
    properties = {"displayName": serial, "deviceId": tenant.new_id(), "model": "HoloLens 2", "physicalIds": []}
    device = tenant.create("devices", "device", properties)
    add_managed_device(tenant, serial, azureADDeviceId=device.properties["deviceId"])
    return device.id


def group(tried: World) -> Item:
    return tried.one("groups", displayName="HoloLens line")


def members(tried: World) -> set[str]:
    return set(group(tried).links.get("members", {}))


@pytest.mark.parametrize("delays", [Delays(), Delays.like_the_service()])
@pytest.mark.parametrize("name", samples.SAMPLES)
def test_groups_of_a_sample_are_made_and_the_plan_is_empty(name: str, delays: Delays) -> None:
    tried = world(delays=delays)
    tried.state = sample(name)
    tried.apply()
    assert tried.shown() == []
    assert not tried.doubled()
    assert len(tried.tenant.collection("groups")) == len(tried.state.of_kind(DeviceGroup)) > 0


@pytest.mark.parametrize(
    ("noun", "name", "value"),
    [
        (STATIC, "description", "x [holofleet:fleet:device-group:line.plant] HoloLens headsets of the fleet file"),
        (STATIC, "displayName", "Another"),
        (STATIC, "mailNickname", "another"),
        (STATIC, "securityEnabled", False),
        (DYNAMIC, "membershipRule", '(device.displayName -startsWith "x")'),
        (DYNAMIC, "membershipRuleProcessingState", "Paused"),
        (DYNAMIC, "displayName", "Another"),
    ],
)
def test_whatever_changes_on_a_group_is_found_and_put_back(noun: DeviceGroup, name: str, value: object) -> None:
    tried = world(noun)
    tried.apply()
    item = group(tried)
    before = deepcopy(item.properties)
    change = {name: value}
    if name == "description":
        change = {name: f"HoloLens headsets of the fleet file, x. {before[name].rpartition(' ')[2]}"}
    tried.edit("groups", item, **change)
    assert tried.shown() == [f"update device-group:line.plant {name}"]
    tried.apply()
    assert tried.shown() == []
    assert item.properties[name] == before[name]


def test_what_the_service_adds_to_a_group_is_no_difference() -> None:
    tried = world()
    tried.apply()
    tried.edit("groups", group(tried), visibility="Private", theme="Blue", securityIdentifier="S-1-12-1")
    assert tried.shown() == []


def test_headsets_that_the_tenant_does_not_know_are_told_and_join_when_they_are_registered_or_enrolled() -> None:
    tried = world()
    first = registered(tried, SERIALS[0])
    tried.apply()
    assert members(tried) == {first}
    assert tried.shown() == []
    reason = tried.problems()["device-members:line.plant"]
    assert SERIALS[1] in reason
    assert "plan again" in reason
    second, third = enrolled(tried, SERIALS[1]), registered(tried, SERIALS[2])
    assert tried.shown() == ["update device-members:line.plant headsets"]
    tried.apply()
    assert members(tried) == {first, second, third}
    assert tried.shown() == []
    assert tried.problems() == {}


def test_a_headset_that_is_registered_by_the_same_file_is_a_difference_until_it_is_a_member() -> None:
    claims = [Registration(serial=serial, hash_sha256="1" * 64) for serial in SERIALS]
    tried = world(STATIC, *claims)
    assert tried.problems() == {}
    devices = {registered(tried, serial) for serial in SERIALS}
    tried.apply()
    assert members(tried) == devices
    assert tried.shown() == []


def test_a_device_that_was_added_in_a_portal_leaves_and_one_that_was_removed_comes_back() -> None:
    tried = world()
    devices = {registered(tried, serial) for serial in SERIALS}
    tried.apply()
    other = registered(tried, "000000000009")
    stranger = tried.tenant.create("devices", "device", {"displayName": "PC", "deviceId": "x"}).id
    links = group(tried).links["members"]
    links[other] = links[stranger] = tried.clock.now()
    del links[min(devices)]
    (change,) = tried.plan().changes
    (field,) = change.fields
    assert set(field.before) - set(SERIALS) == {"000000000009", stranger}
    tried.apply()
    assert members(tried) == devices
    assert tried.tenant.deletions_without_ref == []
    assert tried.shown() == []


def test_a_group_by_rule_gets_its_headsets_from_the_service_and_asks_for_no_device() -> None:
    tried = world(DYNAMIC)
    devices = {registered(tried, serial, "line") for serial in SERIALS}
    before = len(tried.emulator.exchanges)
    tried.apply()
    asked = {one.path for one in tried.emulator.exchanges[before:]}
    assert members(tried) == devices
    assert not [path for path in asked if "evice" in path]


def test_a_group_by_rule_becomes_one_by_members_and_back() -> None:
    tried = world(DYNAMIC)
    devices = {registered(tried, serial, "line") for serial in SERIALS}
    tried.apply()
    id_ = group(tried).id
    for noun in (STATIC, DYNAMIC):
        tried.state = State([noun])
        tried.apply()
        assert tried.shown() == []
        assert members(tried) == devices
    assert group(tried).id == id_


def test_GRA_2_a_group_of_that_name_is_adopted_with_consent_only_with_whom_it_holds() -> None:
    tried = world()
    devices = {registered(tried, serial) for serial in SERIALS}
    theirs = tried.group("HoloLens line")
    theirs.links["members"] = {min(devices): tried.clock.now()}
    with pytest.raises(RefusedError, match="not ours yet"):
        tried.apply()
    assert members(tried) == {min(devices)}
    tried.apply(adopt=True)
    assert members(tried) == devices
    assert tried.shown() == []
    assert len(tried.tenant.collection("groups")) == 1


def test_who_does_not_belong_into_an_adopted_group_leaves_with_the_next_plan() -> None:
    tried = world()
    devices = {registered(tried, serial) for serial in SERIALS}
    other = registered(tried, "000000000009")
    tried.group("HoloLens line").links["members"] = {other: tried.clock.now()}
    (note,) = [note for note in tried.apply(adopt=True) if "plan again" in note]
    assert "device-members:line.plant" in note
    assert members(tried) == {*devices, other}
    tried.apply()
    assert members(tried) == devices
    assert tried.shown() == []


def test_a_group_that_leaves_the_file_goes_and_its_devices_stay() -> None:
    tried = world()
    devices = {registered(tried, serial) for serial in SERIALS}
    tried.apply()
    by_hand = tried.group("by hand")
    tried.state = State()
    tried.apply()
    assert list(tried.tenant.collection("groups")) == [by_hand.id]
    assert devices <= tried.tenant.collection("devices").keys()
    assert tried.shown() == []


@pytest.mark.parametrize("carried_out", [True, False])
@pytest.mark.parametrize("after", range(7))
def test_a_process_that_dies_at_any_request_is_completed_by_the_next(after: int, carried_out: bool) -> None:
    tried = world(delays=Delays.like_the_service())
    devices = {registered(tried, serial) for serial in SERIALS}
    tried.killed(after, carried_out=carried_out)
    tried.apply()
    assert tried.shown() == []
    assert not tried.doubled()
    assert members(tried) == devices


def test_a_thousand_headsets_join_four_hundred_a_round_trip_and_an_empty_plan_takes_a_few() -> None:
    serials = tuple(f"{number:012}" for number in range(1000))
    tried = world(STATIC.model_copy(update={"serials": serials}), quotas=Quotas())
    for serial in serials:
        registered(tried, serial)
    before = tried.emulator.trips
    tried.apply(confirm_s=0)
    assert len(members(tried)) == 1000
    reading, creation, asking, joining = 4, 1, 4, -(-1000 // 400)
    assert tried.emulator.trips - before <= reading + creation + asking + joining
    before = tried.emulator.trips
    assert tried.shown() == []
    assert tried.emulator.trips - before <= 6
