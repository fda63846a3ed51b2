"""A tenant that was set up from a sample and whose headsets exist, as somebody finds it who imports it."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import httpx2
from tests.unit.desired.test_cloud import sample
from tests.unit.targets.graph.wire import START

from holofleet import desired
from holofleet.clock import SetClock
from holofleet.emulator import Delays, Emulator, Quotas, Settings, Tenant, new_tenant
from holofleet.emulator.tenant.seed import add_managed_device
from holofleet.emulator.transport import InProcess
from holofleet.resources import State
from holofleet.resources.tenant_snapshot import TenantSnapshot
from holofleet.targets.graph.client import GraphClient
from holofleet.targets.graph.engine import Engine
from holofleet.targets.graph.import_reading import read
from holofleet.targets.graph.journal import MemoryJournal
from holofleet.targets.graph.kinds import every
from holofleet.targets.graph.origin import Origin
from holofleet.targets.graph.target import GraphTarget
from holofleet.targets.graph.waiting import Waiting

ROOT = "http://127.0.0.1"
DOMAINS = ("contoso.com", "clients.contoso.com", "northwindtraders.com", "devices.contoso.com")


class FoundTenant:
    """An emulated tenant with the headsets of a State."""

    def __init__(self, state: State | None = None) -> None:
        state = state or State()
        self.clock = SetClock(START)
        self.emulator = Emulator(
            new_tenant(self.clock, Settings(delays=Delays()), domains=DOMAINS), quotas=Quotas()
        )
        self.tenant: Tenant = self.emulator.tenant
        tags = {r.serial: r.group_tag for r in state.resources.values() if r.kind == "registration"}  # type: ignore[attr-defined]  # kinds name their nouns
        for serial in state.headsets:
            self.add(serial, registered=serial in tags, tag=tags.get(serial, ""))

    def add(self, serial: str, *, registered: bool = False, tag: str = "", model: str = "HoloLens 2") -> str:
        """Add a device; return the id of its directory object."""
        device, registration = self.tenant.new_id(), self.tenant.new_id()
        ids = [f"[ZTDID]:{registration}", *([f"[OrderID]:{tag}"] if tag else [])] if registered else []
        entra = self.tenant.create(
            "devices",
            "device",
            {
                "displayName": serial,
                "deviceId": device,
                "model": model,
                "accountEnabled": True,
                "physicalIds": ids,
            },
        )
        add_managed_device(self.tenant, serial, azureADDeviceId=device, model=model)
        if registered:
            properties = {
                "serialNumber": serial,
                "groupTag": tag,
                "model": model,
                "azureActiveDirectoryDeviceId": device,
                "azureAdDeviceId": device,
                "deploymentProfileAssignmentStatus": "notAssigned",
                "deploymentProfileAssignmentDetailedStatus": "none",
            }
            self.tenant.create(
                "windowsAutopilotDeviceIdentities", "windowsAutopilotDeviceIdentity", properties, id_=registration
            )
            self.tenant.registered[serial] = entra.id
        return entra.id

    def engine(self) -> Engine:
        """Return an engine for this tenant."""
        http = httpx2.AsyncClient(transport=InProcess(self.emulator))
        waiting = Waiting.of(self.clock, seed=1)
        return Engine(GraphClient(Origin.parse(ROOT), http), waiting=waiting, journal=MemoryJournal())

    def apply(self, state: State) -> None:
        """Set the tenant up."""
        target = GraphTarget(
            self.engine(),
            every(ROOT),
            installation="fleet",
            waiting=Waiting.of(self.clock, seed=1),
            resolve=lambda reference: "hush-" + reference[-8:],
            confirm_s=0,
        )
        with target:
            target.apply(target.plan(state), state, {})

    def snapshot(self, tenant: str = "") -> TenantSnapshot:
        """Read the tenant as an import does; ``tenant`` stands in for the emulator's own id."""
        seen = asyncio.run(self.engine().one(read()))
        return replace(seen, tenant=tenant or seen.tenant)


def found(name: str) -> tuple[State, TenantSnapshot]:
    """Return what a sample wants, and the tenant that was set up from it, as read."""
    loaded = sample(name)
    state = desired.compile(loaded, target="graph")
    world = FoundTenant(state)
    world.apply(state)
    tenancy = next(one for one in desired.cloud.tenancies(loaded) if one.headsets)
    return state, world.snapshot(tenancy.id)
