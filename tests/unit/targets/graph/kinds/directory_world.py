"""An emulated tenant, targets of some kinds against it, and what a test does behind their back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx2
from tests.unit.targets.graph.wire import START

from holofleet import desired, samples, spec
from holofleet.clock import SetClock
from holofleet.emulator import Delays, Emulator, FaultPlan, Quotas, Settings, duplicates, new_tenant
from holofleet.emulator.tenant import Item, Tenant
from holofleet.emulator.transport import InProcess
from holofleet.errors import HolofleetError
from holofleet.plans import Plan
from holofleet.resources import State
from holofleet.targets.graph.client import GraphClient
from holofleet.targets.graph.engine import Engine
from holofleet.targets.graph.journal import MemoryJournal
from holofleet.targets.graph.origin import Origin
from holofleet.targets.graph.reconcile import Kind
from holofleet.targets.graph.recorder import Recorder
from holofleet.targets.graph.target import GraphTarget
from holofleet.targets.graph.waiting import Waiting

ROOT = "http://127.0.0.1"
DOMAINS = ("contoso.com", "clients.contoso.com", "northwindtraders.com")


class KilledError(BaseException):
    """The process ends here."""


class Killer(httpx2.AsyncBaseTransport):
    """Passes requests on, until the process is killed: before or after one was carried out."""

    def __init__(self, inner: httpx2.AsyncBaseTransport, after: int, *, carried_out: bool) -> None:
        self._inner = inner
        self._left = after
        self._carried_out = carried_out

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        self._left -= 1
        if self._left < 0 and not self._carried_out:
            raise KilledError
        response = await self._inner.handle_async_request(request)
        if self._left < 0:
            raise KilledError
        return response


@dataclass
class World:
    """See the module.

    Args:
        make: Returns the kinds under test.
        state: What the fleet file wants; a test changes it.
    """

    make: Callable[[], Sequence[Kind]]
    state: State = field(default_factory=State)
    delays: Delays = field(default_factory=Delays)
    faults: FaultPlan | None = None
    quotas: Quotas | None = None
    recorder: Recorder | None = None
    progress: Callable[[int, int, str], None] | None = None

    def __post_init__(self) -> None:
        self.clock = SetClock(START)
        tenant = new_tenant(self.clock, Settings(delays=self.delays), domains=DOMAINS)
        self.emulator = Emulator(tenant, quotas=self.quotas, faults=self.faults)
        self.journal = MemoryJournal()

    @property
    def tenant(self) -> Tenant:
        return self.emulator.tenant

    def target(self, *, adopt: bool = False, kill: tuple[int, bool] | None = None, **more: Any) -> GraphTarget:
        transport: httpx2.AsyncBaseTransport = InProcess(self.emulator)
        if kill is not None:
            transport = Killer(transport, kill[0], carried_out=kill[1])
        http = httpx2.AsyncClient(transport=transport)
        waiting = Waiting.of(self.clock, seed=1)
        client = GraphClient(Origin.parse(ROOT), http)
        engine = Engine(
            client, waiting=waiting, journal=self.journal, recorder=self.recorder, progress=self.progress
        )
        return GraphTarget(engine, self.make(), installation="fleet", waiting=waiting, adopt=adopt, **more)

    def plan(self) -> Plan:
        with self.target() as graph:
            return graph.plan(self.state)

    def apply(self, **more: Any) -> tuple[str, ...]:
        """Plan and apply; return the notes."""
        with self.target(**more) as graph:
            return tuple(graph.apply(graph.plan(self.state), self.state, {}).notes)

    def weather(self, times: int = 6) -> None:
        """Apply until it is through once, in the storm that :attr:`faults` makes; the storm is over then."""
        for _ in range(times):
            try:
                self.apply()
            except HolofleetError:
                continue
            break
        self.emulator.faults = None
        assert self.faults is None or self.faults.struck

    def killed(self, after: int, *, carried_out: bool) -> bool:
        """Apply with a process that dies; say whether it did."""
        try:
            self.apply(kill=(after, carried_out))
        except KilledError:
            return True
        return False

    def shown(self) -> list[str]:
        """Return the differences of a plan, as ``act address field,field``."""
        return [
            f"{change.act} {change.address} {','.join(f.field for f in change.fields)}".strip()
            for change in self.plan().changes
        ]

    def problems(self) -> dict[str, str]:
        """Return the problems of a plan by address."""
        return {item.key: item.reason for item in self.plan().undelivered if ":" in item.key}

    def one(self, collection: str, **properties: Any) -> Item:
        """Return the object that has these properties."""
        (found,) = (
            item
            for item in self.tenant.collection(collection).values()
            if all(item.properties.get(name) == value for name, value in properties.items())
        )
        return found

    def user(self, upn: str) -> Item:
        return self.one("users", userPrincipalName=upn)

    def edit(self, collection: str, item: Item, **properties: Any) -> None:
        """Change an object in a portal."""
        self.tenant.edit(collection, item, properties, actor="admin@contoso.com")

    def person(self, upn: str, **more: Any) -> Item:
        """Add a user that somebody else made."""
        properties = {
            "userPrincipalName": upn,
            "displayName": upn,
            "accountEnabled": True,
            "assignedLicenses": [],
            "licenseAssignmentStates": [],
            "usageLocation": "US",
            "userType": "Member",
            **more,
        }
        item = self.tenant.create("users", "user", properties)
        self.tenant.user_names[upn.casefold()] = item.id
        return item

    def group(self, name: str, **more: Any) -> Item:
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
            **more,
        }
        return self.tenant.create("groups", "group", properties, id_=more.pop("id", ""))

    def doubled(self) -> bool:
        return bool(duplicates(self.tenant))


def sample(name: str) -> State:
    """Return what a sample fleet wants of its tenant."""
    enclosures = {file: text.encode() for file, text in samples.enclosures(name).items()}
    return desired.compile(spec.parse(samples.text(name), enclosures=enclosures), target="graph")
