"""Users and groups behave as in the directory: unique names, soft deletion, references by twenty, late reads."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from tests.unit.emulator.world import World, group_body, user_body

from holofleet.emulator import Delays, snapshot

ROOT = "https://graph.microsoft.com/v1.0/directoryObjects/"


def _users(world: World, count: int) -> list[str]:
    return [world.post("/v1.0/users", user_body(f"{n:04}"))["id"] for n in range(count)]


def _members(world: World, group: str) -> set[str]:
    return {v["id"] for v in world.get(f"/v1.0/groups/{group}/members?$select=id&$top=999")["value"]}


# Users


def test_a_name_is_unique_without_regard_to_case_and_a_deleted_user_keeps_it(world: World) -> None:
    made = world.post("/v1.0/users", user_body("1"))
    twice = world.post("/v1.0/users", user_body("1", userPrincipalName="hl-1@CONTOSO.com"), 400)
    assert twice["error"]["code"] == "Request_MultipleObjectsWithSameKeyValue"
    world.delete(f"/v1.0/users/{made['id']}")
    world.get(f"/v1.0/users/{made['id']}", 404)
    world.post("/v1.0/users", user_body("1"), 400)
    deleted = "/v1.0/directory/deletedItems/microsoft.graph.user?$filter=startswith(userPrincipalName,'HL-')"
    assert [v["id"] for v in world.get(deleted)["value"]] == [made["id"]]
    world.post(f"/v1.0/directory/deletedItems/{made['id']}/restore", {}, 200)
    assert world.get("/v1.0/users/HL-1@contoso.com")["id"] == made["id"]


def test_a_purged_user_frees_its_name(world: World) -> None:
    made = world.post("/v1.0/users", user_body("1"))
    world.delete(f"/v1.0/users/{made['id']}")
    world.delete(f"/v1.0/directory/deletedItems/{made['id']}")
    world.post("/v1.0/users", user_body("1"))


@pytest.mark.parametrize(
    "wrong",
    [
        {"userPrincipalName": "HL-1@elsewhere.example"},
        {"userPrincipalName": "HL 1@contoso.com"},
        {"mailNickname": "HL-1@contoso.com"},
        {"usageLocation": "USA"},
        {"passwordPolicies": "DisableEverything"},
        {"passwordProfile": {"password": "short"}},
        {"passwordProfile": {"password": "onlylowercaseletters"}},
        {"passwordProfile": {}},
        {"displayName": None},
        {"assignedLicenses": []},
        {"id": "11111111-2222-4333-8444-555555555555"},
    ],
    ids=str,
)
def test_a_user_that_the_directory_would_not_take_is_refused(world: World, wrong: dict[str, Any]) -> None:
    world.post("/v1.0/users", user_body("1", **wrong), 400)
    assert not world.tenant.collection("users")


def test_a_password_is_never_read_back(world: World) -> None:
    made = world.post("/v1.0/users", user_body("1"))
    assert "aB3$" not in str(world.get(f"/v1.0/users/{made['id']}?$select=id,passwordProfile"))
    assert "aB3$" not in str(snapshot(world.tenant))
    assert not any("aB3$" in str(change) for change in world.tenant.changes)


def test_without_select_a_user_shows_little(world: World) -> None:
    made = world.post("/v1.0/users", user_body("1"))
    assert "usageLocation" not in world.get(f"/v1.0/users/{made['id']}")
    assert world.get(f"/v1.0/users/{made['id']}?$select=usageLocation")["usageLocation"] == "US"


# Late reads


def test_a_new_user_is_unknown_for_a_while(make_world: Callable[..., World]) -> None:
    world = make_world(delays=Delays(visible=timedelta(seconds=8)))
    made = world.post("/v1.0/users", user_body("1"))
    group = world.post("/v1.0/groups", group_body("one"))
    world.get(f"/v1.0/users/{made['id']}", 404)
    assert not world.get("/v1.0/users")["value"]
    world.patch(f"/v1.0/users/{made['id']}", {"displayName": "x"}, 404)
    world.post(f"/v1.0/groups/{group['id']}/members/$ref", {"@odata.id": ROOT + made["id"]}, 404)
    world.post("/v1.0/users", user_body("1"), 400)  # the name is taken all the same
    world.pass_time(8)
    world.get(f"/v1.0/users/{made['id']}")
    world.post(f"/v1.0/groups/{group['id']}/members/$ref", {"@odata.id": ROOT + made["id"]}, 204)


def test_a_change_is_read_late(make_world: Callable[..., World]) -> None:
    world = make_world(delays=Delays(visible=timedelta(seconds=8)))
    path = f"/v1.0/users/{world.post('/v1.0/users', user_body('1'))['id']}"
    world.pass_time(8)
    world.patch(path, {"displayName": "new"})
    assert world.get(path)["displayName"] == "HL 1"
    world.pass_time(8)
    assert world.get(path)["displayName"] == "new"


def test_a_membership_is_read_late(make_world: Callable[..., World]) -> None:
    world = make_world(delays=Delays(members=timedelta(seconds=5)))
    user = world.post("/v1.0/users", user_body("1"))["id"]
    group = world.post("/v1.0/groups", group_body("one", **{"members@odata.bind": [ROOT + user]}))["id"]
    assert not _members(world, group)
    world.post(f"/v1.0/groups/{group}/members/$ref", {"@odata.id": ROOT + user}, 400)
    world.pass_time(5)
    assert _members(world, group) == {user}


# Groups


def test_group_names_are_not_unique(world: World) -> None:
    assert (
        world.post("/v1.0/groups", group_body("one"))["id"] != world.post("/v1.0/groups", group_body("one"))["id"]
    )


def test_twenty_members_come_in_one_request_and_twenty_one_do_not(world: World) -> None:
    users = _users(world, 21)
    group = world.post("/v1.0/groups", group_body("one"))["id"]
    world.patch(f"/v1.0/groups/{group}", {"members@odata.bind": [ROOT + u for u in users]}, 400)
    assert not _members(world, group)
    world.patch(f"/v1.0/groups/{group}", {"members@odata.bind": [ROOT + u for u in users[:20]]})
    assert _members(world, group) == set(users[:20])


def test_members_are_added_all_or_none(world: World) -> None:
    users = _users(world, 3)
    group = world.post("/v1.0/groups", group_body("one"))["id"]
    world.patch(f"/v1.0/groups/{group}", {"members@odata.bind": [ROOT + users[0]]})
    again = world.patch(f"/v1.0/groups/{group}", {"members@odata.bind": [ROOT + u for u in users]}, 400)
    assert "added object references already exist" in world.message(again)
    world.patch(
        f"/v1.0/groups/{group}",
        {"members@odata.bind": [ROOT + users[1], ROOT + "11111111-2222-4333-8444-555555555555"]},
        404,
    )
    assert _members(world, group) == {users[0]}


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example/v1.0/users/{}",
        "{}",
        "https://graph.microsoft.com/v1.0/applications/{}",
        "/v1.0/users/{}",
    ],
)
def test_a_reference_to_another_place_is_refused(world: World, address: str) -> None:
    user = _users(world, 1)[0]
    group = world.post("/v1.0/groups", group_body("one"))["id"]
    world.patch(f"/v1.0/groups/{group}", {"members@odata.bind": [address.format(user)]}, 400)


def test_removal_needs_ref_else_the_member_itself_is_deleted(world: World) -> None:
    users = _users(world, 2)
    group = world.post("/v1.0/groups", group_body("one", **{"members@odata.bind": [ROOT + u for u in users]}))[
        "id"
    ]
    world.delete(f"/v1.0/groups/{group}/members/{users[0]}/$ref")
    assert _members(world, group) == {users[1]}
    world.get(f"/v1.0/users/{users[0]}")
    world.delete(f"/v1.0/groups/{group}/members/{users[1]}")
    world.get(f"/v1.0/users/{users[1]}", 404)
    assert world.tenant.deletions_without_ref == [users[1]]


def test_a_dynamic_group_follows_its_rule_after_a_while(make_world: Callable[..., World]) -> None:
    world = make_world(delays=Delays(dynamic=timedelta(minutes=2)))
    rule = '(user.userPrincipalName -startsWith "HL-")'
    body = group_body("accounts", groupTypes=["DynamicMembership"], membershipRule=rule)
    group = world.post("/v1.0/groups", {**body, "membershipRuleProcessingState": "On"})["id"]
    user = _users(world, 1)[0]
    world.post("/v1.0/users", user_body("x", userPrincipalName="adele@contoso.com"))
    assert not _members(world, group)
    world.pass_time(120)
    assert _members(world, group) == {user}
    world.patch(f"/v1.0/groups/{group}", {"members@odata.bind": [ROOT + user]}, 400)
    world.patch(f"/v1.0/groups/{group}", {"membershipRule": '(user.userPrincipalName -eq "adele@contoso.com")'})
    world.pass_time(120)
    assert len(_members(world, group)) == 1
    assert _members(world, group) != {user}


@pytest.mark.parametrize(
    "wrong",
    [
        {"groupTypes": ["DynamicMembership"]},
        {"membershipRule": '(user.displayName -eq "x")'},
        {"groupTypes": ["DynamicMembership"], "membershipRule": "everybody"},
        {"groupTypes": ["DynamicMembership"], "membershipRule": '(user.shoeSize -eq "x")'},
        {
            "groupTypes": ["DynamicMembership"],
            "membershipRule": '(user.displayName -eq "x") -and (device.deviceModel -eq "y")',
        },
        {"groupTypes": ["Invented"]},
        {"mailEnabled": True},
        {"securityEnabled": False},
        {"mailNickname": "has blank"},
        {"displayName": ""},
        {"displayName": "x" * 257},
        {"assignedLicenses": []},
    ],
    ids=str,
)
def test_a_group_that_the_directory_would_not_take_is_refused(world: World, wrong: dict[str, Any]) -> None:
    world.post("/v1.0/groups", {**group_body("one"), **wrong}, 400)


@pytest.mark.parametrize(
    ("rule", "fits"),
    [
        ('(device.devicePhysicalIDs -any _ -contains "[ZTDId]")', True),
        ('(device.devicePhysicalIds -any (_ -startsWith "[ZTDid]"))', True),
        ('(device.devicePhysicalIds -any _ -eq "[OrderID]:site-1")', True),
        ('(device.devicePhysicalIds -any _ -eq "[OrderID]:site-2")', False),
        ('(device.deviceModel -eq "HoloLens 2")', True),
        ('(device.deviceModel -ne "HoloLens 2")', False),
        ('(device.deviceModel -in ["Surface","HoloLens 2"])', True),
        ('(device.displayName -match "^0000-")', True),
        ('(device.displayName -endsWith "-1111")', True),
        ('(device.displayName -notEndsWith "-1111")', False),
        ('(device.deviceModel -eq "HoloLens 2") -and -not (device.accountEnabled -eq false)', True),
        ("(device.enrollmentProfileName -eq null)", True),
    ],
)
def test_rules_about_devices_are_understood(world: World, rule: str, fits: bool) -> None:
    device = world.tenant.create(
        "devices",
        "device",
        {
            "displayName": "0000-1111",
            "model": "HoloLens 2",
            "accountEnabled": True,
            "physicalIds": ["[ZTDID]:11111111", "[OrderID]:site-1"],
        },
    )
    answer = world.post(
        "/beta/groups/evaluateDynamicMembership", {"memberId": device.id, "membershipRule": rule}, 200
    )
    assert answer["membershipRuleEvaluationResult"] is fits


def test_objects_are_read_by_ids_at_most_a_thousand_at_once(world: World) -> None:
    users = _users(world, 2)
    found = world.post("/v1.0/directoryObjects/getByIds", {"ids": [*users, ROOT], "types": ["user"]}, 200)["value"]
    assert [value["id"] for value in found] == users
    world.post("/v1.0/directoryObjects/getByIds", {"ids": ["x"] * 1001}, 400)


def test_delta_tells_what_changed_since_the_last_time(world: World) -> None:
    users = _users(world, 2)
    first = world.get("/v1.0/users/delta?$select=displayName")
    assert {value["id"] for value in first["value"]} == set(users)
    world.patch(f"/v1.0/users/{users[0]}", {"displayName": "new"})
    world.delete(f"/v1.0/users/{users[1]}")
    second = world.get(first["@odata.deltaLink"].removeprefix("http://127.0.0.1"))["value"]
    assert {value["id"]: value.get("displayName") or value["@removed"]["reason"] for value in second} == {
        users[0]: "new",
        users[1]: "deleted",
    }
    world.get("/v1.0/users/delta?$deltatoken=invented", 400)


def test_a_domain_takes_a_validity_of_passwords(world: World) -> None:
    world.patch("/v1.0/domains/contoso.com", {"passwordValidityPeriodInDays": 2147483647})
    assert world.get("/v1.0/domains/contoso.com")["passwordValidityPeriodInDays"] == 2147483647
    world.patch("/v1.0/domains/contoso.com", {"passwordValidityPeriodInDays": 5}, 400)
    world.patch("/v1.0/domains/contoso.com", {"isVerified": True}, 400)


def test_a_temporary_access_pass_is_told_once(world: World) -> None:
    user = _users(world, 1)[0]
    path = f"/v1.0/users/{user}/authentication/temporaryAccessPassMethods"
    made = world.post(path, {"lifetimeInMinutes": 60, "isUsableOnce": True})
    assert made["temporaryAccessPass"]
    assert world.get(path)["value"][0]["temporaryAccessPass"] is None
    world.delete(f"{path}/{made['id']}")
