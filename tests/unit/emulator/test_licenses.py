"""Group licenses arrive later, one seat a user, all or nothing, with the errors of the service."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import pytest
from tests.unit.emulator.world import World, group_body, user_body

from holofleet.emulator import Delays, Sku
from holofleet.emulator.tenant.seed import KNOWN_SKUS

ASSIST = KNOWN_SKUS["MICROSOFT_REMOTE_ASSIST"]
INTUNE = KNOWN_SKUS["INTUNE_A"]
ROOT = "https://graph.microsoft.com/v1.0/directoryObjects/"


def _assign(world: World, group: str, *skus: Sku, disabled: tuple[str, ...] = (), status: int = 202) -> Any:
    body = {"addLicenses": [{"skuId": s.id, "disabledPlans": list(disabled)} for s in skus], "removeLicenses": []}
    return world.post(f"/v1.0/groups/{group}/assignLicense", body, status)


def _group_of(world: World, count: int, **more: Any) -> tuple[str, list[str]]:
    users = [world.post("/v1.0/users", user_body(f"{n:04}", **more))["id"] for n in range(count)]
    body = group_body("licensed", **{"members@odata.bind": [ROOT + u for u in users]})
    return world.post("/v1.0/groups", body)["id"], users


def _states(world: World, user: str) -> list[Mapping[str, Any]]:
    found: list[Mapping[str, Any]] = world.get(f"/v1.0/users/{user}?$select=licenseAssignmentStates")[
        "licenseAssignmentStates"
    ]
    return found


def _consumed(world: World, sku: Sku) -> int:
    values = world.get("/v1.0/subscribedSkus?$select=skuId,consumedUnits")["value"]
    return next(int(v["consumedUnits"]) for v in values if v["skuId"] == sku.id)


def test_licenses_arrive_after_a_while(make_world: Callable[..., World]) -> None:
    world = make_world(delays=Delays(licenses=timedelta(minutes=1)))
    group, users = _group_of(world, 2)
    _assign(world, group, ASSIST)
    path = f"/v1.0/groups/{group}?$select=licenseProcessingState,assignedLicenses"
    assert world.get(path)["licenseProcessingState"] == {"state": "QueuedForProcessing"}
    assert not _states(world, users[0])
    world.pass_time(60)
    assert world.get(path)["licenseProcessingState"] == {"state": "ProcessingComplete"}
    assert [(s["state"], s["assignedByGroup"]) for s in _states(world, users[0])] == [("Active", group)]
    assert _consumed(world, ASSIST) == 2


def test_who_finds_no_seat_has_an_error_until_one_is_free(make_world: Callable[..., World]) -> None:
    scarce = Sku(ASSIST.part, ASSIST.id, ASSIST.plans, seats=1)
    world = make_world(skus=[scarce])
    group, users = _group_of(world, 2)
    _assign(world, group, ASSIST)
    failing = world.get(f"/v1.0/groups/{group}/membersWithLicenseErrors?$select=id,licenseAssignmentStates")[
        "value"
    ]
    assert [s["error"] for v in failing for s in v["licenseAssignmentStates"]] == ["CountViolation"]
    assert world.get(f"/v1.0/groups/{group}?$select=hasMembersWithLicenseErrors")["hasMembersWithLicenseErrors"]
    lucky = next(user for user in users if user != failing[0]["id"])
    world.delete(f"/v1.0/groups/{group}/members/{lucky}/$ref")
    world.post(f"/v1.0/users/{failing[0]['id']}/reprocessLicenseAssignment", {}, 200)
    assert [s["state"] for s in _states(world, failing[0]["id"])] == ["Active"]
    assert not world.get(f"/v1.0/groups/{group}/membersWithLicenseErrors?$select=id")["value"]


def test_one_product_that_fails_keeps_the_others_of_its_group_away(make_world: Callable[..., World]) -> None:
    world = make_world(skus=[Sku(ASSIST.part, ASSIST.id, ASSIST.plans, seats=0), INTUNE])
    group, users = _group_of(world, 1)
    _assign(world, group, ASSIST, INTUNE)
    assert {s["skuId"]: s["error"] for s in _states(world, users[0])} == {
        ASSIST.id: "CountViolation",
        INTUNE.id: "Other",
    }
    assert _consumed(world, INTUNE) == 0


def test_the_same_product_from_two_groups_takes_one_seat(world: World) -> None:
    group, users = _group_of(world, 1)
    other = world.post("/v1.0/groups", group_body("other", **{"members@odata.bind": [ROOT + users[0]]}))["id"]
    _assign(world, group, ASSIST)
    _assign(world, other, ASSIST)
    assert len(_states(world, users[0])) == 2
    assert _consumed(world, ASSIST) == 1


def test_leaving_the_group_frees_the_seat(world: World) -> None:
    group, users = _group_of(world, 2)
    _assign(world, group, ASSIST)
    assert _consumed(world, ASSIST) == 2
    world.delete(f"/v1.0/groups/{group}/members/{users[0]}/$ref")
    world.delete(f"/v1.0/users/{users[1]}")
    assert _consumed(world, ASSIST) == 0


def test_a_country_without_the_service_is_an_error(world: World) -> None:
    group, users = _group_of(world, 1, usageLocation="KP")
    _assign(world, group, ASSIST)
    assert [s["error"] for s in _states(world, users[0])] == ["ProhibitedInUsageLocationViolation"]


def test_disabling_a_plan_disables_what_needs_it(world: World) -> None:
    group, _ = _group_of(world, 1)
    _assign(world, group, ASSIST, disabled=(ASSIST.plans["CDS_REMOTE_ASSIST"],))
    held = world.get(f"/v1.0/groups/{group}?$select=assignedLicenses")["assignedLicenses"]
    assert set(held[0]["disabledPlans"]) == {
        ASSIST.plans["CDS_REMOTE_ASSIST"],
        ASSIST.plans["MICROSOFT_REMOTE_ASSIST"],
    }


def test_a_plan_whose_need_nobody_gives_is_a_dependency_violation(make_world: Callable[..., World]) -> None:
    plan = ASSIST.plans["MICROSOFT_REMOTE_ASSIST"]
    alone = Sku("ALONE", "11111111-2222-4333-8444-555555555555", {"MICROSOFT_REMOTE_ASSIST": plan})
    world = make_world(skus=[alone])
    group, users = _group_of(world, 1)
    _assign(world, group, alone)
    assert [s["error"] for s in _states(world, users[0])] == ["DependencyViolation"]


def test_a_licensed_group_cannot_be_deleted(world: World) -> None:
    group, _ = _group_of(world, 1)
    _assign(world, group, ASSIST)
    world.delete(f"/v1.0/groups/{group}", 400)
    world.post(f"/v1.0/groups/{group}/assignLicense", {"addLicenses": [], "removeLicenses": [ASSIST.id]}, 202)
    world.delete(f"/v1.0/groups/{group}")


@pytest.mark.parametrize(
    "body",
    [
        {"addLicenses": [{"skuId": ASSIST.id}]},
        {"addLicenses": [], "removeLicenses": []},
        {"addLicenses": [{"skuId": "11111111-2222-4333-8444-555555555555"}], "removeLicenses": []},
        {"addLicenses": [{"skuId": ASSIST.id, "disabledPlans": [INTUNE.id]}], "removeLicenses": []},
        {"addLicenses": [], "removeLicenses": [ASSIST.id]},
        {"addLicenses": [{"skuId": ASSIST.id, "plans": []}], "removeLicenses": []},
    ],
    ids=str,
)
def test_an_assignment_that_makes_no_sense_is_refused(world: World, body: Any) -> None:
    group, _ = _group_of(world, 1)
    world.post(f"/v1.0/groups/{group}/assignLicense", body, 400)


def test_a_second_assignment_on_the_way_forgets_the_first(make_world: Callable[..., World]) -> None:
    world = make_world(delays=Delays(licenses=timedelta(minutes=1)))
    group, _ = _group_of(world, 1)
    path = f"/v1.0/groups/{group}?$select=assignedLicenses"
    _assign(world, group, ASSIST)
    _assign(world, group, INTUNE)
    assert [entry["skuId"] for entry in world.get(path)["assignedLicenses"]] == [INTUNE.id]
    world.pass_time(60)
    _assign(world, group, ASSIST)
    assert {entry["skuId"] for entry in world.get(path)["assignedLicenses"]} == {ASSIST.id, INTUNE.id}


def test_a_direct_license_arrives_without_any_group(make_world: Callable[..., World]) -> None:
    world = make_world(delays=Delays(licenses=timedelta(minutes=1)))
    user = world.post("/v1.0/users", user_body("1"))["id"]
    body = {"addLicenses": [{"skuId": INTUNE.id, "disabledPlans": []}], "removeLicenses": []}
    world.post(f"/v1.0/users/{user}/assignLicense", body, 200)
    world.pass_time(60)
    assigned = world.get(f"/v1.0/users/{user}?$select=assignedLicenses")["assignedLicenses"]
    assert [entry["skuId"] for entry in assigned] == [INTUNE.id]
    world.post(f"/v1.0/users/{user}/assignLicense", {"addLicenses": [], "removeLicenses": [INTUNE.id]}, 200)
    world.pass_time(60)
    assert world.get(f"/v1.0/users/{user}?$select=assignedLicenses")["assignedLicenses"] == []
    assert _consumed(world, INTUNE) == 0
