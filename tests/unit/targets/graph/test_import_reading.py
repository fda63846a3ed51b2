"""What an import reads of a tenant: what concerns HoloLens, with few requests, and nothing else."""

from __future__ import annotations

from typing import Any

import httpx2
import pytest
from tests.unit.desired.test_cloud import sample
from tests.unit.targets.graph.import_world import ROOT, FoundTenant, found

from holofleet import desired
from holofleet.cli.app import main
from holofleet.emulator.http import serving
from holofleet.emulator.transport import InProcess
from holofleet.imports.tenant import draft
from holofleet.resources import CompliancePolicy, EnrollmentRestriction
from holofleet.targets.graph import import_reading
from holofleet.targets.graph.lowering import ring
from holofleet.targets.graph.operations.operation import Effect
from holofleet.targets.graph.raising import raised

CUSTOM = "#microsoft.graph.windows10CustomConfiguration"
RING = {
    "@odata.type": ring.TYPE,
    "automaticUpdateMode": "autoInstallAndRebootAtScheduledTime",
    "installationSchedule": {
        "@odata.type": "#microsoft.graph.windowsUpdateScheduledInstall",
        "scheduledInstallDay": "wednesday",
        "scheduledInstallTime": "03:00:00.0000000",
    },
    "deadlineForQualityUpdatesInDays": 0,
    "featureUpdatesDeferralPeriodInDays": 60,
    "userPauseAccess": "disabled",
    "driversExcluded": False,
    "postponeRebootUntilAfterDeadline": False,
}


def profile(world: FoundTenant, name: str, target: dict[str, Any]) -> None:
    settings = [
        {
            "@odata.type": "#microsoft.graph.omaSettingInteger",
            "displayName": "USB",
            "omaUri": "./Device/Vendor/MSFT/Policy/Config/Connectivity/AllowUSBConnection",
            "value": 0,
        }
    ]
    body = {"@odata.type": CUSTOM, "displayName": name, "omaSettings": settings}
    path = f"{ROOT}/beta/deviceManagement/deviceConfigurations"
    with httpx2.Client(transport=InProcess(world.emulator)) as http:
        made = http.post(path, json=body).raise_for_status().json()
        http.post(f"{path}/{made['id']}/assign", json={"assignments": [{"target": target}]}).raise_for_status()


def test_every_operation_of_an_import_is_a_read() -> None:
    assert {operation.effect for operation in import_reading.READS} == {Effect.READ}


@pytest.mark.parametrize("name", ["external-clients", "shared-identity"])
def test_an_import_changes_nothing_and_takes_few_round_trips(name: str) -> None:
    state = desired.compile(sample(name), target="graph")
    world = FoundTenant(state)
    world.apply(state)
    before, trips = len(world.emulator.exchanges), world.emulator.trips
    world.snapshot()
    assert {exchange.method for exchange in world.emulator.exchanges[before:]} == {"GET"}
    # Lists, groups with members, values that lists do not show; version v1.0 and beta in batches of their own.
    assert world.emulator.trips - trips <= 6


def test_only_headsets_are_read_and_only_what_reaches_them() -> None:
    world = FoundTenant()
    world.add("0001")
    world.add("PC-1", model="Surface Laptop 6")
    profile(world, "Everywhere", {"@odata.type": "#microsoft.graph.allDevicesAssignmentTarget"})
    profile(world, "People", {"@odata.type": "#microsoft.graph.allLicensedUsersAssignmentTarget"})
    seen = world.snapshot()
    assert [headset.serial for headset in seen.headsets] == ["0001"]
    assert [one.name for one in seen.profiles] == ["Everywhere"]
    assert seen.others["configuration profiles for other devices"] == 1
    people = ("configuration profiles", "an assignment to allLicensedUsersAssignmentTarget")
    assert seen.unfollowed == {people: ("People",)}


def test_policies_that_a_draft_does_not_say_are_named_with_the_keys_that_would() -> None:
    state = desired.compile(sample("external-clients"), target="graph")
    world = FoundTenant(state)
    world.apply(state)
    seen = world.snapshot()
    carried = {what: names for (what, _), names in seen.uncarried.items()}
    assert len(carried["compliance policies"]) == len(state.of_kind(CompliancePolicy))
    assert len(carried["enrollment restrictions"]) == len(state.of_kind(EnrollmentRestriction))
    told = "\n".join(remark.line for remark in draft(seen).remarks)
    for names in carried.values():
        assert names[0] in told
    assert "updates.build and tenant.compliance" in told
    assert "conditional access" in told


def test_whatever_has_a_filter_or_goes_to_people_is_named_in_the_draft() -> None:
    world = FoundTenant()
    world.add("0001")
    filtered = {
        "@odata.type": "#microsoft.graph.allDevicesAssignmentTarget",
        "deviceAndAppManagementAssignmentFilterId": "11111111-1111-4111-8111-111111111111",
        "deviceAndAppManagementAssignmentFilterType": "include",
    }
    for number in range(10):
        profile(world, f"Filtered {number}", filtered)
    profile(world, "People", {"@odata.type": "#microsoft.graph.allLicensedUsersAssignmentTarget"})
    told = [remark.line for remark in draft(world.snapshot()).remarks if remark.lost]
    filters = next(line for line in told if "a filter" in line)
    assert filters.startswith("10 configuration profiles have an assignment with a filter, and may reach headsets")
    assert "Filtered 0, " in filters
    assert filters.endswith("and 2 more.")
    assert any("allLicensedUsersAssignmentTarget" in line and line.endswith("that way: People.") for line in told)


def test_accounts_are_those_with_the_serial_number_of_a_headset() -> None:
    _, seen = found("shared-identity")
    assert seen.accounts["003421800401"] == "hl-003421800401@contoso.com"
    assert len(seen.accounts) == len(seen.headsets)


def test_a_ring_is_its_nodes_again() -> None:
    made = raised(RING, {})
    nodes = {setting.oma_uri.rpartition("/")[2]: setting.data for setting in made.settings}
    assert nodes == {
        "AllowAutoUpdate": "3",
        "ScheduledInstallDay": "4",
        "ScheduledInstallTime": "3",
        "ConfigureDeadlineForQualityUpdates": "0",
        "DeferFeatureUpdatesPeriodInDays": "60",
        "SetDisablePauseUXAccess": "1",
        "ConfigureDeadlineNoAutoReboot": "0",
    }
    properties, rest = ring.lift(made.settings)
    assert not rest
    assert properties == {name: value for name, value in RING.items() if name != "driversExcluded"}
    assert raised({**RING, "qualityUpdatesPaused": True}, {}).unread == [
        "the property qualityUpdatesPaused of the update ring"
    ]


def test_a_value_that_the_tenant_does_not_show_is_said() -> None:
    setting = {
        "@odata.type": "#microsoft.graph.omaSettingString",
        "omaUri": "./Device/Vendor/MSFT/Contoso/Own",
        "value": "****",
        "isEncrypted": True,
        "secretReferenceValueId": "r",
    }
    made = raised({"@odata.type": CUSTOM, "omaSettings": [setting]}, {"r": None})
    assert not made.settings
    assert made.unread == ["./Device/Vendor/MSFT/Contoso/Own, whose value the tenant does not show"]


def test_the_command_writes_a_fleet_file_from_a_tenant(tmp_path: Any, capsys: pytest.CaptureFixture[str]) -> None:
    world = FoundTenant()
    world.add("0001")
    profile(world, "Everywhere", {"@odata.type": "#microsoft.graph.allDevicesAssignmentTarget"})
    out = tmp_path / "fleet.yaml"
    with serving(world.emulator) as url:
        words = ["import", "tenant", "--graph-url", url, "--out", str(out)]
        with pytest.raises(SystemExit) as ended:
            main(words)
        assert ended.value.code == 0, capsys.readouterr().err
        assert "usb_data: false" in out.read_text()
        with pytest.raises(SystemExit) as ended:
            main(words)
        assert ended.value.code == 2
        assert "exists already" in capsys.readouterr().err
        for flag in ("--adopt", "--graph-state", "--installation", "--write-tenant-setting", "--tenant"):
            with pytest.raises(SystemExit) as ended:
                main([*words[:-1], str(tmp_path / "b.yaml"), flag, "x"])
            assert ended.value.code == 2
            assert not (tmp_path / "b.yaml").exists()
    with pytest.raises(SystemExit) as ended:
        main(["check", str(out)])
    assert "spec/" not in capsys.readouterr().out
