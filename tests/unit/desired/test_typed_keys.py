"""What each typed key becomes on the wire, and that no key of the model is forgotten."""

from typing import Any, get_args

import pytest
from pydantic import BaseModel
from tests.unit.desired.fleets import TENANT, told

from holofleet import catalog
from holofleet.desired.groups import GROUPS, OWNERS
from holofleet.desired.wanted import rule_of
from holofleet.spec import DeploymentSettings

HELLO = f"PassportForWork/{TENANT}/Policies/"
PIN = HELLO + "PINComplexity/"

CASES = [
    ("restrictions: {baseline: none, developer_mode: true}", {"ApplicationManagement/AllowDeveloperUnlock": "1"}),
    (
        "restrictions: {usb_data: false, storage_card: true}",
        {"Connectivity/AllowUSBConnection": "0", "System/AllowStorageCard": "1"},
    ),
    ("restrictions: {bluetooth: true}", {"Connectivity/AllowBluetooth": "2"}),
    ("restrictions: {bluetooth: false}", {"Connectivity/AllowBluetooth": "0"}),
    ("restrictions: {diagnostics: device-owners}", {"MixedReality/FallbackDiagnostics": "1"}),
    (
        "restrictions: {provisioning_packages: {add: false, remove: true}}",
        {"Security/AllowAddProvisioningPackage": "0", "Security/AllowRemoveProvisioningPackage": "1"},
    ),
    (
        "privacy: {camera: allow, microphone: user, telemetry: optional, location_service: true}",
        {
            "Privacy/LetAppsAccessCamera": "1",
            "Privacy/LetAppsAccessMicrophone": "0",
            "System/AllowTelemetry": "3",
            "System/AllowLocation": "2",
        },
    ),
    ("settings_pages: {hide: [reset, bluetooth]}", {"Settings/PageVisibilityList": "hide:reset;bluetooth"}),
    (
        """
        updates:
          automatic: scheduled
          deferral: {feature_days: 60, quality_days: 7}
          active_hours: {start: 7, end: 18}
          install: {day: wednesday, time: 03:00}
          deadline: {feature_days: 7, quality_days: 2, grace_days: 1, restart_early: true}
          user_may_pause: false
          preview_builds: false
        """,
        {
            "Update/AllowAutoUpdate": "3",
            "Update/DeferFeatureUpdatesPeriodInDays": "60",
            "Update/DeferQualityUpdatesPeriodInDays": "7",
            "Update/ActiveHoursStart": "7",
            "Update/ActiveHoursEnd": "18",
            "Update/ScheduledInstallDay": "4",
            "Update/ScheduledInstallTime": "3",
            "Update/ConfigureDeadlineForFeatureUpdates": "7",
            "Update/ConfigureDeadlineForQualityUpdates": "2",
            "Update/ConfigureDeadlineGracePeriod": "1",
            "Update/ConfigureDeadlineNoAutoReboot": "0",
            "Update/SetDisablePauseUXAccess": "1",
            "Update/ManagePreviewBuilds": "0",
            "Update/AllowUpdateService": "1",
        },
    ),
    ("apps: {auto_update: false}", {"ApplicationManagement/AllowAppStoreAutoUpdate": "0"}),
    (
        "sign_in: {hello: true, require_tpm: true, iris: false, security_key: true,"
        " pin: {digits_only: true, required: true}}",
        {
            HELLO + "UsePassportForWork": "true",
            HELLO + "RequireSecurityDevice": "true",
            HELLO + "DisablePostLogonProvisioning": "false",
            PIN + "Digits": "0",
            PIN + "LowercaseLetters": "2",
            PIN + "UppercaseLetters": "2",
            PIN + "SpecialCharacters": "2",
            "PassportForWork/Biometrics/UseBiometrics": "false",
            "PassportForWork/SecurityKey/UseSecurityKeyForSignin": "1",
        },
    ),
    (
        "sign_in: {lock_after_min: 5, password_after_idle: true, preferred_domain: contoso.com,"
        " other_user_first: true}\n"
        "restrictions: {baseline: none}",
        {
            "DeviceLock/DevicePasswordEnabled": "0",
            "DeviceLock/MaxInactivityTimeDeviceLock": "5",
            "DeviceLock/AllowIdleReturnWithoutPassword": "0",
            "Authentication/PreferredAadTenantDomainName": "contoso.com",
            "MixedReality/PreferLogonAsOtherUser": "1",
        },
    ),
    (
        "sign_in: {auto_logon: true}\naccounts: {users: per-headset}",
        {"MixedReality/AutoLogonUser": "{{account}}"},
    ),
    (
        "network: {wifi: {radio: true, manual: false}}",
        {"Wifi/AllowWiFi": "1", "Wifi/AllowManualWiFiConfiguration": "0"},
    ),
    ("network: {time: {server: time.contoso.com}}", {"MixedReality/NtpClientEnabled": "<enabled/>"}),
    (
        "profiles: {manage: true, delete: by-storage-and-age, unused_days: 14,"
        " start_below_percent: 20, stop_above_percent: 40}",
        {
            "AccountManagement/UserProfileManagement/EnableProfileManager": "true",
            "AccountManagement/UserProfileManagement/DeletionPolicy": "2",
            "AccountManagement/UserProfileManagement/ProfileInactivityThreshold": "14",
            "AccountManagement/UserProfileManagement/StorageCapacityStartDeletion": "20",
            "AccountManagement/UserProfileManagement/StorageCapacityStopDeletion": "40",
        },
    ),
    (
        "power: {display_off_on_battery_s: 120, standby_plugged_in_s: 1800, restart: {day: sunday, time: 02:30}}",
        {
            "Power/DisplayOffTimeoutOnBattery": '<enabled/><data id="EnterVideoDCPowerDownTimeOut" value="120"/>',
            "Power/StandbyTimeoutPluggedIn": '<enabled/><data id="EnterACStandbyTimeOut" value="1800"/>',
            "Reboot/Schedule/WeeklyRecurrent": "2024-01-07T02:30:00",
        },
    ),
    ("power: {restart: {time: 02:30}}", {"Reboot/Schedule/DailyRecurrent": "2024-01-01T02:30:00"}),
    ("first_start: {skip_training: true}", {"MixedReality/SkipTrainingDuringSetup": "1"}),
    (
        "device_owners: [technician1@contoso.com, admin@contoso.com]",
        {
            "LocalUsersAndGroups/Configure": '<GroupConfiguration><accessgroup desc="Device Owners">'
            '<group action="U"/><add member="AzureAD\\admin@contoso.com"/>'
            '<add member="AzureAD\\technician1@contoso.com"/>'
            "</accessgroup></GroupConfiguration>"
        },
    ),
    (
        "poll: {first: {times: 2, every_min: 1}, then_every_min: 60, on_sign_in: false}",
        {
            "DMClient/Provider/holofleet/Poll/NumberOfFirstRetries": "2",
            "DMClient/Provider/holofleet/Poll/IntervalForFirstSetOfRetries": "1",
            "DMClient/Provider/holofleet/Poll/NumberOfSecondRetries": "8",
            "DMClient/Provider/holofleet/Poll/NumberOfRemainingScheduledRetries": "0",
            "DMClient/Provider/holofleet/Poll/IntervalForRemainingScheduledRetries": "60",
            "DMClient/Provider/holofleet/Poll/PollOnLogin": "false",
        },
    ),
]


@pytest.mark.parametrize(("yaml", "nodes"), CASES, ids=[yaml.strip()[:40] for yaml, _ in CASES])
def test_a_key_becomes_its_nodes(yaml, nodes):
    data = told(yaml)
    assert {node: data.get(node) for node in nodes} == nodes


@pytest.mark.parametrize("level", ["standard", "advanced"])
def test_a_baseline_sets_every_node_that_the_vendor_gives_a_value_for(level):
    data = told(f"restrictions: {{baseline: {level}}}")
    for node in catalog.nodes().all():
        value = node.baseline.value(level) if node.baseline else None
        name = node.oma_uri.removeprefix("./Device/Vendor/MSFT/Policy/Config/").removeprefix(
            "./Device/Vendor/MSFT/"
        )
        if value is not None and "TenantLockdown" not in name:
            assert name.replace("{TenantId}", TENANT) in data


def test_without_a_baseline_only_what_is_said_is_set():
    data = told("restrictions: {baseline: none}")
    assert "Browser/AllowCookies" not in data
    assert "DeviceLock/MinDevicePasswordLength" not in data


@pytest.mark.parametrize(
    ("pin", "expected"),
    [("min_length: 8", ("8", "8")), ("max_length: 4", ("4", "4")), ("min_length: 8, max_length: 12", ("8", "12"))],
)
def test_a_pin_length_never_becomes_an_empty_range_against_the_baseline(pin, expected):
    data = told(f"sign_in: {{pin: {{{pin}}}}}")
    assert (data[PIN + "MinimumPINLength"], data[PIN + "MaximumPINLength"]) == expected


def test_auto_logon_that_is_off_writes_nothing():
    assert "MixedReality/AutoLogonUser" not in told("sign_in: {auto_logon: false}")


def test_the_poll_schedule_belongs_to_our_server_alone():
    assert any("/Poll/" in node for node in told())
    assert not any("/Poll/" in node for node in told(target="files"))


def test_every_owned_node_is_in_the_catalog_and_can_be_written():
    for uri in OWNERS:
        node = catalog.nodes().find(uri)
        assert node is not None, uri
        assert node.oma_uri == uri
        assert node.writable, uri


def test_every_word_of_a_switch_is_a_value_of_its_node():
    for group in GROUPS:
        for switch in group.switches:
            node = catalog.nodes().find(switch.node)
            for value in (switch.words or {}).values():
                node.check(node.data(value))


def test_no_node_has_two_owners():
    claims = [node for group in GROUPS for node in group.owners]
    assert len(claims) == len(set(claims))


def test_the_rule_of_a_key_is_the_one_that_the_model_names():
    assert rule_of("restrictions.usb_data") == "EXT-24"
    assert rule_of("kiosk.for") == "EXT-22"
    assert rule_of("sign_in.pin.min_length") == "EXT-46"


READ_ELSEWHERE = {
    "enrollment.package": "written into provisioning packages",
    "restrictions.baseline": "baseline",
    "tenant_lock": "tenant lock",
    "kiosk": "kiosk",
    "app_control.deny": "app control",
    "app_control.base": "app control",
    "app_control.trust": "app control",
    "app_control.policy_file": "app control",
    "app_control.policies": "app control",
    "settings_pages": "settings pages",
    "updates.build": "decides which nodes exist",
    "updates.source": "updates",
    "updates.install": "updates",
    "sign_in.pin.digits_only": "sign-in",
    "sign_in.auto_logon": "sign-in",
    "accounts.kind": "accounts",
    "accounts.users": "accounts",
    "accounts.name": "accounts",
    "accounts.display_name": "accounts",
    "accounts.domain": "accounts",
    "accounts.certificate": "shared account",
    "certificates": "certificates",
    "network.vpn": "vpn",
    "network.time": "time server",
    "device_owners": "device owners",
    "power": "power",
    "poll": "poll",
    "reconnect": "deployment resource",
    "verify_every_h": "deployment resource",
    "enrollment.join": "deployment resource",
    "settings": "raw settings",
}
UNDELIVERED = (
    "app_control.allow",
    "apps.required",
    "enrollment.autopilot",
    "accounts.password",
    "accounts.licenses",
    "accounts.custody",
    "accounts.audit",
    "assist",
)
STATEMENTS_OF_FACT = (
    "updates.mode",
    "apps.data",
    "network.internal_resources",
    "enrollment.automatic",
    "enrollment.first_account",
    "enrollment.online_sign_in_by",
    "accounts.mfa_owner",
    "accounts.features",
    "accounts.manual_because",
    "accounts.own_risks",
)
"""Judged by checks; there is nothing in them that could be delivered."""


def leaves(model: type[BaseModel], path: str = "") -> list[str]:
    found: list[str] = []
    for name, field in model.model_fields.items():
        key = f"{path}{field.alias or name}"
        below = _models(field.annotation)
        is_list = "tuple[" in str(field.annotation)
        found += leaves(below[0], key + ".") if below and not is_list else [key]
    return found


def _models(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for arg in get_args(annotation) for model in _models(arg)]


def test_every_key_of_a_deployment_is_compiled_or_shown_as_undelivered_or_a_statement_of_fact():
    known = {switch.key for group in GROUPS for switch in group.switches}
    known |= {*READ_ELSEWHERE, *UNDELIVERED, *STATEMENTS_OF_FACT}
    every = leaves(DeploymentSettings)
    assert len(every) > 100
    forgotten = [leaf for leaf in every if not any(leaf == key or leaf.startswith(key + ".") for key in known)]
    assert forgotten == []


def words_of(key: str) -> set[object]:
    """Return the words that the model allows for a key; both truth values for a flag."""
    model: Any = DeploymentSettings
    annotation: Any = None
    for part in key.split("."):
        annotation = model.model_fields[part].annotation
        model = (_models(annotation) or [None])[0]
    literals = {
        word for arg in (annotation, *get_args(annotation)) for word in get_args(arg) if isinstance(word, str)
    }
    return literals or {True, False}


def test_every_word_that_the_model_allows_has_a_value():
    for group in GROUPS:
        for switch in group.switches:
            if switch.words is not None:
                assert set(switch.words) == words_of(switch.key), switch.key
