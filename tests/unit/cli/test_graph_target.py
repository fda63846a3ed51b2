"""``holofleet plan``, ``apply`` and ``drift`` against a tenant, over real sockets."""

from __future__ import annotations

import json
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tests.unit.cli.test_audit import run

from holofleet import desired, samples, spec
from holofleet.clock import SystemClock
from holofleet.emulator import Delays, Emulator, Settings, new_tenant
from holofleet.emulator.http import serving
from holofleet.emulator.tenant.seed import add_managed_device

SCENARIO = "near-offline"
PASSPHRASE = "a passphrase of 20 letters"


@dataclass
class World:
    folder: Path
    emulator: Emulator
    url: str
    capsys: pytest.CaptureFixture[str]

    @property
    def fleet(self) -> Path:
        return self.folder / "fleet.yaml"

    def run(self, command: str, *more: str | Path) -> tuple[int, str, str]:
        self.capsys.readouterr()
        flags: list[str | Path] = [
            "--target",
            "graph",
            "--graph-url",
            self.url,
            "--graph-state",
            self.folder / "state",
        ]
        status = run(command, self.fleet, *flags, *more)
        out, err = self.capsys.readouterr()
        return status, out, err

    def plan(self, *more: str | Path) -> dict[str, Any]:
        status, out, _ = self.run("plan", "--format", "json", *more)
        assert status == 0
        found: dict[str, Any] = json.loads(out)
        return found


def write(folder: Path, scenario: str, *changes: tuple[str, str]) -> None:
    for name, text in samples.text(scenario).items():
        for old, new in changes:
            assert old in text
            text = text.replace(old, new)
        (folder / name).write_text(text)


@pytest.fixture
def world(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    write(tmp_path, SCENARIO, ("# wifi: [{ssid: Harbour", "wifi: [{ssid: Harbour"), ("quota: 50", "quota: 20"))
    monkeypatch.setenv("HOLOFLEET_SECRET_WIFI_HARBOUR", PASSPHRASE)
    tenant = new_tenant(SystemClock(), Settings(delays=Delays()), domains=["northwindtraders.com"])
    emulator = Emulator(tenant)
    with serving(emulator) as url:
        yield World(tmp_path, emulator, url, capsys)


def test_a_fleet_is_planned_applied_and_then_there_is_nothing_to_do(world: World) -> None:
    first = world.plan()
    assert first["changes"]
    assert world.emulator.tenant.changes == []
    record = world.folder / "record.jsonl"
    status, out, _ = world.run("apply", "--yes", "--record", record)
    assert (status, out.splitlines()[-1]) == (0, f"Applied {len(first['changes'])} changes.")
    assert world.plan()["changes"] == []
    assert stat.S_IMODE(record.stat().st_mode) == 0o600
    lines = [json.loads(line) for line in record.read_text().splitlines()]
    assert {line.keys() == {"version", "method", "path", "body"} for line in lines} == {True}
    assert PASSPHRASE not in record.read_text()


def test_what_the_plan_needs_is_said_with_the_requests_that_need_it_and_what_it_did_not_look_at(
    world: World,
) -> None:
    planned = world.plan()
    assert "profiles.create" in planned["permissions"]["DeviceManagementConfiguration.ReadWrite.All"]
    assert "settings catalogs" in planned["not_looked_at"][0]
    _, out, _ = world.run("plan")
    assert "Permissions that the sign-in needs" in out
    assert all(what in out.partition("Not looked at")[2] for what in planned["not_looked_at"])


def test_a_change_in_the_portal_is_drift_and_a_setting_names_its_node_and_headsets(world: World) -> None:
    world.run("apply", "--yes")
    profiles = world.emulator.tenant.collection("deviceConfigurations").values()
    profile = next(item for item in profiles if str(item.properties["displayName"]).endswith("settings"))
    settings = [dict(one) for one in profile.properties["omaSettings"]]
    plain = next(one for one in settings if one["@odata.type"].endswith("omaSettingInteger"))
    plain["value"] = plain["value"] + 1
    world.emulator.tenant.edit(
        "deviceConfigurations", profile, {"omaSettings": settings}, actor="adele@contoso.com"
    )
    status, out, _ = world.run("drift", "--format", "json")
    found = [one for one in json.loads(out)["drift"] if one["oma_uri"] == plain["omaUri"]]
    assert status == 1
    assert {one["reported"] for one in found} == {str(plain["value"])}
    assert all(one["serial"] for one in found)
    assert [change["act"] for change in world.plan()["changes"]] == ["update"]


def test_off_a_terminal_an_apply_needs_yes_and_changes_nothing_without(world: World) -> None:
    status, _, err = world.run("apply")
    assert (status, world.emulator.tenant.changes) == (2, [])
    assert "--yes" in err


def test_a_tenant_setting_is_written_only_when_it_is_named(world: World) -> None:
    world.run("apply", "--yes")
    assert world.plan()["changes"] == []
    status, _, err = world.run("plan", "--write-tenant-setting", "nothing")
    assert status == 2
    assert "It names: " in err
    named = world.plan("--write-tenant-setting", "device-join")["changes"]
    assert [change["address"] for change in named] == ["tenant-setting:device-join"]


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        ((), "one way to sign in is needed; none was named"),
        (("--managed-identity", "--device-code"), "named were --managed-identity and --device-code"),
        (("--client-secret", "env:GRAPH"), "--client-secret needs --client-id"),
        (("--client-secret", "hunter2", "--client-id", "x"), "is a reference, not a secret"),
        (("--client-certificate", "none.pem", "--client-id", "x"), "none.pem cannot be read"),
    ],
)
def test_GRA_1_a_real_tenant_needs_one_way_to_sign_in_and_no_secret_on_the_command_line(
    world: World, flags: tuple[str, ...], said: str
) -> None:
    world.url = "https://graph.microsoft.com"
    status, out, err = world.run("plan", *flags)
    assert status == 2
    assert said in err
    assert "hunter2" not in out + err


def test_GRA_1_plain_http_to_another_machine_is_refused(world: World) -> None:
    world.url = "http://graph.contoso.com"
    status, _, err = world.run("plan")
    assert status == 2
    assert "plain http" in err


def test_an_installation_that_cannot_stand_in_a_marker_is_refused(world: World) -> None:
    status, _, err = world.run("plan", "--installation", "../other")
    assert status == 2
    assert "letters, digits and hyphens" in err


@pytest.mark.parametrize("command", ["plan", "apply", "drift", "guide"])
def test_the_flags_of_a_tenant_are_refused_beside_another_target(
    world: World, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    assert run(command, world.fleet, "--target", "server", "--graph-url", world.url) == 2
    assert "say nothing about the target server" in capsys.readouterr().err


def test_two_tenants_have_a_plan_each(world: World) -> None:
    write(
        world.folder,
        "external-clients",
        (
            "kind: owning",
            "kind: service\n  owner: {id: 44444444-4444-4444-8444-444444444444, domain: contoso.com}",
        ),
    )
    status, _, err = world.run("plan")
    assert status == 2
    assert "--tenant owning or --tenant service" in err


def test_a_tenant_that_the_file_does_not_have_is_named_with_the_one_it_has(world: World) -> None:
    status, _, err = world.run("plan", "--tenant", "service")
    assert status == 2
    assert "It has owning (northwindtraders.com)" in err


def enroll(world: World, serial: str) -> None:
    tenant = world.emulator.tenant
    joined = {"deviceId": tenant.new_id(), "displayName": serial, "model": "HoloLens 2", "physicalIds": []}
    device = tenant.create("devices", "device", joined)
    add_managed_device(tenant, serial, azureADDeviceId=device.properties["deviceId"])


def standing(world: World, *more: str | Path) -> dict[str, Any]:
    status, out, _ = world.run("guide", "--format", "json", *more)
    assert status in (0, 1)
    found: dict[str, Any] = json.loads(out)
    return found


def words(report: dict[str, Any]) -> dict[str, str]:
    return {item["id"]: item["standing"] for guide in report["guides"] for item in guide["statements"]}


def test_what_headsets_reported_to_intune_is_evidence_for_the_guides(world: World) -> None:
    write(world.folder, "cloud-connected")
    serials = list(desired.compile(spec.load([world.fleet]), target="graph").headsets)
    before = standing(world)
    assert before["reports"]["reported"] == 0
    for serial in serials:
        enroll(world, serial)
    world.run("apply", "--yes")
    world.run("apply", "--yes")
    after = standing(world)
    assert after["reports"]["server"] == "Intune"
    assert (after["reports"]["headsets"], after["reports"]["reported"]) == (len(serials), len(serials))
    turned = {id_ for id_, word in words(after).items() if word == "met" and words(before)[id_] == "waiting"}
    assert turned
    for profile in world.emulator.tenant.collection("deviceConfigurations"):
        for device in world.emulator.tenant.collection("managedDevices"):
            world.emulator.tenant.reported_states[profile, device] = "error"
    failed = words(standing(world))
    assert {failed[id_] for id_ in turned} & {"not met", "waiting"}
    assert not {id_ for id_ in turned if failed[id_] == "met"}
