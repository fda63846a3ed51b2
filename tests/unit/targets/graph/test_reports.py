"""What headsets report to Intune, and orders to them, against the emulator."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import httpx2
import pytest
from tests.unit.desired.test_cloud import graph, sample
from tests.unit.targets.graph.wire import START

from holofleet.clock import SetClock
from holofleet.emulator import Delays, Emulator, Fault, FaultPlan, Settings, new_tenant
from holofleet.emulator.tenant.seed import add_managed_device
from holofleet.emulator.transport import InProcess
from holofleet.errors import InputError
from holofleet.resources import DeviceGroup, State
from holofleet.targets.graph.client import GraphClient
from holofleet.targets.graph.device_actions import Order, find, give, outcomes
from holofleet.targets.graph.engine import Engine
from holofleet.targets.graph.journal import MemoryJournal
from holofleet.targets.graph.kinds import every
from holofleet.targets.graph.origin import Origin
from holofleet.targets.graph.reports import enrolled
from holofleet.targets.graph.target import GraphTarget
from holofleet.targets.graph.waiting import Waiting

URL = "http://127.0.0.1"


@dataclass
class World:
    state: State
    clock: SetClock = field(default_factory=lambda: SetClock(START))
    journal: MemoryJournal = field(default_factory=MemoryJournal)
    devices: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        tenant = new_tenant(self.clock, Settings(delays=Delays()), domains=["northwindtraders.com"])
        self.emulator = Emulator(tenant)

    def target(self) -> GraphTarget:
        waiting = Waiting.of(self.clock, seed=1)
        client = GraphClient(Origin.parse(URL), httpx2.AsyncClient(transport=InProcess(self.emulator)))
        engine = Engine(client, waiting=waiting, journal=self.journal)
        return GraphTarget(engine, every(URL), installation="fleet", waiting=waiting, resolve=lambda r: r)

    def apply(self) -> None:
        with self.target() as target:
            target.apply(target.plan(self.state), self.state, {})

    def enroll(self, serial: str, **more: Any) -> None:
        tenant = self.emulator.tenant
        joined = {"deviceId": tenant.new_id(), "displayName": serial, "model": "HoloLens 2", "physicalIds": []}
        device = tenant.create("devices", "device", joined)
        directory = {"azureADDeviceId": device.properties["deviceId"]}
        self.devices[serial] = add_managed_device(tenant, serial, **directory, **more)

    def reports(self) -> Any:
        with self.target() as target:
            return target.reports(self.state)

    def said(self, serial: str) -> dict[str, str]:
        found = self.reports().state
        headset = found.headsets.get(serial)
        if headset is None:
            return {}
        return {setting.oma_uri: setting.data for setting in found.documents[headset.document].settings}

    def profile(self, theme: str) -> Any:
        groups = self.state.of_kind(DeviceGroup).values()
        group = next(one for one in groups if next(iter(self.devices)) in one.serials)
        items = self.emulator.tenant.collection("deviceConfigurations").values()
        name = f"{group.display_name} - {theme}"
        return next(item for item in items if item.properties["displayName"] == name)


@pytest.fixture
def world() -> World:
    made = World(graph(sample("cloud-connected")))
    serials = sorted(made.state.headsets)[:3]
    for serial in serials:
        made.enroll(serial)
    made.apply()
    made.apply()
    return made


def wanted(world: World, serial: str) -> dict[str, str]:
    document = world.state.documents[world.state.headsets[serial].document]
    return {setting.oma_uri: setting.data for setting in document.settings if not setting.secrets}


def test_a_profile_that_a_headset_reports_as_applied_proves_what_it_carries(world: World) -> None:
    serial = next(iter(world.devices))
    said, meant = world.said(serial), wanted(world, serial)
    assert said.keys() == meant.keys()
    assert {uri for uri in said if "{{" in said[uri]} == set()


def test_a_headset_that_never_enrolled_or_never_checked_in_reports_nothing(world: World) -> None:
    serials = sorted(world.state.headsets)
    world.enroll(serials[5], lastSyncDateTime="0001-01-01T00:00:00Z")
    reports = world.reports()
    assert serials[5] not in reports.heard
    assert set(reports.state.headsets) == set(world.devices) - {serials[5]}


@pytest.mark.parametrize("status", ["error", "conflict", "nonCompliant"])
def test_a_profile_in_error_is_known_to_be_otherwise(world: World, status: str) -> None:
    serial = next(iter(world.devices))
    profile = world.profile("settings")
    for device in world.devices.values():
        world.emulator.tenant.reported_states[profile.id, device] = status
    said = world.said(serial)
    carried = {setting["omaUri"] for setting in profile.properties["omaSettings"]}
    assert {said[uri] for uri in carried & said.keys()} == {""}


@pytest.mark.parametrize("status", ["unknown", "notApplicable", "notAssigned"])
def test_what_is_not_known_yet_proves_nothing(world: World, status: str) -> None:
    serial = next(iter(world.devices))
    profile = world.profile("settings")
    world.emulator.tenant.reported_states[profile.id, world.devices[serial]] = status
    carried = {setting["omaUri"] for setting in profile.properties["omaSettings"]}
    assert not carried & world.said(serial).keys()


def test_a_profile_that_somebody_changed_proves_nothing_of_the_file(world: World) -> None:
    serial = next(iter(world.devices))
    profile = world.profile("settings")
    settings = [dict(setting) for setting in profile.properties["omaSettings"]]
    world.emulator.tenant.edit(
        "deviceConfigurations", profile, {"omaSettings": settings[1:]}, actor="adele@contoso.com"
    )
    said = world.said(serial)
    assert said
    assert not {setting["omaUri"] for setting in settings} & said.keys()


def test_two_devices_of_one_name_are_told_apart_by_their_ids(world: World) -> None:
    one, two = list(world.devices)[:2]
    for serial in (one, two):
        device = world.emulator.tenant.collection("managedDevices")[world.devices[serial]]
        device.properties["deviceName"] = "HOLOLENS"
    profile = world.profile("settings")
    world.emulator.tenant.reported_states[profile.id, world.devices[one]] = "error"
    uri = profile.properties["omaSettings"][0]["omaUri"]
    assert world.said(one).get(uri) == ""
    assert world.said(two).get(uri) != ""


# Orders.


def test_an_order_to_250_headsets_is_three_requests_and_says_how_it_stands(world: World) -> None:
    serials = [f"90000{n:04}" for n in range(250)]
    for serial in serials:
        world.enroll(serial)
    with world.target() as target:
        found = target.ask(find(serials))
        before = len(world.emulator.exchanges)
        sent = target.ask(give(Order.SYNC, found))
        assert len(sent.queued) == 250
        assert len(world.emulator.exchanges) - before == 3
        states = target.ask(outcomes(Order.SYNC, found))
    assert {one.state for one in states} <= {"pending", "done"}
    assert len(states) == 250


def test_a_wipe_whose_answer_was_lost_is_unknown_and_is_never_sent_again(world: World) -> None:
    serial = next(iter(world.devices))
    with world.target() as target:
        found = target.ask(find([serial]))
        asked = world.emulator.trips
        world.emulator.faults = FaultPlan(planned={asked + 1: Fault.CUT_AFTER})
        sent = target.ask(give(Order.WIPE, found))
    assert (sent.queued, sent.unknown) == ((), (serial,))
    assert world.emulator.trips == asked + 1


def test_diagnostics_are_asked_for_one_by_one_and_their_arrival_is_told(world: World) -> None:
    serials = list(world.devices)
    with world.target() as target:
        found = target.ask(find(serials))
        assert set(target.ask(give(Order.COLLECT_LOGS, found)).queued) == set(serials)
        assert {one.state for one in target.ask(outcomes(Order.COLLECT_LOGS, found))} <= {"pending", "completed"}


def test_nobody_acts_on_a_serial_that_is_not_enrolled_or_that_two_devices_claim(world: World) -> None:
    serial = next(iter(world.devices))
    with world.target() as target:
        with pytest.raises(InputError, match="not enrolled in this tenant: X"):
            target.ask(find(["X"]))
        world.enroll(serial)
        with pytest.raises(InputError, match="several devices have the serial"):
            target.ask(find([serial]))


def test_enrolled_headsets_are_one_list_with_what_people_ask_for(world: World) -> None:
    world.enroll("X1", osVersion="10.0.22621.1", isEncrypted=False, complianceState="noncompliant")
    with world.target() as target:
        found = next(one for one in target.ask(enrolled()) if one.serial == "X1")
    assert (found.build, found.encrypted, found.compliance) == ("10.0.22621.1", False, "noncompliant")
