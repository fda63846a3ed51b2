"""Autopilot takes its time: imports are decided later, lists wait for a sync, profiles come last."""

from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from tests.unit.emulator.world import World, group_body

from holofleet.emulator import Delays
from holofleet.emulator.tenant.seed import add_managed_device

IMPORTS = "/v1.0/deviceManagement/importedWindowsAutopilotDeviceIdentities"
DEVICES = "/v1.0/deviceManagement/windowsAutopilotDeviceIdentities"
LIST = "/beta/deviceManagement/windowsAutopilotDeviceIdentities"
SETTINGS = "/beta/deviceManagement/windowsAutopilotSettings"
PROFILES = "/beta/deviceManagement/windowsAutopilotDeploymentProfiles"
SLOW = Delays(
    import_=timedelta(minutes=3),
    sync=timedelta(minutes=1),
    profile=timedelta(minutes=5),
    removal=timedelta(minutes=2),
)


def _row(serial: str, tag: str = "site-1", **more: Any) -> dict[str, Any]:
    return {
        "@odata.type": "#microsoft.graph.importedWindowsAutopilotDeviceIdentity",
        "serialNumber": serial,
        "productKey": "",
        "hardwareIdentifier": base64.b64encode(serial.encode() * 20).decode(),
        "groupTag": tag,
        "importId": "11111111-2222-4333-8444-555555555555",
        **more,
    }


def _import(world: World, *rows: dict[str, Any], status: int = 200) -> Any:
    return world.post(f"{IMPORTS}/import", {"importedWindowsAutopilotDeviceIdentities": list(rows)}, status)


def _profile(**more: Any) -> dict[str, Any]:
    return {
        "@odata.type": "#microsoft.graph.azureADWindowsAutopilotDeploymentProfile",
        "displayName": "headsets",
        "locale": "os-default",
        "deviceType": "holoLens",
        "deviceNameTemplate": "HL-%SERIAL%",
        "preprovisioningAllowed": False,
        "hardwareHashExtractionEnabled": False,
        "outOfBoxExperienceSetting": {
            "deviceUsageType": "shared",
            "userType": "standard",
            "privacySettingsHidden": True,
            "eulaHidden": True,
            "keyboardSelectionPageSkipped": True,
            "escapeLinkHidden": True,
        },
        **more,
    }


def _tag_group(world: World, tag: str = "site-1") -> str:
    rule = f'(device.devicePhysicalIds -any _ -eq "[OrderID]:{tag}")'
    body = group_body(
        tag, groupTypes=["DynamicMembership"], membershipRule=rule, membershipRuleProcessingState="On"
    )
    return str(world.post("/v1.0/groups", body)["id"])


def _statuses(world: World) -> dict[str, str]:
    return {v["serialNumber"]: v["deploymentProfileAssignmentStatus"] for v in world.get(LIST)["value"]}


def test_from_the_hash_to_assigned_in_sync(make_world: Callable[..., World]) -> None:
    world = make_world(delays=SLOW)
    group = _tag_group(world)
    profile = world.post(PROFILES, _profile())["id"]
    target = {"@odata.type": "#microsoft.graph.groupAssignmentTarget", "groupId": group}
    world.post(f"{PROFILES}/{profile}/assignments", {"target": target})
    _import(world, _row("0001"))
    states = [v["state"]["deviceImportStatus"] for v in world.get(IMPORTS)["value"]]
    assert states == ["pending"]
    world.pass_time(180)
    state = world.get(IMPORTS)["value"][0]["state"]
    assert state["deviceImportStatus"] == "complete"
    assert not world.get(DEVICES)["value"], "a sync has to list it first"
    world.post(f"{SETTINGS}/sync", {}, 204)
    assert world.get(SETTINGS)["syncStatus"] == "inProgress"
    world.pass_time(60)
    assert world.get(SETTINGS)["syncStatus"] == "completed"
    assert _statuses(world) == {"0001": "notAssigned"}
    world.pass_time(300)
    assert _statuses(world) == {"0001": "assignedInSync"}
    one = world.get(f"{LIST}/{state['deviceRegistrationId']}?$expand=deploymentProfile")
    assert one["deploymentProfileAssignmentStatus"] == "unknown", "the single object does not tell"


@pytest.mark.parametrize(
    ("row", "code"), [(_row("known"), 806), (_row("foreign"), 808), (_row(""), 801), (_row("odd"), 815)]
)
def test_a_row_that_cannot_be_registered_says_why(world: World, row: dict[str, Any], code: int) -> None:
    world.tenant.registered_elsewhere.add("foreign")
    world.tenant.autopilot_errors["odd"] = (815, "ZtdDeviceHasNoAssignedProfile")
    _import(world, _row("known"))
    world.get(IMPORTS)
    _import(world, row, _row("good"))
    states = {
        v["serialNumber"]: v["state"]
        for v in world.get(IMPORTS)["value"]
        if v["serialNumber"] != "known" or code == 806
    }
    found = [v["state"] for v in world.get(IMPORTS)["value"]][1]
    assert (found["deviceImportStatus"], found["deviceErrorCode"]) == ("error", code)
    assert states["good"]["deviceImportStatus"] == "complete"


@pytest.mark.parametrize(
    "row",
    [
        _row("1", hardwareIdentifier="not base64"),
        _row("1", hardwareIdentifier="QUJD="),
        _row("1", state={}),
        _row("1", id="x"),
        _row("1", inventedProperty="x"),
    ],
    ids=lambda value: str(value)[-60:],
)
def test_a_row_of_another_form_refuses_the_whole_import(world: World, row: dict[str, Any]) -> None:
    _import(world, _row("2"), row, status=400)
    assert not world.get(IMPORTS)["value"]


def test_an_import_has_at_most_five_hundred_rows(world: World) -> None:
    _import(world, *(_row(f"{n:04}") for n in range(501)), status=400)
    _import(world, *(_row(f"{n:04}") for n in range(500)))


def test_a_sync_is_possible_every_ten_minutes(make_world: Callable[..., World]) -> None:
    world = make_world(delays=SLOW)
    world.post(f"{SETTINGS}/sync", {}, 204)
    world.post(f"{SETTINGS}/sync", {}, 409)
    world.pass_time(61)
    assert "Retry-After" not in world.client.post(f"{SETTINGS}/sync").headers
    world.post(f"{SETTINGS}/sync", {}, 429)
    world.pass_time(540)
    world.post(f"{SETTINGS}/sync", {}, 204)


def test_a_changed_tag_moves_the_device_to_another_group(world: World) -> None:
    one, two = _tag_group(world, "site-1"), _tag_group(world, "site-2")
    _import(world, _row("0001"))
    world.post(f"{SETTINGS}/sync", {}, 204)
    device = world.get(DEVICES)["value"][0]["id"]
    assert len(world.get(f"/v1.0/groups/{one}/members")["value"]) == 1
    world.post(f"{DEVICES}/{device}/updateDeviceProperties", {"groupTag": "site-2"}, 204)
    assert not world.get(f"/v1.0/groups/{one}/members")["value"]
    assert world.get(f"/v1.0/groups/{two}/members")["value"][0]["displayName"] == "0001"
    world.post(f"{DEVICES}/{device}/updateDeviceProperties", {"serialNumber": "x"}, 400)


def test_a_device_leaves_the_list_some_time_after_its_removal(make_world: Callable[..., World]) -> None:
    world = make_world(delays=Delays(removal=timedelta(minutes=2)))
    _import(world, _row("0001"))
    world.post(f"{SETTINGS}/sync", {}, 204)
    device = world.get(DEVICES)["value"][0]["id"]
    entra = world.get("/v1.0/devices")["value"][0]["id"]
    world.delete(f"/v1.0/devices/{entra}", 400)
    world.delete(f"{DEVICES}/{device}", 200)
    assert world.get(DEVICES)["value"]
    world.pass_time(120)
    assert not world.get(DEVICES)["value"]
    assert not world.get("/v1.0/devices")["value"]


def test_an_enrolled_device_is_removed_from_intune_first(world: World) -> None:
    _import(world, _row("0001"))
    world.post(f"{SETTINGS}/sync", {}, 204)
    device = world.get(DEVICES)["value"][0]["id"]
    managed = add_managed_device(world.tenant, "0001")
    world.delete(f"{DEVICES}/{device}", 400)
    world.delete(f"/v1.0/deviceManagement/managedDevices/{managed}")
    world.delete(f"{DEVICES}/{device}", 200)


@pytest.mark.parametrize(
    "wrong",
    [
        {"@odata.type": None},
        {"deviceNameTemplate": "HEADSET-OF-CONTOSO-%SERIAL%"},
        {"deviceNameTemplate": "HL_%SERIAL%"},
        {"deviceNameTemplate": "HEADSET-%RAND:9%"},
        {"displayName": ""},
        {"displayName": "x" * 201},
        {"description": "x" * 1501},
        {"preprovisioningAllowed": True},
        {"hardwareHashExtractionEnabled": True},
        {"outOfBoxExperienceSetting": {"deviceUsageType": "shared", "escapeLinkHidden": False}},
        {"outOfBoxExperienceSetting": {"deviceUsageType": "singleUser", "escapeLinkHidden": True}},
        {"@odata.type": "#microsoft.graph.activeDirectoryWindowsAutopilotDeploymentProfile"},
    ],
    ids=str,
)
def test_a_profile_that_does_not_suit_hololens_is_refused(world: World, wrong: dict[str, Any]) -> None:
    body = {k: v for k, v in {**_profile(), **wrong}.items() if v is not None}
    world.post(PROFILES, body, 400)


def test_the_kind_of_device_of_a_profile_never_changes(world: World) -> None:
    made = world.post(PROFILES, _profile())["id"]
    tag = {"@odata.type": "#microsoft.graph.azureADWindowsAutopilotDeploymentProfile"}
    world.patch(f"{PROFILES}/{made}", {**tag, "deviceType": "windowsPc"}, 400)
    world.patch(f"{PROFILES}/{made}", {**tag, "description": "new"}, 200)


def test_a_profile_for_computers_fails_on_a_headset(world: World) -> None:
    group = _tag_group(world)
    made = world.post(PROFILES, _profile(deviceType="windowsPc"))["id"]
    target = {"@odata.type": "#microsoft.graph.groupAssignmentTarget", "groupId": group}
    world.post(f"{PROFILES}/{made}/assignments", {"target": target})
    _import(world, _row("0001"))
    world.post(f"{SETTINGS}/sync", {}, 204)
    found = world.get(LIST)["value"][0]
    assert found["deploymentProfileAssignmentStatus"] == "failed"
    assert found["deploymentProfileAssignmentDetailedStatus"] == "windowsPcProfileNotSupported"


def test_assignments_of_a_profile_are_made_and_removed_one_by_one(world: World) -> None:
    group = _tag_group(world)
    made = world.post(PROFILES, _profile())["id"]
    path = f"{PROFILES}/{made}/assignments"
    target = {"target": {"@odata.type": "#microsoft.graph.groupAssignmentTarget", "groupId": group}}
    assignment = world.post(path, target)["id"]
    world.post(path, target, 409)
    world.post(path, {"assignments": [target]}, 400)
    world.delete(f"{PROFILES}/{made}", 400)
    world.delete(f"{path}/{assignment}")
    world.delete(f"{PROFILES}/{made}")
    assert not world.get(PROFILES)["value"]
