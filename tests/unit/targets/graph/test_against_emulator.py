"""The engine and the target against the emulator, which was written apart from them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import httpx2
import pytest
from tests.unit.targets.graph.small_tenant import GroupKind
from tests.unit.targets.graph.wire import START

from holofleet.clock import SetClock
from holofleet.emulator import Delays, Emulator, Fault, FaultPlan, Quotas, Settings, duplicates, new_tenant
from holofleet.emulator.http import serving
from holofleet.emulator.transport import InProcess
from holofleet.errors import HolofleetError
from holofleet.plans import Act
from holofleet.resources import Address, State
from holofleet.targets.graph.client import GraphClient, http_client
from holofleet.targets.graph.engine import Engine
from holofleet.targets.graph.journal import MemoryJournal
from holofleet.targets.graph.operations import Lookup, Operation, Response, directory
from holofleet.targets.graph.origin import Origin
from holofleet.targets.graph.reconcile import Ids, Kind, Scope, Seen, Wanted
from holofleet.targets.graph.reconcile.meaning import Comparer
from holofleet.targets.graph.target import GraphTarget
from holofleet.targets.graph.waiting import Waiting
from holofleet.targets.graph.work import Work, ask

STATE = State()


class SecurityGroups(GroupKind):
    """Groups with all that the directory demands."""

    def wanted(self, scope: Scope) -> Sequence[Wanted]:
        return [
            Wanted(
                w.address,
                w.key,
                {**w.properties, "mailEnabled": False, "mailNickname": w.key, "securityEnabled": True},
            )
            for w in super().wanted(scope)
        ]


class Accounts:
    """Shared accounts by serial."""

    name = "account"
    after: Sequence[str] = ()
    comparers: Mapping[str, Comparer] = {}
    closed: Sequence[str] = ()
    reads: Sequence[Operation] = (directory.LIST_USERS,)
    _query: Mapping[str, str] = {
        "$filter": "startswith(userPrincipalName,'hl-')",
        "$select": "id,userPrincipalName,displayName,usageLocation,employeeType",
        "$top": "999",
    }

    def __init__(self, count: int) -> None:
        self.count = count

    def writes(self, act: Act, fields: frozenset[str]) -> Sequence[Operation]:
        return (directory.CREATE_USER,)

    def wanted(self, scope: Scope) -> Sequence[Wanted]:
        upns = [f"hl-{n:06}@contoso.com" for n in range(self.count)]
        return [
            Wanted(
                Address(self.name, upn),
                upn,
                {
                    "displayName": upn.split("@")[0],
                    "usageLocation": "DE",
                    "employeeType": scope.marker.text(Address(self.name, upn)),
                },
            )
            for upn in upns
        ]

    def read(self, scope: Scope) -> Work[Sequence[Seen]]:
        response = yield from ask(directory.LIST_USERS.request(query=self._query))
        return [
            Seen(o["id"], o["userPrincipalName"], o, address=scope.marker.read(o.get("employeeType")))
            for o in response.value
        ]

    def create(self, wanted: Wanted, ids: Ids, scope: Scope) -> Work[str]:
        body: dict[str, Any] = {
            **wanted.properties,
            "accountEnabled": True,
            "mailNickname": wanted.key.split("@")[0],
            "userPrincipalName": wanted.key,
            "passwordPolicies": "DisablePasswordExpiration",
            "passwordProfile": {"password": "Aa1-" + "x" * 40, "forceChangePasswordNextSignIn": False},
        }
        query = {**self._query, "$filter": f"userPrincipalName eq '{wanted.key}'"}
        lookup = Lookup(directory.LIST_USERS.request(query=query), _first, str(wanted.address), unique=True)
        return (yield from ask(directory.CREATE_USER.request(body=body, lookup=lookup))).id

    def update(self, seen: Seen, wanted: Wanted, fields: frozenset[str], ids: Ids, scope: Scope) -> Work[None]:
        raise NotImplementedError
        yield

    def delete(self, seen: Seen, scope: Scope) -> Work[None]:
        raise NotImplementedError
        yield


def _first(response: Response) -> Mapping[str, Any] | None:
    return next(iter(response.value), None)


def emulated(**options: Any) -> tuple[Emulator, Callable[..., GraphTarget]]:
    clock = SetClock(START)
    delays = options.pop("delays", Delays())
    emulator = Emulator(new_tenant(clock, Settings(delays=delays)), quotas=Quotas(), **options)
    journal = MemoryJournal()

    def target(kinds: Sequence[Kind], **more: Any) -> GraphTarget:
        http = httpx2.AsyncClient(transport=InProcess(emulator))
        waiting = Waiting.of(clock, seed=1)
        engine = Engine(GraphClient(Origin.parse("http://127.0.0.1"), http), waiting=waiting, journal=journal)
        return GraphTarget(engine, kinds, installation="fleet", waiting=waiting, **more)

    return emulator, target


def applied(target: Callable[..., GraphTarget], kinds: Sequence[Kind], **more: Any) -> None:
    with target(kinds, **more) as graph:
        graph.apply(graph.plan(STATE), STATE, {})


@pytest.mark.parametrize("delays", [Delays(), Delays.like_the_service()])
def test_a_fleet_of_accounts_and_groups_is_made_and_the_plan_is_empty(delays: Delays) -> None:
    emulator, target = emulated(delays=delays)
    kinds: list[Kind] = [SecurityGroups(["a", "b"]), Accounts(30)]
    applied(target, kinds)
    with target(kinds) as graph:
        assert graph.plan(STATE).empty
    assert not duplicates(emulator.tenant)


@pytest.mark.parametrize("count", [100, 1000])
def test_round_trips_are_as_few_as_batches_of_twenty_allow(count: int) -> None:
    emulator, target = emulated()
    kinds: list[Kind] = [SecurityGroups(["a"]), Accounts(count)]
    before = emulator.trips
    applied(target, kinds, confirm_s=0)
    lists, creations = 1, -(-(count + 1) // 20)
    assert emulator.trips - before == lists + creations
    assert emulator.quotas is not None
    assert emulator.quotas.refused == 0
    before = emulator.trips
    with target(kinds) as graph:
        assert graph.plan(STATE).empty
    assert emulator.trips - before <= 15


@pytest.mark.parametrize("seed", range(8))
def test_a_storm_ends_in_the_same_state_without_duplicates(seed: int) -> None:
    faults = FaultPlan(seed=seed, rate=0.15)
    emulator, target = emulated(delays=Delays.like_the_service(), faults=faults)
    kinds: list[Kind] = [SecurityGroups(["a", "b", "c"]), Accounts(25)]
    for _ in range(5):
        try:
            applied(target, kinds)
        except HolofleetError:
            continue
        break
    assert faults.struck
    assert not duplicates(emulator.tenant)
    emulator.faults = None
    with target(kinds) as graph:
        assert graph.plan(STATE).empty


def test_over_real_sockets_a_cut_connection_loses_nothing_and_doubles_nothing() -> None:
    clock = SetClock(START)
    faults = FaultPlan(planned={2: Fault.CUT_AFTER, 4: Fault.CUT_BEFORE})
    emulator = Emulator(new_tenant(clock, Settings()), faults=faults)
    kinds: list[Kind] = [SecurityGroups(["a", "b"]), Accounts(3)]
    waiting = Waiting.of(clock)
    with serving(emulator) as url:
        origin = Origin.parse(url)
        engine = Engine(GraphClient(origin, http_client(origin)), waiting=waiting)
        with GraphTarget(engine, kinds, installation="fleet", waiting=waiting) as graph:
            assert graph.apply(graph.plan(STATE), STATE, {}).applied == 5
            assert graph.plan(STATE).empty
    assert not duplicates(emulator.tenant)
    assert emulator.tokens_seen == 0
