"""Who changed what: the audit logs of the emulator, told in a drift."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from tests.unit.targets.graph.kinds.directory_world import ROOT, World
from tests.unit.targets.graph.test_target import STATE, kinds, target
from tests.unit.targets.graph.test_target import world as small_world
from tests.unit.targets.graph.wire import START, Answer, Asked, Wire

from holofleet.emulator import Quotas
from holofleet.plans import Act, Drift
from holofleet.resources import Address, CompliancePolicy, Group, State, TenantSetting
from holofleet.targets.graph.changes import DIRECTORY, INTUNE, log_of, traces
from holofleet.targets.graph.kinds.compliance import CompliancePolicies
from holofleet.targets.graph.kinds.groups import Groups
from holofleet.targets.graph.kinds.tenant_settings import TenantSettings
from holofleet.targets.graph.reconcile import Difference, Kind, Seen, Wanted
from holofleet.targets.graph.tokens import Token

LINE = Group(name="line-4")
POLICY = CompliancePolicy(name="line-4", display_name="Line 4", os_minimum="10.0.22621.1266")
JOIN = TenantSetting(name="device-join", display_name="Joining", value={"users": "none", "groups": (), "quota": 5})
SINCE = "2026-10-26"


def managed() -> Sequence[Kind]:
    return (Groups(ROOT), CompliancePolicies(), TenantSettings(ROOT))


@pytest.fixture
def world() -> World:
    tried = World(managed, State((LINE, POLICY)), quotas=Quotas())
    tried.apply()
    tried.clock.advance(timedelta(hours=2))
    return tried


def drift(world: World) -> dict[str, Drift]:
    with world.target(desired=world.state) as graph:
        return {one.oma_uri: one for one in graph.drift()}


def asked(world: World) -> list[str]:
    return [one.path for one in world.emulator.exchanges if "audit" in one.path.lower()]


def at(world: World) -> str:
    return f"{world.clock.now():%Y-%m-%d %H:%M} UTC"


def test_drift_in_intune_names_who_changed_it_and_when(world: World) -> None:
    (item,) = world.tenant.collection("deviceCompliancePolicies").values()
    world.tenant.edit("deviceCompliancePolicies", item, {"osMinimumVersion": "10.0.1"}, actor="adele@contoso.com")
    (found,) = drift(world).values()
    assert found.reason == (
        f"{POLICY.address} was last changed in the tenant by adele@contoso.com on {at(world)}."
    )


def test_drift_in_the_directory_names_who_changed_it_last(world: World) -> None:
    item = world.one("groups", displayName=LINE.name)
    world.tenant.edit("groups", item, {"displayName": "Line four"}, actor="adele@contoso.com")
    world.clock.advance(timedelta(minutes=5))
    world.tenant.edit("groups", item, {"displayName": "Line 4 and more"}, actor="alex@contoso.com")
    (found,) = drift(world).values()
    assert found.reason.endswith(f"by alex@contoso.com on {at(world)}.")


def test_what_an_application_changed_is_told_as_such(world: World) -> None:
    item = world.one("groups", displayName=LINE.name)
    world.tenant.edit("groups", item, {"displayName": "Line four"}, actor="Contoso provisioning")
    (found,) = drift(world).values()
    assert "by the application Contoso provisioning on" in found.reason


def test_what_was_deleted_tells_who_deleted_it(world: World) -> None:
    (item,) = world.tenant.collection("deviceCompliancePolicies").values()
    world.tenant.actor = "adele@contoso.com"
    world.tenant.delete("deviceCompliancePolicies", item)
    found = drift(world)[str(POLICY.address)]
    assert found.reason == f"It is not in the tenant. It was deleted there by adele@contoso.com on {at(world)}."


def test_logs_are_not_asked_when_nothing_differs(world: World) -> None:
    assert drift(world) == {}
    assert asked(world) == []


def test_only_the_log_of_what_differs_is_asked(world: World) -> None:
    item = world.one("groups", displayName=LINE.name)
    world.edit("groups", item, displayName="Line four")
    drift(world)
    assert {path.partition("?")[0] for path in asked(world)} == {"/auditLogs/directoryAudits"}


def test_what_no_entry_tells_is_said_to_be_unknown(world: World) -> None:
    world.edit("groups", world.one("groups", displayName=LINE.name), displayName="Line four")
    world.tenant.changes.clear()
    (found,) = drift(world).values()
    assert found.reason == (
        f"{LINE.address} was changed in the tenant. By whom is not known: "
        f"the directory's log has no change of it since {SINCE}."
    )


def test_a_setting_of_the_whole_tenant_that_differs_is_drift(world: World) -> None:
    world.state = State((LINE, POLICY, JOIN))
    found = drift(world)
    assert {name.split()[-1] for name in found} == {"users", "quota"}
    assert all(one.oma_uri.startswith(str(JOIN.address)) for one in found.values())


def test_a_log_that_cannot_be_read_leaves_drift_told() -> None:
    wire, tenant = small_world()
    with target(wire, kinds(1), desired=STATE) as graph:
        graph.apply(graph.plan(STATE), STATE, {})
        next(iter(tenant.objects["/groups"].values()))["description"] += " edited"
        (found,) = graph.drift()
    assert "By whom is not known: the directory's log cannot be read (" in found.reason


def jwt(*roles: str) -> Token:
    claims = base64.urlsafe_b64encode(json.dumps({"roles": roles}).encode()).decode().rstrip("=")
    return Token(f"e30.{claims}.x", 4e9)


def told(wire: Wire, difference: Difference, token: Token | None = None) -> str:
    now = wire.clock.now()
    return asyncio.run(traces(wire.engine(), [difference], now=now, token=token))[difference.address]


GROUP = Address("group", "line-4")
CHANGED = Difference(Groups(ROOT), GROUP, Act.UPDATE, seen=Seen("5b0f2a52-8c3d-4a86-9a5e-2d7f1c6b9e10"))
GONE = Difference(Groups(ROOT), GROUP, Act.CREATE, wanted=Wanted(GROUP, "line-4"))


def test_a_permission_that_the_sign_in_lacks_is_named_and_nothing_is_asked() -> None:
    wire = Wire(lambda _: (500, {}, None))
    sentence = told(wire, CHANGED, jwt("Group.Read.All"))
    assert sentence.endswith("By whom is not known: the sign-in lacks AuditLog.Read.All.")
    assert wire.asked == []


def entry(n: int, **more: Any) -> dict[str, Any]:
    return {
        "activityDateTime": f"2026-11-24T10:{n:02}:00.1234567Z",
        "operationType": "Delete",
        "result": "success",
        "initiatedBy": {"user": {"userPrincipalName": "adele@contoso.com"}},
        "targetResources": [{"id": f"{n:08}-0000-4000-8000-000000000000", "displayName": "line-9"}],
        **more,
    }


def test_a_busy_log_is_read_five_pages_deep_and_no_further() -> None:
    def answer(request: Asked) -> Answer:
        page = len(wire.asked)
        link = f"{wire.root}/v1.0/auditLogs/directoryAudits?$skiptoken={page}"
        return 200, {}, {"value": [entry(page)], "@odata.nextLink": link}

    wire = Wire(answer)
    assert told(wire, CHANGED).endswith("it is not among the newest 5 entries of the directory's log.")
    assert len(wire.asked) == 5


@pytest.mark.parametrize(
    "odd",
    [
        {"result": "failure"},
        {"initiatedBy": {"user": None, "app": None}},
        {"initiatedBy": None},
        {"activityDateTime": "yesterday"},
        {"activityDateTime": "2026-11-24T10:00:00"},
        {"activityDateTime": None},
        {"targetResources": None},
        {"operationType": "Update"},
    ],
)
def test_an_entry_that_says_too_little_is_passed_over(odd: dict[str, Any]) -> None:
    resources = [{"id": None, "displayName": "Line-4"}]
    items = [entry(9, targetResources=resources) | odd]
    assert told(Wire(lambda _: (200, {}, {"value": items})), GONE) == "It is not in the tenant."


def test_the_newest_of_several_deletions_is_told_whatever_their_order() -> None:
    resources = [{"id": None, "displayName": "Line-4"}]
    items = [entry(n, targetResources=resources) for n in (5, 30, 20)]
    sentence = told(Wire(lambda _: (200, {}, {"value": items})), GONE)
    assert sentence.endswith("deleted there by adele@contoso.com on 2026-11-24 10:30 UTC.")


def test_what_stands_in_intune_is_looked_for_in_intunes_log() -> None:
    assert log_of(Difference(CompliancePolicies(), POLICY.address, Act.UPDATE)) is INTUNE
    assert log_of(GONE) is DIRECTORY
    assert f"{START - timedelta(days=30):%Y-%m-%d}" == SINCE
