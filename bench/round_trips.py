"""Round trips to Graph: how many HTTP requests a tenant costs, beside what the rules of the service demand.

Counted at the emulated tenant, whose delays are nothing; counts do not depend on the machine. The bound is made of
those rules (vendor documentation): 20 operations a batch, 20 members an operation, 999 users or members a page; an
id has to be known before something names it. Its share of reading, five batches of lists, is an estimate; a run
can stay below it. Looks how far registrations are count on both sides.
"""

from __future__ import annotations

import base64
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import ceil
from typing import TYPE_CHECKING

from bench.figures import Figure, Section
from bench.fleet import serial

if TYPE_CHECKING:
    from holofleet.resources import State
    from holofleet.targets.graph.target import GraphTarget

ROOT = "http://127.0.0.1"
LINES = 4
"""Deployments, each with documents and policies of its own."""
_BATCH, _MEMBERS, _PAGE, _IMPORT = 20, 400, 999, 200
_REGISTERING = ("importedWindowsAutopilotDeviceIdentities", "windowsAutopilotSettings", "windowsAutopilotDevice")
_ASSIGNED = (
    "deviceConfigurations",
    "deviceCompliancePolicies",
    "deviceEnrollmentConfigurations",
    "windowsAutopilotDeploymentProfiles",
)
_FLEET = """\
holofleet: 1
organization: {{name: Contoso, country: US, timezone: America/Chicago}}
tenant: {{id: 11111111-1111-4111-8111-111111111111, domain: contoso.com, edition: P1}}
licenses: [{{sku: INTUNE_A, seats: 20000}}]
groups:
  - {{name: headset-accounts, members: {{accounts_of: [{names}]}}, licenses: [INTUNE_A]}}
sites:
{sites}headsets:
{headsets}defaults:
  enrollment: {{autopilot: {{profile: field, group_tag: field, device_name: HL-%SERIAL%}}}}
  accounts: {{users: per-headset, name: "hl-{{{{serial}}}}"}}
  power: {{display_off_plugged_in_s: {seconds}}}
deployments:
{deployments}"""


@dataclass(frozen=True)
class Trips:
    """What was counted for a fleet.

    Args:
        headsets: How many.
        policies: Profiles, compliance policies and other objects that are assigned.
        first: From nothing: reading, then making; reading back what was made takes another plan.
        polls: Requests of these that only looked how far the service is with registrations.
        empty: A plan with nothing to do.
        change: Planning and making one change of a setting in each deployment.
        seconds: Processor time of all of it in this process, emulator included.
    """

    headsets: int
    policies: int
    first: int
    polls: int
    empty: int
    change: int
    seconds: float

    @property
    def bound_reading(self) -> int:
        """The bound of a plan: some batches of lists, and the pages of accounts and of members."""
        return 5 + 2 * ceil(self.headsets / _PAGE)

    @property
    def bound(self) -> int:
        """The bound of a first apply: reading, then accounts, members, licenses, registrations, policies."""
        accounts, members = ceil(self.headsets / _BATCH), ceil(self.headsets / _MEMBERS)
        imports, policies = ceil(self.headsets / _IMPORT), 2 * ceil(self.policies / _BATCH)
        return self.bound_reading + accounts + members + 1 + imports + self.polls + policies


def state(headsets: int, *, seconds: int = 60) -> State:
    """Return what a fleet of so many headsets wants of its tenant: accounts, registrations, groups, policies."""
    from holofleet import desired, spec

    names = [f"line-{number}" for number in range(LINES)]
    text = _FLEET.format(
        names=", ".join(names),
        sites="".join(f"  - {{name: plant-{number}, connectivity: online}}\n" for number in range(LINES)),
        headsets="".join(
            f'  - {{serial: "{serial(number)}", site: plant-{number % LINES}, group_tag: field, '
            f"hardware_hash: {_hash(number)}}}\n"
            for number in range(headsets)
        ),
        deployments="".join(
            f"  - {{name: line-{number}, scenario: cloud-connected, headsets: {{site: plant-{number}}}}}\n"
            for number in range(LINES)
        ),
        seconds=seconds,
    )
    return desired.compile(spec.parse({"fleet.yaml": text}), target="graph")


def _hash(number: int) -> str:
    return base64.b64encode(f"the hardware of the headset {serial(number)}".encode()).decode()


def count(headsets: int) -> Trips:
    """Apply a fleet to an empty tenant, plan it again, change it, and count.

    Raises:
        RuntimeError: the tenant is not as it should be, or refused something for its quotas.
    """
    begun = time.process_time()
    tenant = _Tenant(headsets)
    wanted = state(headsets)
    first = tenant.apply(wanted)
    polls = tenant.polls()
    empty = tenant.plan(wanted)
    change = tenant.apply(state(headsets, seconds=90))
    if tenant.refused:
        raise RuntimeError(f"{tenant.refused} requests were refused")
    return Trips(headsets, tenant.policies(), first, polls, empty, change, time.process_time() - begun)


class _Tenant:
    """An emulated tenant whose delays are nothing, with the service's quotas."""

    def __init__(self, headsets: int) -> None:
        from holofleet.clock import SetClock
        from holofleet.emulator import Emulator, Quotas, Settings, new_tenant
        from holofleet.emulator.tenant.seed import KNOWN_SKUS, Sku
        from holofleet.targets.graph.journal import MemoryJournal

        self._clock = SetClock(datetime(2026, 11, 25, 12, tzinfo=UTC))
        intune = KNOWN_SKUS["INTUNE_A"]
        products = [Sku(intune.part, intune.id, intune.plans, seats=2 * headsets)]
        self._emulator = Emulator(new_tenant(self._clock, Settings(), skus=products), quotas=Quotas())
        self._journal = MemoryJournal()

    def apply(self, wanted: State) -> int:
        """Plan and apply as a new process; return how many requests it took."""
        return self._counted(wanted, carry_out=True)

    def plan(self, wanted: State) -> int:
        """Plan as a new process; return how many requests it took.

        Raises:
            RuntimeError: there is something to do.
        """
        return self._counted(wanted, carry_out=False)

    def polls(self) -> int:
        """Return the requests of their own that only looked how far registrations are, beyond the plan's look."""
        alone = Counter(one.trip for one in self._emulator.exchanges)
        looked = [
            one
            for one in self._emulator.exchanges
            if any(name in one.path for name in _REGISTERING) and not one.path.endswith("/import")
        ]
        return sum(alone[one.trip] == 1 for one in looked)

    def policies(self) -> int:
        """Return how many objects of ours are assigned to groups."""
        return sum(
            "holofleet:" in str(item.properties.get("description"))
            for name in _ASSIGNED
            for item in self._emulator.tenant.collection(name).values()
        )

    @property
    def refused(self) -> int:
        """How many requests came too fast."""
        return self._emulator.quotas.refused if self._emulator.quotas is not None else 0

    def _counted(self, wanted: State, *, carry_out: bool) -> int:
        before = self._emulator.trips
        self._clock.advance(timedelta(minutes=10))  # quotas begin anew with a process
        with self._target() as graph:
            plan = graph.plan(wanted)
            if carry_out:
                graph.apply(plan, wanted, {})
            elif not plan.empty:
                raise RuntimeError(f"not empty: {', '.join(str(one.address) for one in plan.changes[:5])}")
        return self._emulator.trips - before

    def _target(self) -> GraphTarget:
        import httpx2

        from holofleet.emulator.transport import InProcess
        from holofleet.targets.graph.client import GraphClient
        from holofleet.targets.graph.engine import Engine
        from holofleet.targets.graph.kinds import every
        from holofleet.targets.graph.origin import Origin
        from holofleet.targets.graph.target import GraphTarget
        from holofleet.targets.graph.waiting import Waiting

        waiting = Waiting.of(self._clock, seed=1)
        client = GraphClient(Origin.parse(ROOT), httpx2.AsyncClient(transport=InProcess(self._emulator)))
        engine = Engine(client, waiting=waiting, journal=self._journal)
        return GraphTarget(engine, every(ROOT), installation="bench", waiting=waiting, confirm_s=0)


def round_trips(sizes: tuple[int, ...]) -> Section:
    """Count for fleets of these sizes."""
    section = Section("Round trips to Graph (counted, not timed)")
    for headsets in sizes:
        section.add(*_figures(count(headsets)))
    return section


def _figures(trips: Trips) -> Iterator[Figure]:
    name = f"{trips.headsets:,} headsets"
    made = f"{trips.policies} policies; {trips.polls} looks how far registrations are"
    yield Figure(f"{name}: first apply", "trips", (trips.first,), made)
    yield Figure(f"{name}: first apply, the bound", "trips", (trips.bound,))
    yield Figure(f"{name}: first apply, to the bound", "x", (trips.first / trips.bound,))
    yield Figure(f"{name}: empty plan", "trips", (trips.empty,))
    yield Figure(f"{name}: empty plan, the bound", "trips", (trips.bound_reading,))
    yield Figure(f"{name}: one setting changed everywhere", "trips", (trips.change,), "plan and apply")
    yield Figure(f"{name}: processor time of it all", "s", (trips.seconds,), "the emulator's share included")
