"""Configurations, compliance, enrollment and apps: typed bodies, hidden values, whole sets of assignments."""

from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from tests.unit.emulator.world import World, group_body

from holofleet.emulator import Delays

CUSTOM = "#microsoft.graph.windows10CustomConfiguration"
PROFILES = "deviceManagement/deviceConfigurations"


def _text(uri: str, value: str = "secret words") -> dict[str, Any]:
    return {"@odata.type": "#microsoft.graph.omaSettingString", "displayName": uri, "omaUri": uri, "value": value}


def _number(uri: str, value: int) -> dict[str, Any]:
    return {"@odata.type": "#microsoft.graph.omaSettingInteger", "displayName": uri, "omaUri": uri, "value": value}


def _xml(uri: str, content: str) -> dict[str, Any]:
    value = base64.b64encode(content.encode()).decode()
    kind = "#microsoft.graph.omaSettingStringXml"
    return {"@odata.type": kind, "displayName": uri, "omaUri": uri, "value": value, "fileName": "x.xml"}


def _profile(*settings: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"@odata.type": CUSTOM, "displayName": "texts", "omaSettings": list(settings), **more}


def _target(group: str, kind: str = "groupAssignmentTarget", **more: Any) -> dict[str, Any]:
    return {"target": {"@odata.type": f"#microsoft.graph.{kind}", "groupId": group, **more}}


def _group(world: World, name: str = "headsets") -> str:
    return str(world.post("/v1.0/groups", group_body(name))["id"])


# Custom profiles


def test_encrypted_values_read_back_as_asterisks_with_a_reference_on_beta_only(world: World) -> None:
    made = world.post(f"/beta/{PROFILES}", _profile(_text("./Device/A"), _number("./Device/B", 3)))
    text, number = world.get(f"/beta/{PROFILES}/{made['id']}")["omaSettings"]
    assert (text["value"], text["isEncrypted"], bool(text["secretReferenceValueId"])) == ("****", True, True)
    assert (number["value"], number["isEncrypted"], number["secretReferenceValueId"]) == (3, False, None)
    stable = world.get(f"/v1.0/{PROFILES}/{made['id']}")["omaSettings"][0]
    assert stable["value"] == "****"
    assert "isEncrypted" not in stable
    plain = f"getOmaSettingPlainTextValue(secretReferenceValueId='{text['secretReferenceValueId']}')"
    assert world.get(f"/beta/{PROFILES}/{made['id']}/{plain}")["value"] == "secret words"
    world.get(f"/beta/{PROFILES}/{made['id']}/getOmaSettingPlainTextValue(secretReferenceValueId='x')", 404)


def test_a_change_replaces_the_settings_whole_and_gives_new_references(world: World) -> None:
    path = (
        f"/beta/{PROFILES}/"
        + world.post(f"/beta/{PROFILES}", _profile(_text("./Device/A"), _text("./Device/B")))["id"]
    )
    before = world.get(path)
    world.patch(path, {"@odata.type": CUSTOM, "omaSettings": [_text("./Device/A")]}, 200)
    after = world.get(path)
    assert [s["omaUri"] for s in after["omaSettings"]] == ["./Device/A"]
    assert after["omaSettings"][0]["secretReferenceValueId"] != before["omaSettings"][0]["secretReferenceValueId"]
    assert (before["version"], after["version"]) == (1, 2)
    assert after["displayName"] == "texts"


@pytest.mark.parametrize(
    "body",
    [
        {"displayName": "x", "omaSettings": [_text("./Device/A")]},
        _profile(),
        _profile(_text("./Device/A"), _text("./Device/A")),
        _profile(_text("./Device/has blank")),
        _profile(_text("Device/A")),
        _profile(_text("./Device/A", "x" * 350_001)),
        _profile({**_text("./Device/A"), "secretReferenceValueId": "x"}),
        _profile({**_text("./Device/A"), "isEncrypted": True}),
        _profile({**_text("./Device/A"), "value": 3}),
        _profile({**_number("./Device/A", 3), "value": "3"}),
        _profile({**_xml("./Device/A", "<a/>"), "value": "<a/>"}),
        _profile({**_xml("./Device/A", "<a/>"), "fileName": None}),
        _profile({k: v for k, v in _text("./Device/A").items() if k != "@odata.type"}),
        _profile(_text("./Device/A"), supportsScopeTags=True),
        _profile(_text("./Device/A"), version=1),
        _profile(_text("./Device/A"), createdDateTime="2026-01-01T00:00:00Z"),
        _profile(_text("./Device/A"), assignments=[]),
        _profile(_text("./Device/A"), displayName="x" * 201),
    ],
    ids=lambda value: str(value)[:60],
)
def test_a_profile_that_intune_would_not_take_is_refused(world: World, body: dict[str, Any]) -> None:
    refused = world.post(f"/beta/{PROFILES}", body, 400)
    assert "Activity ID" in world.message(refused)
    assert not world.tenant.collection("deviceConfigurations")


def test_what_nobody_said_is_read_with_its_default(world: World) -> None:
    kind = "#microsoft.graph.windowsUpdateForBusinessConfiguration"
    made = world.post(f"/v1.0/{PROFILES}", {"@odata.type": kind, "displayName": "ring", "driversExcluded": True})
    assert made["driversExcluded"] is True
    assert made["microsoftUpdateServiceAllowed"] is False
    assert made["automaticUpdateMode"] == "userDefined"
    assert made["qualityUpdatesDeferralPeriodInDays"] == 0
    assert made["deadlineGracePeriodInDays"] is None
    custom = world.post(f"/beta/{PROFILES}", _profile(_number("./Device/B", 3)))
    assert custom["roleScopeTagIds"] == ["0"]
    assert custom["omaSettings"][0]["description"] is None
    assert custom["omaSettings"][0]["isReadOnly"] is False


def test_a_change_has_to_name_the_type_and_cannot_change_it(world: World) -> None:
    path = f"/v1.0/{PROFILES}/" + world.post(f"/v1.0/{PROFILES}", _profile(_text("./Device/A")))["id"]
    world.patch(path, {"displayName": "x"}, 400)
    world.patch(path, {"@odata.type": "#microsoft.graph.sharedPCConfiguration", "displayName": "x"}, 400)


def test_beta_profiles_are_not_listed_in_the_stable_version(world: World) -> None:
    body = {
        "@odata.type": "#microsoft.graph.windows81TrustedRootCertificate",
        "displayName": "root",
        "trustedRootCertificate": "AAEC",
        "destinationStore": "computerCertStoreRoot",
    }
    world.post(f"/beta/{PROFILES}", body)
    assert len(world.get(f"/beta/{PROFILES}")["value"]) == 1
    assert not world.get(f"/v1.0/{PROFILES}")["value"]


def test_a_certificate_profile_needs_its_root_first(world: World) -> None:
    root = world.post(
        f"/beta/{PROFILES}",
        {
            "@odata.type": "#microsoft.graph.windows81TrustedRootCertificate",
            "displayName": "root",
            "trustedRootCertificate": "AAEC",
            "destinationStore": "computerCertStoreRoot",
        },
    )["id"]
    bind = "https://graph.microsoft.com/beta/deviceManagement/deviceConfigurations('{}')"
    body = {
        "@odata.type": "#microsoft.graph.windows81SCEPCertificateProfile",
        "displayName": "account",
        "certificateStore": "machine",
        "keySize": "size2048",
        "keyUsage": "digitalSignature,keyEncipherment",
        "hashAlgorithm": "sha2",
        "scepServerUrls": ["https://scep.contoso.com"],
        "subjectNameFormat": "custom",
        "subjectNameFormatString": "CN={{Device_Serial}}",
        "extendedKeyUsages": [{"name": "Client Authentication", "objectIdentifier": "1.3.6.1.5.5.7.3.2"}],
        "certificateValidityPeriodScale": "years",
        "certificateValidityPeriodValue": 1,
        "renewalThresholdPercentage": 20,
    }
    world.post(f"/beta/{PROFILES}", body, 400)
    world.post(f"/beta/{PROFILES}", {**body, "rootCertificate@odata.bind": bind.format("elsewhere")}, 400)
    made = world.post(f"/beta/{PROFILES}", {**body, "rootCertificate@odata.bind": bind.format(root)})["id"]
    assert world.get(f"/beta/{PROFILES}/{made}/rootCertificate")["id"] == root
    again = {"@odata.type": body["@odata.type"], "rootCertificate@odata.bind": bind.format(root)}
    world.patch(f"/beta/{PROFILES}/{made}", again, 400)


# Assignments


def test_assign_replaces_the_whole_set(world: World) -> None:
    one, two = _group(world, "one"), _group(world, "two")
    made = world.post(f"/v1.0/{PROFILES}", _profile(_text("./Device/A")))["id"]
    path = f"/v1.0/{PROFILES}/{made}"
    world.post(f"{path}/assign", {"assignments": [_target(one)]}, 200)
    world.post(
        f"{path}/assign", {"assignments": [_target(two), _target(two, "exclusionGroupAssignmentTarget")]}, 400
    )
    world.post(f"{path}/assign", {"assignments": [_target(two)]}, 200)
    listed = world.get(f"/v1.0/{PROFILES}?$expand=assignments")["value"][0]["assignments"]
    assert [a["id"] for a in listed] == [f"{made}_{two}"]
    world.post(f"{path}/assign", {"assignments": []}, 200)
    assert not world.get(f"{path}/assignments")["value"]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"deviceConfigurationAssignments": []},
        {"assignments": [{"target": {"groupId": "x"}}]},
        {"assignments": [_target("x", "inventedTarget")]},
        {"assignments": [_target("11111111-2222-4333-8444-555555555555")]},
        {"assignments": [{"groupId": "x"}]},
        {"assignments": [{"id": "x", "target": {"@odata.type": "#microsoft.graph.allDevicesAssignmentTarget"}}]},
    ],
    ids=str,
)
def test_an_assignment_that_intune_would_not_take_is_refused(world: World, body: Any) -> None:
    made = world.post(f"/v1.0/{PROFILES}", _profile(_text("./Device/A")))["id"]
    world.post(f"/v1.0/{PROFILES}/{made}/assign", body, 400)


def test_intune_knows_a_new_group_late(make_world: Callable[..., World]) -> None:
    world = make_world(delays=Delays(intune=timedelta(seconds=30)))
    group = _group(world)
    made = world.post(f"/v1.0/{PROFILES}", _profile(_text("./Device/A")))["id"]
    world.post(f"/v1.0/{PROFILES}/{made}/assign", {"assignments": [_target(group)]}, 400)
    world.pass_time(30)
    world.post(f"/v1.0/{PROFILES}/{made}/assign", {"assignments": [_target(group)]}, 200)


def test_an_assignment_of_beta_is_read_in_the_stable_version(world: World) -> None:
    made = world.post(f"/v1.0/{PROFILES}", _profile(_text("./Device/A")))["id"]
    body = {"assignments": [{"intent": "apply", **_target(_group(world))}]}
    world.post(f"/beta/{PROFILES}/{made}/assign", body, 200)
    held = world.get(f"/v1.0/{PROFILES}/{made}?$expand=assignments")["assignments"][0]
    assert set(held) == {"id", "target"}
    assert world.get(f"/beta/{PROFILES}/{made}?$expand=assignments")["assignments"][0]["intent"] == "apply"


def test_assignment_filters_exist_on_beta_only(world: World) -> None:
    group = _group(world)
    rule = '(device.model -eq "HoloLens 2")'
    body = {"displayName": "HoloLens", "platform": "windows10AndLater", "rule": rule}
    made_filter = world.post("/beta/deviceManagement/assignmentFilters", body)["id"]
    made = world.post(f"/v1.0/{PROFILES}", _profile(_text("./Device/A")))["id"]
    chosen = {
        "deviceAndAppManagementAssignmentFilterId": made_filter,
        "deviceAndAppManagementAssignmentFilterType": "include",
    }
    world.post(f"/v1.0/{PROFILES}/{made}/assign", {"assignments": [_target(group, **chosen)]}, 400)
    world.post(f"/beta/{PROFILES}/{made}/assign", {"assignments": [_target(group, **chosen)]}, 200)
    world.delete(f"/beta/deviceManagement/assignmentFilters/{made_filter}", 400)
    world.post(f"/v1.0/{PROFILES}/{made}/assign", {"assignments": [_target(group)]}, 200)
    held = world.get(f"/beta/{PROFILES}/{made}/assignments")["value"][0]["target"]
    assert held["deviceAndAppManagementAssignmentFilterType"] == "none"


# Compliance

COMPLIANCE = "/v1.0/deviceManagement/deviceCompliancePolicies"
BLOCK = {
    "actionType": "block",
    "gracePeriodHours": 0,
    "notificationTemplateId": "",
    "notificationMessageCCList": [],
}


def _compliance(*actions: dict[str, Any]) -> dict[str, Any]:
    return {
        "@odata.type": "#microsoft.graph.windows10CompliancePolicy",
        "displayName": "headsets",
        "osMinimumVersion": "10.0.22621.1244",
        "scheduledActionsForRule": [
            {"ruleName": "PasswordRequired", "scheduledActionConfigurations": list(actions)}
        ],
    }


def test_a_compliance_policy_has_a_block_action(world: World) -> None:
    world.post(COMPLIANCE, _compliance(), 400)
    world.post(COMPLIANCE, _compliance({**BLOCK, "actionType": "notification"}), 400)
    lacking = _compliance(BLOCK)
    del lacking["scheduledActionsForRule"]
    world.post(COMPLIANCE, lacking, 400)
    world.post(COMPLIANCE, _compliance(BLOCK))


def test_actions_are_read_by_expanding_and_changed_by_their_own_request(world: World) -> None:
    made = world.post(COMPLIANCE, _compliance(BLOCK))["id"]
    expand = "?$expand=assignments,scheduledActionsForRule($expand=scheduledActionConfigurations)"
    tag = {"@odata.type": "#microsoft.graph.windows10CompliancePolicy"}
    changed = [
        {"ruleName": "PasswordRequired", "scheduledActionConfigurations": [{**BLOCK, "gracePeriodHours": 72}]}
    ]
    world.patch(f"{COMPLIANCE}/{made}", {**tag, "scheduledActionsForRule": changed}, 400)
    body = {"deviceComplianceScheduledActionForRules": changed}
    world.post(f"{COMPLIANCE}/{made}/scheduleActionsForRules", body, 204)
    rules = world.get(f"{COMPLIANCE}/{made}{expand}")["scheduledActionsForRule"]
    assert [a["gracePeriodHours"] for r in rules for a in r["scheduledActionConfigurations"]] == [72]
    assert "scheduledActionsForRule" not in world.get(f"{COMPLIANCE}/{made}")


# Enrollment

ENROLLMENT = "deviceManagement/deviceEnrollmentConfigurations"


def _page(name: str) -> dict[str, Any]:
    kind = "#microsoft.graph.windows10EnrollmentCompletionPageConfiguration"
    return {"@odata.type": kind, "displayName": name, "showInstallationProgress": True}


def test_priorities_are_an_order(world: World) -> None:
    ids = [world.post(f"/beta/{ENROLLMENT}", _page(name))["id"] for name in "abc"]
    world.post(f"/beta/{ENROLLMENT}/{ids[2]}/setPriority", {"priority": 1}, 204)
    assert [world.get(f"/beta/{ENROLLMENT}/{i}")["priority"] for i in ids] == [2, 3, 1]
    world.delete(f"/beta/{ENROLLMENT}/{ids[0]}")
    assert [world.get(f"/beta/{ENROLLMENT}/{i}")["priority"] for i in ids[1:]] == [2, 1]
    world.post(f"/beta/{ENROLLMENT}/{ids[1]}/setPriority", {"priority": 3}, 400)


def test_the_defaults_of_the_tenant_stay(world: World) -> None:
    defaults = [v["id"] for v in world.get(f"/beta/{ENROLLMENT}")["value"]]
    assert len(defaults) == 3
    for identity in defaults:
        world.delete(f"/beta/{ENROLLMENT}/{identity}", 400)
        world.post(f"/beta/{ENROLLMENT}/{identity}/setPriority", {"priority": 1}, 400)


def test_enrollment_configurations_are_assigned_under_their_own_key(world: World) -> None:
    group = _group(world)
    made = world.post(f"/beta/{ENROLLMENT}", _page("a"))["id"]
    assert made.endswith("_Windows10EnrollmentCompletionPageConfiguration")
    world.post(f"/beta/{ENROLLMENT}/{made}/assign", {"assignments": [_target(group)]}, 400)
    body = {"enrollmentConfigurationAssignments": [_target(group)]}
    world.post(f"/beta/{ENROLLMENT}/{made}/assign", body, 200)


def test_a_restriction_of_one_platform_cannot_change_its_platform(world: World) -> None:
    body = {
        "@odata.type": "#microsoft.graph.deviceEnrollmentPlatformRestrictionConfiguration",
        "displayName": "windows",
        "platformType": "windows",
        "platformRestriction": {"platformBlocked": False, "personalDeviceEnrollmentBlocked": True},
    }
    world.post(f"/v1.0/{ENROLLMENT}", body, 400)
    made = world.post(f"/beta/{ENROLLMENT}", body)["id"]
    world.patch(f"/beta/{ENROLLMENT}/{made}", {"@odata.type": body["@odata.type"], "platformType": "mac"}, 400)


# Apps

APPS = "/beta/deviceAppManagement/mobileApps"
APP = {
    "@odata.type": "#microsoft.graph.winGetApp",
    "displayName": "Guides",
    "publisher": "Contoso",
    "packageIdentifier": "9NBLGGH4NNS1",
    "installExperience": {"runAsAccount": "system"},
}


def test_an_app_is_assigned_only_once_it_is_published(make_world: Callable[..., World]) -> None:
    world = make_world(delays=Delays(publishing=timedelta(minutes=1)))
    group = _group(world)
    made = world.post(APPS, APP)["id"]
    body = {
        "mobileAppAssignments": [
            {
                "@odata.type": "#microsoft.graph.mobileAppAssignment",
                "intent": "required",
                **_target(group),
                "settings": None,
            }
        ]
    }
    assert world.get(f"{APPS}/{made}")["publishingState"] == "processing"
    world.post(f"{APPS}/{made}/assign", body, 400)
    world.pass_time(60)
    assert world.get(f"{APPS}/{made}")["publishingState"] == "published"
    world.post(f"{APPS}/{made}/assign", body, 200)
    held = world.get(f"{APPS}?$expand=assignments")["value"][0]["assignments"]
    assert [(a["intent"], a["target"]["groupId"]) for a in held] == [("required", group)]


def test_an_app_of_the_closed_store_cannot_be_made(world: World) -> None:
    kind = "#microsoft.graph.microsoftStoreForBusinessApp"
    world.post(APPS, {"@odata.type": kind, "displayName": "x", "publisher": "x"}, 400)


def test_the_settings_catalog_pages_by_twenty_five(world: World) -> None:
    path = "/beta/deviceManagement/configurationPolicies"
    body = {"platforms": "windows10", "technologies": "mdm"}
    for n in range(30):
        world.post(path, {**body, "name": f"policy {n}"})
    first = world.get(f"{path}?$top=100")
    assert len(first["value"]) == 25
    assert len(world.get(first["@odata.nextLink"].removeprefix("http://127.0.0.1"))["value"]) == 5


def test_the_settings_of_the_device_management_are_sent_whole(world: World) -> None:
    world.patch("/v1.0/deviceManagement", {"settings": {"secureByDefault": True}}, 200)
    settings = world.get("/v1.0/deviceManagement?$select=settings")["settings"]
    assert settings == {
        "deviceComplianceCheckinThresholdDays": 30,
        "isScheduledActionEnabled": True,
        "secureByDefault": True,
    }
    world.patch("/v1.0/deviceManagement", {"subscriptionState": "active"}, 400)
