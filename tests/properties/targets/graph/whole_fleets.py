"""Whole fleets against an emulated tenant: what the sample fleets want, with everything that they rely on.

The samples declare their headsets as registered, and name people and an emergency group that a tenant has already.
Here each headset has a hardware hash instead, so that it is registered from nothing, and the people are there.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from typing import Any

import httpx2
from tests.unit.targets.graph.wire import START

from holofleet import desired, samples, spec
from holofleet.clock import SetClock
from holofleet.desired.cloud import tenancies
from holofleet.emulator import Delays, Emulator, FaultPlan, Quotas, Settings, duplicates, new_tenant, snapshot
from holofleet.emulator.tenant import Item, Tenant
from holofleet.emulator.transport import InProcess
from holofleet.plans import Plan
from holofleet.resources import Address, Group, State, User
from holofleet.targets.graph.client import GraphClient
from holofleet.targets.graph.engine import Engine
from holofleet.targets.graph.journal import MemoryJournal
from holofleet.targets.graph.kinds import every
from holofleet.targets.graph.operations import Request
from holofleet.targets.graph.origin import Origin
from holofleet.targets.graph.recorder import line
from holofleet.targets.graph.target import GraphTarget
from holofleet.targets.graph.waiting import Waiting

ROOT = "http://127.0.0.1"
DOMAINS = ("contoso.com", "clients.contoso.com", "northwindtraders.com", "devices.contoso.com")
SLOW = Delays.like_the_service()
SERVICE, OWNING = "external-clients in a service tenant", "the owner of that service tenant"
FLEETS = (*samples.SAMPLES, SERVICE, OWNING)
_PRODUCT = "{app: remote-assist, store_id: 9P0000000001, min_version: 1.2.0.0}"
_SOON = timedelta(hours=2)
_OWNER = "{id: 22222222-2222-4222-8222-222222222222, domain: contoso.com}"
_SEEN_IN = re.compile(r"Texts of version \d+: [0-9a-f]+")
_DECLARED = re.compile(r'\{serial: "(\d+)"([^}]*), autopilot: true')


@cache
def fleet(name: str) -> State:
    """Return what a fleet wants of its tenant."""
    sample = name if name in samples.SAMPLES else "external-clients"
    (text,) = samples.text(sample).values()
    text = _DECLARED.sub(lambda found: f'{{serial: "{found[1]}"{found[2]}, hardware_hash: {_hash(found[1])}', text)
    which = None
    if sample != name:
        text = re.sub(r"kind: owning .*", f"kind: service\n  owner: {_OWNER}", text)
        text = text.replace("\n  other_domains: [contoso.com]", "")
        text = text.replace("quota: 50", "quota: 20")  # what a new tenant has would not be written
        text = text.replace("required: [", f"required: [{_PRODUCT}, ")
        which = "service" if name == SERVICE else "owning"
    enclosures = {file: content.encode() for file, content in samples.enclosures(sample).items()}
    made = spec.parse({"fleet.yaml": text}, enclosures=enclosures)
    assert which is None or which in {one.which for one in tenancies(made)}
    return desired.compile(made, target="graph", tenant=which)


def _hash(serial: str) -> str:
    return base64.b64encode(f"the hardware of the headset {serial}".encode() * 3).decode()


class KilledError(BaseException):
    """The process ends here."""


@dataclass
class Kill:
    """When a process dies: at one of its requests.

    Args:
        at: The number of the request, from 0.
        share: How much of it the service still carries out: nothing, all, or a part of a batch.
    """

    at: int
    share: float = 0.0


class Mortal(httpx2.AsyncBaseTransport):
    """Passes requests on until the process dies."""

    def __init__(self, inner: InProcess, kill: Kill) -> None:
        self._inner = inner
        self._kill = kill
        self._sent = 0

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        self._sent += 1
        if self._sent <= self._kill.at:
            return await self._inner.handle_async_request(request)
        if self._kill.share:
            await self._inner.handle_async_request(_part(request, self._kill.share))
        raise KilledError


def _part(request: httpx2.Request, share: float) -> httpx2.Request:
    """Return the part of a batch that was carried out; any other request is carried out whole."""
    if not request.url.path.endswith("/$batch"):
        return request
    steps = json.loads(request.content)["requests"]
    kept = steps[: max(1, round(share * len(steps)))]
    headers = {"Content-Type": "application/json"}
    return httpx2.Request("POST", request.url, headers=headers, json={"requests": kept})


class Record:
    """Keeps every operation: as it was sent, and as a line of ``--record``."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.lines: list[str] = []

    def record(self, request: Request, url: str) -> None:
        self.requests.append(request)
        self.lines.append(line(request, url))


@dataclass
class World:
    """A tenant in which the people and foreign groups of a fleet are, and targets that work on it."""

    state: State
    delays: Delays = SLOW
    faults: FaultPlan | None = None
    quotas: Quotas | None = field(default_factory=Quotas)
    record: Record = field(default_factory=Record)

    def __post_init__(self) -> None:
        self.clock = SetClock(START)
        tenant = new_tenant(self.clock, Settings(delays=self.delays), domains=DOMAINS)
        self.emulator = Emulator(tenant, quotas=self.quotas, faults=self.faults)
        self.journal = MemoryJournal()
        self.notes: Sequence[str] = ()
        _people(tenant, self.state)
        tenant.changes.clear()

    @property
    def tenant(self) -> Tenant:
        return self.emulator.tenant

    def target(self, kill: Kill | None = None, *, asked: Sequence[Address] | None = None) -> GraphTarget:
        """Return a target as a new process makes it; only the journal outlives a process."""
        inner = InProcess(self.emulator)
        http = httpx2.AsyncClient(transport=inner if kill is None else Mortal(inner, kill))
        waiting = Waiting.of(self.clock, seed=1)
        client = GraphClient(Origin.parse(ROOT), http)
        engine = Engine(client, waiting=waiting, journal=self.journal, recorder=self.record)
        settings = self.settings if asked is None else asked
        return GraphTarget(
            engine,
            every(ROOT),
            installation="fleet",
            waiting=waiting,
            resolve=lambda reference: f"the value of {reference}",
            asked=settings,
            desired=self.state,
        )

    @property
    def settings(self) -> Sequence[Address]:
        """Settings of the whole tenant, which are written only when asked for; here all are."""
        return [address for address in self.state.resources if address.kind == "tenant-setting"]

    def plan(self) -> Plan:
        with self.target() as graph:
            return graph.plan(self.state)

    def apply(self, kill: Kill | None = None) -> None:
        """Plan and apply in one process."""
        with self.target(kill) as graph:
            self.notes = graph.apply(graph.plan(self.state), self.state, {}).notes

    def dies(self, kill: Kill) -> bool:
        """Apply in a process that is killed; False where it was done before that."""
        try:
            self.apply(kill)
        except KilledError:
            return True
        return False

    def differences(self) -> list[str]:
        """Return what a plan would change, as ``act address field,field``."""
        return [
            f"{change.act} {change.address} {','.join(one.field for one in change.fields)}".strip()
            for change in self.plan().changes
        ]

    def settled(self) -> dict[str, Any]:
        """Return what the tenant amounts to once everything that goes on in it is through."""
        while (due := self.tenant.next_due()) is not None and due - self.clock.now() < _SOON:
            self.clock.advance(max(timedelta(0), due - self.clock.now()) + timedelta(seconds=1))
            self.tenant.settle()
        return _unversioned(snapshot(self.tenant))

    def twins(self) -> Mapping[tuple[str, str], int]:
        return duplicates(self.tenant)


def _unversioned(whole: dict[str, Any]) -> dict[str, Any]:
    """Leave out in which version of itself a profile saw its texts: the texts are there themselves."""
    told = json.loads(_SEEN_IN.sub("Texts of some version", json.dumps(whole)))
    return {name: sorted(value, key=repr) if isinstance(value, list) else value for name, value in told.items()}


def applied(name: str, **options: Any) -> World:
    """Return a tenant to which a fleet was applied from nothing, undisturbed."""
    world = World(fleet(name), **options)
    world.apply()
    return world


def _people(tenant: Tenant, state: State) -> None:
    """Add whoever and whatever the fleet refers to and does not make."""
    users = state.of_kind(User)
    accounts = {user.upn for user in users.values() if user.account != "person"}
    named = {upn for group in state.of_kind(Group).values() for upn in group.members}
    for upn in sorted((named | {user.upn for user in users.values()}) - accounts):
        person(tenant, upn)
    for group in state.of_kind(Group).values():
        if group.object_id:
            stranger(tenant, group.display_name or group.name, id_=group.object_id)


def person(tenant: Tenant, upn: str) -> Item:
    """Add somebody who has an account already."""
    properties = {
        "userPrincipalName": upn,
        "displayName": upn,
        "accountEnabled": True,
        "assignedLicenses": [],
        "licenseAssignmentStates": [],
        "usageLocation": "US",
        "userType": "Member",
    }
    item = tenant.create("users", "user", properties)
    tenant.user_names[upn.casefold()] = item.id
    return item


def stranger(tenant: Tenant, name: str, *, id_: str = "") -> Item:
    """Add a group that somebody else made."""
    properties = {
        "displayName": name,
        "description": "Made by hand.",
        "mailEnabled": False,
        "mailNickname": "by-hand",
        "securityEnabled": True,
        "groupTypes": [],
        "assignedLicenses": [],
        "hasMembersWithLicenseErrors": False,
    }
    return tenant.create("groups", "group", properties, id_=id_)
