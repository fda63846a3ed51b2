"""The target: plan, apply, plan empty; stopped anywhere, completed by the next."""

from __future__ import annotations

import base64
import json
import random
from collections.abc import Iterator
from typing import Any

import pytest
from tests.unit.targets.graph.small_tenant import GroupKind, ProfileKind, Tenant
from tests.unit.targets.graph.wire import Answer, Asked, Wire, error

from holofleet.errors import ConflictError, HolofleetError, InputError, RefusedError
from holofleet.plans import Act, check_thresholds
from holofleet.plans.thresholds import MassDeletionError
from holofleet.resources import Address, State
from holofleet.targets.graph.journal import Journal, MemoryJournal
from holofleet.targets.graph.reconcile import Care, Kind
from holofleet.targets.graph.target import GraphTarget, StoppedError, UnreadError
from holofleet.targets.graph.tokens import Token, TokenSource
from holofleet.targets.graph.waiting import Waiting

STATE = State()
GROUPS = "/groups"
PROFILES = "/deviceManagement/deviceConfigurations"


def world(late_s: float = 0.0) -> tuple[Wire, Tenant]:
    wire = Wire(lambda _: (500, {}, None))
    tenant = Tenant(lambda: wire.seconds, late_s)
    wire.answer = tenant.answer
    return wire, tenant


def kinds(count: int = 2, settings: dict[str, Any] | None = None) -> list[Kind]:
    names = [f"g{n}" for n in range(count)]
    return [GroupKind(names), ProfileKind({f"p{n}": [name] for n, name in enumerate(names)}, settings)]


def target(
    wire: Wire,
    managed: list[Kind],
    *,
    tokens: TokenSource | None = None,
    journal: Journal | None = None,
    **options: Any,
) -> GraphTarget:
    engine = wire.engine(tokens=tokens, journal=journal)
    return GraphTarget(engine, managed, installation="fleet", waiting=Waiting.of(wire.clock), **options)


def applied(wire: Wire, managed: list[Kind], **options: Any) -> int:
    with target(wire, managed, **options) as graph:
        return graph.apply(graph.plan(STATE), STATE, {}).applied


def shape(tenant: Tenant) -> list[Any]:
    """What the tenant holds, without ids."""
    names = {id_: o["displayName"] for id_, o in tenant.objects[GROUPS].items()}
    assigned = [
        (o["displayName"], o["omaSettings"], [names[a["target"]["groupId"]] for a in o.get("assignments", ())])
        for o in tenant.objects[PROFILES].values()
    ]
    return [sorted(names.values()), sorted(assigned, key=lambda item: str(item[0]))]


@pytest.mark.parametrize("late_s", [0.0, 25.0])
def test_apply_makes_it_so_and_the_plan_is_empty_afterwards(late_s: float) -> None:
    wire, tenant = world(late_s)
    assert applied(wire, kinds()) == 4
    with target(wire, kinds()) as graph:
        assert graph.plan(STATE).empty
    assert shape(tenant)[0] == ["g0", "g1"]


def test_many_objects_take_few_round_trips() -> None:
    wire, _ = world()
    assert applied(wire, kinds(40), confirm_s=0) == 80
    reads = 1 + 1  # groups are v1.0, profiles beta: one each
    assert len(wire.trips) == reads + 2 + 2 + 2


def test_a_plan_names_what_changes_on_headsets_and_what_becomes_weaker() -> None:
    wire, _ = world()
    usb = "./Device/Vendor/MSFT/Policy/Config/Connectivity/AllowUSBConnection"
    applied(wire, kinds(1, {usb: "0"}))
    with target(wire, kinds(1, {usb: "1"})) as graph:
        plan = graph.plan(STATE)
    assert [(s.oma_uri, s.before, s.after, s.headsets) for s in plan.settings] == [(usb, "0", "1", ("1", "2"))]
    assert plan.weakening


def test_drift_in_any_property_is_found_and_nothing_else() -> None:
    wire, tenant = world()
    applied(wire, kinds())
    with target(wire, kinds(), desired=STATE) as graph:
        assert graph.drift() == ()
        profile = next(iter(tenant.objects[PROFILES].values()))
        profile["omaSettings"].append({"omaUri": "./Device/New", "value": 1})
        profile["assignments"] = []
        next(iter(tenant.objects[GROUPS].values()))["description"] += " edited"
        found = {(d.serial, d.oma_uri.split()[-1]) for d in graph.drift()}
    assert found == {("1", "./Device/New"), ("2", "./Device/New"), ("", "groups"), ("", "description")}


def test_drift_needs_something_to_compare_with() -> None:
    with target(world()[0], kinds()) as graph, pytest.raises(InputError):
        graph.drift()


def test_GRA_2_strangers_are_left_alone_until_somebody_agrees() -> None:
    wire, tenant = world()
    theirs = tenant.put(GROUPS, {"displayName": "G0", "description": "somebody's"})
    with target(wire, kinds(1)) as graph, pytest.raises(RefusedError, match="not ours"):
        graph.apply(graph.plan(STATE), STATE, {})
    assert tenant.strangers_touched == 0
    assert len(tenant.objects[GROUPS]) == 1
    applied(wire, kinds(1), adopt=True)
    assert "holofleet:fleet:small-group:g0" in tenant.objects[GROUPS][theirs]["description"]


def test_what_leaves_the_file_is_deleted_last_and_strangers_stay() -> None:
    wire, tenant = world()
    tenant.put(GROUPS, {"displayName": "theirs", "description": ""})
    applied(wire, kinds(2))
    with target(wire, kinds(0)) as graph:
        plan = graph.plan(STATE)
        assert [(c.act, c.address.kind) for c in plan.changes][-1] == (Act.DELETE, "small-group")
        graph.apply(plan, STATE, {})
    assert [o["displayName"] for o in tenant.objects[GROUPS].values()] == ["theirs"]
    assert tenant.strangers_touched == 0


def test_mass_deletion_is_counted_against_what_is_ours() -> None:
    wire, _ = world()
    applied(wire, kinds(4))
    with target(wire, kinds(0)) as graph, pytest.raises(MassDeletionError, match="4 of 4"):
        check_thresholds(graph.plan(STATE))


def test_a_part_that_cannot_be_read_is_not_taken_as_empty() -> None:
    wire, tenant = world()
    wire.answer = lambda asked: error(403, "Forbidden") if "deviceM" in asked.path else tenant.answer(asked)
    with target(wire, kinds()) as graph, pytest.raises(UnreadError, match="small-profile") as caught:
        graph.plan(STATE)
    assert "DeviceManagementConfiguration.Read.All" in str(caught.value)


def test_a_plan_is_bound_to_the_tenant_it_was_made_for() -> None:
    wire, tenant = world()
    with target(wire, kinds()) as graph:
        plan = graph.plan(STATE)
    tenant.put(GROUPS, {"displayName": "new", "description": ""})
    with target(wire, kinds()) as other, pytest.raises(ConflictError):
        other.apply(plan, STATE, {})


def test_one_failure_stops_only_what_waits_for_it_and_the_next_apply_completes() -> None:
    wire, tenant = world()
    broken = [True]

    def answer(asked: Asked) -> Answer:
        if broken[0] and asked.method == "POST" and asked.body.get("displayName") == "g0":
            return error(400, "Request_BadRequest", "no")
        return tenant.answer(asked)

    wire.answer = answer
    with target(wire, kinds()) as graph, pytest.raises(StoppedError) as caught:
        graph.apply(graph.plan(STATE), STATE, {})
    assert caught.value.exit_status == 1
    assert "small-profile:p0 waits for small-group:g0" in str(caught.value)
    assert [o["displayName"] for o in tenant.objects[PROFILES].values()] == ["p1"]
    broken[0] = False
    assert applied(wire, kinds()) == 2


def test_nothing_is_deleted_while_other_changes_failed() -> None:
    wire, tenant = world()
    applied(wire, kinds(2))
    wire.answer = lambda asked: error(400) if asked.method == "PATCH" else tenant.answer(asked)
    with target(wire, kinds(1, {"./Device/A": 9})) as graph, pytest.raises(StoppedError):
        graph.apply(graph.plan(STATE), STATE, {})
    assert len(tenant.objects[GROUPS]) == 2


class Roles:
    def __init__(self, *roles: str) -> None:
        coded = base64.urlsafe_b64encode(json.dumps({"roles": roles}).encode()).decode()
        self.value = f"a.{coded}.b"

    async def token(self, *, fresh: bool = False) -> Token:
        return Token(self.value, 4e9)


READ = ("Group.Read.All", "DeviceManagementConfiguration.Read.All")


def test_permissions_of_a_plan_are_known_and_a_missing_one_stops_before_anything_is_sent() -> None:
    wire, _ = world()
    wire.root = "https://graph.example.com"
    with target(wire, kinds(), tokens=Roles(*READ)) as graph:
        plan = graph.plan(STATE)
        assert graph.needs().operations["Group.Create"] == ("groups.create",)
        asked = len(wire.asked)
        with pytest.raises(RefusedError, match=r"Group\.Create for groups\.create"):
            graph.apply(plan, STATE, {})
    assert len(wire.asked) == asked
    with target(wire, kinds(), tokens=Roles("Group.Read.All")) as graph, pytest.raises(RefusedError):
        graph.plan(STATE)
    assert len(wire.asked) == asked


def test_a_thing_of_somebody_else_that_is_missing_is_shown_as_undelivered() -> None:
    wire, _ = world()
    with target(wire, [GroupKind(["staff"], care=Care.EXPECT)]) as graph:
        plan = graph.plan(STATE)
    assert [(u.key, u.target) for u in plan.undelivered] == [(str(Address("small-group", "staff")), "graph")]


class Killed(BaseException):
    """The process is gone."""


def kill_at(wire: Wire, tenant: Tenant, moment: int, *, after: bool) -> None:
    left = [moment]

    def answer(asked: Asked) -> Answer:
        left[0] -= 1
        if left[0] == 0 and not after:
            raise Killed
        answered = tenant.answer(asked)
        if left[0] == 0:
            raise Killed
        return answered

    wire.answer = answer


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("late_s", [0.0, 40.0])
def test_killed_at_any_request_the_next_run_ends_in_the_same_state_without_duplicates(
    late_s: float, after: bool
) -> None:
    wire, tenant = world(late_s)
    applied(wire, kinds())
    expected = shape(tenant)
    for moment in range(1, len(wire.asked) + 1):
        wire, tenant = world(late_s)
        journal = MemoryJournal()
        kill_at(wire, tenant, moment, after=after)
        try:
            applied(wire, kinds(), journal=journal)
        except Killed:
            wire.answer = tenant.answer
            applied(wire, kinds(), journal=journal)
        assert shape(tenant) == expected, f"killed at request {moment}"


def storm(tenant: Tenant, seed: int) -> Iterator[Any]:
    chance = random.Random(seed)

    def answer(asked: Asked) -> Answer:
        dice = chance.random()
        if dice < 0.1:
            return error(429, "TooManyRequests", **({"retry_after": "1.5"} if dice < 0.05 else {}))
        if dice < 0.2:
            return error(503)
        answered = tenant.answer(asked)
        return error(504) if dice < 0.3 else answered

    yield answer


@pytest.mark.parametrize("seed", range(12))
def test_a_storm_of_throttling_failures_and_late_sight_ends_in_the_same_state(seed: int) -> None:
    wire, tenant = world()
    applied(wire, kinds(6))
    expected = shape(tenant)
    wire, tenant = world(late_s=float(seed * 4))
    wire.answer = next(storm(tenant, seed))
    for _ in range(4):
        try:
            applied(wire, kinds(6))
        except HolofleetError:
            continue
        break
    assert shape(tenant) == expected
    with target(wire, kinds(6)) as graph:
        assert graph.plan(STATE).empty
