"""Paths, verbs, headers and query options that Graph does not take are refused."""

from __future__ import annotations

import pytest
from tests.unit.emulator.world import World, group_body, user_body


@pytest.mark.parametrize("path", ["/v1.0/nowhere", "/v1.0/users/x/nowhere", "/v1.0", "/v2.0/users", "/users", "/"])
def test_a_path_that_leads_nowhere_is_refused(world: World, path: str) -> None:
    world.get(path, 400)


@pytest.mark.parametrize(
    "path",
    [
        "deviceManagement/windowsAutopilotDeploymentProfiles",
        "deviceManagement/windowsAutopilotSettings",
        "deviceManagement/assignmentFilters",
        "deviceManagement/roleScopeTags",
        "deviceManagement/configurationPolicies",
        "deviceManagement/windowsFeatureUpdateProfiles",
    ],
)
def test_what_beta_alone_has_is_unknown_in_the_stable_version(world: World, path: str) -> None:
    world.get(f"/beta/{path}")
    assert "segment" in str(world.get(f"/v1.0/{path}", 400))


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PUT", "/v1.0/users"),
        ("DELETE", "/v1.0/users"),
        ("PATCH", "/v1.0/groups/x/members/y/$ref"),
        ("PATCH", "/v1.0/deviceManagement/windowsAutopilotDeviceIdentities/x"),
        ("POST", "/v1.0/subscribedSkus"),
        ("PATCH", "/v1.0/policies/deviceRegistrationPolicy"),
    ],
)
def test_a_verb_that_a_path_does_not_take_is_405(world: World, method: str, path: str) -> None:
    assert world.client.request(method, path, json={}).status_code == 405


def test_a_body_without_its_content_type_is_refused(world: World) -> None:
    assert world.client.post("/v1.0/groups", content=b"{}").status_code == 415
    assert (
        world.client.post("/v1.0/groups", content=b"{}", headers={"Content-Type": "text/plain"}).status_code == 415
    )


@pytest.mark.parametrize("content", [b"{", b'{"a": 1, "a": 2}', b"\xff", b"[1,]", b"NaN"])
def test_a_body_that_is_no_json_is_refused(world: World, content: bytes) -> None:
    headers = {"Content-Type": "application/json"}
    assert world.client.post("/v1.0/groups", content=content, headers=headers).status_code == 400


def test_a_body_above_four_megabytes_is_refused(world: World) -> None:
    assert world.client.post("/v1.0/groups", json={"displayName": "x" * 4_200_000}).status_code == 413


@pytest.mark.parametrize(
    "query",
    [
        "$select=inventedProperty",
        "$expand=inventedProperty",
        "$expand=managedDevices",
        "$filter=inventedProperty eq 'x'",
        "$filter=usageLocation startswith 'x'",
        "$filter=aboutMe eq 'x'",
        "$filter=displayName eq",
        "$filter=displayName eq 'x' and",
        "$filter=displayName = 'x'",
        "$filter=displayName in ('x')",
        "$filter=userPrincipalName in ()",
        "$filter=userPrincipalName in ('x'",
        f"$filter=userPrincipalName in ({','.join(['%27x%27'] * 16)})",
        "$orderby=usageLocation",
        "$top=0",
        "$top=1000",
        "$top=x",
        "$skip=10",
        "$skiptoken=invented",
        "$invented=1",
        "api-version=1",
        "$select=id&$select=displayName",
        "$count=yes",
    ],
)
def test_a_query_that_the_collection_does_not_support_is_refused(world: World, query: str) -> None:
    world.get(f"/v1.0/users?{query}", 400)


@pytest.mark.parametrize(
    "query",
    ["$count=true", "$filter=endswith(userPrincipalName,'x')&$count=true", "$filter=not(displayName eq 'x')"],
)
def test_advanced_queries_need_their_header(world: World, query: str) -> None:
    world.get(f"/v1.0/users?{query}", 400)
    if "$count" in query:
        world.get(f"/v1.0/users?{query}", 200, ConsistencyLevel="eventual")
    else:
        world.get(f"/v1.0/users?{query}", 400, ConsistencyLevel="eventual")
        world.get(f"/v1.0/users?{query}&$count=true", 200, ConsistencyLevel="eventual")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("startswith(userPrincipalName,'HL-')", {"1", "2", "3"}),
        ("userPrincipalName eq 'hl-2@contoso.com'", {"2"}),
        ("displayName eq 'HL 1' or displayName eq 'HL 3'", {"1", "3"}),
        ("usageLocation eq 'US' and (displayName eq 'HL 1' or displayName eq 'HL 2')", {"1"}),
        ("accountEnabled eq false", {"3"}),
        ("employeeType eq 'o''brien'", {"2"}),
        ("startswith(displayName,'nobody')", set()),
        ("userPrincipalName in ('HL-1@contoso.com','hl-3@contoso.com','nobody@contoso.com')", {"1", "3"}),
        ("userPrincipalName in ('hl-2@contoso.com')", {"2"}),
    ],
)
def test_filters_find_what_they_say(world: World, query: str, found: set[str]) -> None:
    world.post("/v1.0/users", user_body("1"))
    world.post("/v1.0/users", user_body("2", usageLocation="DE", employeeType="o'brien"))
    world.post("/v1.0/users", user_body("3", accountEnabled=False))
    values = world.get(f"/v1.0/users?$filter={query}&$select=displayName")["value"]
    assert {value["displayName"].removeprefix("HL ") for value in values} == found


def test_the_count_of_an_advanced_query_is_of_all_pages(world: World) -> None:
    for n in range(5):
        world.post("/v1.0/groups", group_body(f"group {n}"))
    page = world.get("/v1.0/groups?$count=true&$top=2&$orderby=displayName", ConsistencyLevel="eventual")
    assert page["@odata.count"] == 5
    assert [value["displayName"] for value in page["value"]] == ["group 0", "group 1"]


def test_pages_hold_every_object_once_although_one_is_deleted_on_the_way(world: World) -> None:
    ids = [world.post("/v1.0/groups", group_body(f"group {n}"))["id"] for n in range(7)]
    page = world.get("/v1.0/groups?$top=3&$select=id")
    seen = [value["id"] for value in page["value"]]
    world.delete(f"/v1.0/groups/{ids[2]}")
    while link := page.get("@odata.nextLink"):
        page = world.get(link.removeprefix("http://127.0.0.1"))
        seen += [value["id"] for value in page["value"]]
    assert seen == ids


def test_keys_may_stand_in_parentheses(world: World) -> None:
    made = world.post("/v1.0/groups", group_body("one"))
    assert world.get(f"/v1.0/groups('{made['id']}')?$select=displayName")["displayName"] == "one"


def test_intune_refuses_filters_that_it_does_not_know(world: World) -> None:
    for path in ("deviceConfigurations", "deviceCompliancePolicies", "importedWindowsAutopilotDeviceIdentities"):
        refused = world.get(f"/v1.0/deviceManagement/{path}?$filter=displayName eq 'x'", 400)
        assert "_version" in world.message(refused)
    world.get("/beta/deviceManagement/windowsAutopilotDeploymentProfiles?$filter=displayName eq 'x'", 400)


def test_every_refusal_names_the_request(world: World) -> None:
    error = world.get("/v1.0/users/nobody", 404)["error"]
    assert error["code"] == "Request_ResourceNotFound"
    assert "queried reference-property objects are not present" in error["message"]
    assert set(error["innerError"]) == {"date", "request-id", "client-request-id"}
