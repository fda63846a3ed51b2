"""Managed devices carry out actions later; exports are fetched elsewhere; logs say who did what."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from tests.unit.emulator.world import World, group_body, user_body

from holofleet.emulator import Delays
from holofleet.emulator.tenant.seed import add_managed_device

DEVICES = "deviceManagement/managedDevices"
EXPORTS = "/v1.0/deviceManagement/reports/exportJobs"


def _results(world: World, device: str) -> dict[str, str]:
    found = world.get(f"/v1.0/{DEVICES}/{device}")["deviceActionResults"]
    return {result["actionName"]: result["actionState"] for result in found}


def test_an_action_is_queued_and_done_later(make_world: Callable[..., World]) -> None:
    world = make_world(delays=Delays(action=timedelta(minutes=2)))
    device = add_managed_device(world.tenant, "0001")
    world.post(f"/v1.0/{DEVICES}/{device}/syncDevice", {}, 204)
    world.post(f"/beta/{DEVICES}/executeAction", {"actionName": "rebootNow", "deviceIds": [device]}, 200)
    assert _results(world, device) == {"syncDevice": "pending", "rebootNow": "pending"}
    world.pass_time(120)
    assert _results(world, device) == {"syncDevice": "done", "rebootNow": "done"}


def test_a_wiped_device_leaves_and_one_that_keeps_its_enrollment_stays(world: World) -> None:
    gone, kept = add_managed_device(world.tenant, "0001"), add_managed_device(world.tenant, "0002")
    world.post(f"/v1.0/{DEVICES}/{gone}/wipe", {"keepEnrollmentData": False, "keepUserData": False}, 204)
    world.post(f"/v1.0/{DEVICES}/{kept}/wipe", {"keepEnrollmentData": True}, 204)
    assert [v["serialNumber"] for v in world.get(f"/v1.0/{DEVICES}")["value"]] == ["0002"]


def test_many_devices_at_once_are_told_apart(world: World) -> None:
    device = add_managed_device(world.tenant, "0001")
    body = {"actionName": "syncDevice", "deviceIds": [device, "nobody"]}
    answer = world.post(f"/beta/{DEVICES}/executeAction", body, 200)
    assert (answer["successfulDeviceIds"], answer["notFoundDeviceIds"]) == ([device], ["nobody"])
    world.post(f"/beta/{DEVICES}/executeAction", {**body, "actionName": "explode"}, 400)
    world.post(f"/beta/{DEVICES}/executeAction", {**body, "deviceIds": [device] * 101}, 400)


def test_devices_are_found_by_what_the_service_can_filter(world: World) -> None:
    add_managed_device(world.tenant, "0001")
    add_managed_device(world.tenant, "0002", model="Surface", lastSyncDateTime="2026-01-01T00:00:00Z")
    found = world.get(f"/v1.0/{DEVICES}?$filter=model eq 'HoloLens 2'&$select=serialNumber")["value"]
    assert found == [{"serialNumber": "0001"}]
    old = world.get(f"/v1.0/{DEVICES}?$filter=lastSyncDateTime le 2026-02-01T00:00:00Z&$select=serialNumber")[
        "value"
    ]
    assert old == [{"serialNumber": "0002"}]
    world.get(f"/v1.0/{DEVICES}?$filter=startswith(serialNumber,'0')", 400)


def test_logs_of_a_device_are_collected_and_fetched(world: World) -> None:
    device = add_managed_device(world.tenant, "0001")
    path = f"/{DEVICES}/{device}"
    body = {"templateType": {"templateType": "predefined"}}
    request = world.post(f"/beta{path}/createDeviceLogCollectionRequest", body)["id"]
    assert world.get(f"/beta{path}/logCollectionRequests")["value"][0]["status"] == "completed"
    url = world.post(f"/beta{path}/logCollectionRequests/{request}/createDownloadUrl", {}, 200)["value"]
    assert world.client.get(url).status_code == 200


def _exported(world: World, url: str) -> list[dict[str, str]]:
    with zipfile.ZipFile(io.BytesIO(world.client.get(url).content)) as archive:
        return list(csv.DictReader(io.StringIO(archive.read(archive.namelist()[0]).decode())))


def test_an_export_is_ready_later_and_fetched_without_a_token(make_world: Callable[..., World]) -> None:
    world = make_world(delays=Delays(export=timedelta(seconds=30)))
    add_managed_device(world.tenant, "0001")
    body = {"reportName": "Devices", "select": ["SerialNumber", "OSVersion"], "format": "csv"}
    job = world.post(EXPORTS, body)["id"]
    assert world.get(f"{EXPORTS}('{job}')")["status"] == "inProgress"
    world.pass_time(30)
    url = world.get(f"{EXPORTS}('{job}')")["url"]
    assert _exported(world, url) == [{"SerialNumber": "0001", "OSVersion": "10.0.22621.1266"}]
    assert world.tenant.leaked_tokens == 0
    assert world.client.get(url, headers={"Authorization": "Bearer x"}).status_code == 403
    assert world.tenant.leaked_tokens == 1
    world.pass_time(7 * 3600)
    assert world.client.get(url).status_code == 404


def test_an_export_of_unknown_columns_is_refused(world: World) -> None:
    world.post(EXPORTS, {"reportName": "Devices", "select": ["Invented"]}, 400)
    world.post(EXPORTS, {"reportName": "Invented"}, 400)
    world.post(EXPORTS, {"reportName": "Devices", "status": "completed"}, 400)


def test_devices_report_on_the_configurations_that_they_get(world: World) -> None:
    entra = world.tenant.create("devices", "device", {"displayName": "0001", "deviceId": "entra-1"})
    device = add_managed_device(world.tenant, "0001", azureADDeviceId="entra-1")
    add_managed_device(world.tenant, "0002")
    group = world.post(
        "/v1.0/groups",
        group_body(
            "one", **{"members@odata.bind": [f"https://graph.microsoft.com/v1.0/directoryObjects/{entra.id}"]}
        ),
    )["id"]
    setting = {
        "@odata.type": "#microsoft.graph.omaSettingInteger",
        "displayName": "a",
        "omaUri": "./Device/A",
        "value": 1,
    }
    kind = "#microsoft.graph.windows10CustomConfiguration"
    path = "/v1.0/deviceManagement/deviceConfigurations"
    made = world.post(path, {"@odata.type": kind, "displayName": "x", "omaSettings": [setting]})["id"]
    target = {"target": {"@odata.type": "#microsoft.graph.groupAssignmentTarget", "groupId": group}}
    world.post(f"{path}/{made}/assign", {"assignments": [target]}, 200)
    world.tenant.reported_states[made, device] = "error"
    assert [s["status"] for s in world.get(f"{path}/{made}/deviceStatuses")["value"]] == ["error"]
    assert world.get(f"{path}/{made}/deviceStatusOverview")["errorCount"] == 1
    states = world.get(f"/v1.0/{DEVICES}/{device}/deviceConfigurationStates")["value"]
    assert [s["state"] for s in states] == ["error"]


def _profile(world: World) -> Any:
    kind = "#microsoft.graph.sharedPCConfiguration"
    path = "/v1.0/deviceManagement/deviceConfigurations"
    return world.post(path, {"@odata.type": kind, "displayName": "shared", "enabled": True})


def test_a_change_behind_ones_back_is_seen_and_told_with_who_did_it(world: World) -> None:
    made = _profile(world)["id"]
    item = world.tenant.collection("deviceConfigurations")[made]
    world.pass_time(60)
    world.tenant.edit("deviceConfigurations", item, {"enabled": False}, actor="adele@contoso.com")
    read = world.get(f"/v1.0/deviceManagement/deviceConfigurations/{made}")
    assert (read["enabled"], read["version"]) == (False, 2)
    since = "$filter=activityDateTime ge 2026-03-01T08:01:00Z&$orderby=activityDateTime desc"
    event = world.get(f"/v1.0/deviceManagement/auditEvents?{since}")["value"][0]
    assert event["actor"]["userPrincipalName"] == "adele@contoso.com"
    changed = {
        p["displayName"]: (p["oldValue"], p["newValue"]) for p in event["resources"][0]["modifiedProperties"]
    }
    assert changed["enabled"] == ("true", "false")


def test_the_directory_keeps_its_own_log(world: World) -> None:
    made = world.post("/v1.0/users", user_body("1"))["id"]
    world.tenant.edit(
        "users", world.tenant.collection("users")[made], {"displayName": "x"}, actor="adele@contoso.com"
    )
    audits = world.get("/v1.0/auditLogs/directoryAudits")["value"]
    assert [(a["activityDisplayName"], bool(a["initiatedBy"]["user"])) for a in audits] == [
        ("Add user", False),
        ("Update user", True),
    ]
    assert not world.get("/v1.0/auditLogs/signIns?$filter=userPrincipalName eq 'HL-1@contoso.com'")["value"]
