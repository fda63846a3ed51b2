"""The registry: what can be asked at all, and how its requests are filled in."""

from __future__ import annotations

import ast
import pathlib
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

import holofleet.targets.graph as graph
from holofleet.targets.graph.operations import (
    AREAS,
    OPERATIONS,
    Effect,
    Operation,
    Service,
    directory,
    intune,
    page,
    tenant,
)

ROOT = pathlib.Path(graph.__file__).parent


def test_names_are_unique_and_say_area_and_verb() -> None:
    assert len(OPERATIONS) == sum(len(operations) for operations in AREAS.values())
    assert all(re.fullmatch(r"[a-z][a-z-]*\.[a-z][a-z-]*", name) for name in OPERATIONS)


def test_the_page_of_requests_is_what_the_code_says() -> None:
    written = pathlib.Path("docs/graph-requests.md").read_text()
    assert written == page.page()


def test_every_operation_stands_on_the_page_with_version_and_permission() -> None:
    text = page.page()
    for operation in OPERATIONS.values():
        row = next(line for line in text.splitlines() if line.startswith(f"| `{operation.name}` |"))
        assert f"/{operation.version}{operation.path}" in row
        assert all(permission in row for permission in operation.permissions)


def test_operations_are_declared_in_the_registry_and_nowhere_else() -> None:
    for file in ROOT.rglob("*.py"):
        if file.parent.name == "operations":
            continue
        names = {node.id for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, ast.Name)}
        calls = re.findall(r"\bOperation\(", file.read_text())
        assert not calls, f"{file} declares an operation"
        assert "Request" not in names or not re.search(r"(?<![.\w])Request\(", file.read_text()), file


def test_a_path_is_filled_with_ids_and_a_query_is_encoded() -> None:
    request = directory.REMOVE_MEMBER.request(id="g 1", member="m#2")
    assert request.url == "/groups/g%201/members/m%232/$ref"
    query = {"$filter": "startswith(userPrincipalName,'HL-') and x eq 'a&b'", "$top": "999"}
    url = directory.LIST_USERS.request(query=query).url
    assert url == "/users?$filter=startswith(userPrincipalName,'HL-')%20and%20x%20eq%20'a%26b'&$top=999"


def test_a_quote_in_an_argument_of_a_function_is_doubled() -> None:
    request = intune.GET_PLAIN_TEXT.request(id="p", reference="a'b")
    assert request.path.endswith("(secretReferenceValueId='a%27%27b')")


@pytest.mark.parametrize("value", ["", ".", "..", "a/b", "a\\b", "a\nb"])
def test_GRA_2_an_id_cannot_leave_its_segment(value: str) -> None:
    with pytest.raises(ValueError):
        directory.DELETE_GROUP.request(id=value)


@given(st.text(min_size=1))
def test_GRA_2_whatever_an_id_is_the_path_keeps_its_shape(value: str) -> None:
    try:
        path = directory.REMOVE_MEMBER.request(id="g", member=value).path
    except (ValueError, UnicodeEncodeError):
        return
    assert path.count("/") == 5
    assert path.endswith("/$ref")
    assert "?" not in path
    assert "#" not in path


def test_a_place_that_is_missing_or_unknown_is_a_fault_of_the_caller() -> None:
    with pytest.raises(ValueError, match="places"):
        directory.GET_USER.request()
    with pytest.raises(ValueError, match="places"):
        directory.LIST_USERS.request(id="x")


def test_a_read_has_no_body_and_an_action_without_one_sends_an_empty_object() -> None:
    with pytest.raises(ValueError, match="no body"):
        directory.LIST_USERS.request(body={})
    assert directory.REVOKE_SESSIONS.request(id="u").body == {}


@pytest.mark.parametrize("path", ["/groups/{id}/members/{member}", "/x/{id}/includedGroups/{group}"])
def test_GRA_2_a_deletion_of_a_member_without_ref_cannot_even_be_declared(path: str) -> None:
    with pytest.raises(ValueError, match=r"\$ref"):
        Operation("x.y", "v1.0", "DELETE", path, "P", Service.IDENTITY, "wrong")


def test_a_post_has_to_say_what_sending_it_twice_does() -> None:
    with pytest.raises(ValueError, match="twice"):
        Operation("x.y", "v1.0", "POST", "/x", "P", Service.IDENTITY, "wrong")


def test_conditional_access_is_never_part_of_a_batch() -> None:
    affected = [o for o in OPERATIONS.values() if o.path.startswith("/identity/conditionalAccess")]
    assert affected
    assert all(o.alone and o.service is Service.CONDITIONAL_ACCESS for o in affected)


def test_the_scope_of_automatic_enrollment_is_for_persons_only() -> None:
    assert {o.name for o in OPERATIONS.values() if o.delegated_only} == {
        o.name for o in tenant.OPERATIONS if "mobileDeviceManagementPolicies" in o.path
    }


def test_actions_that_hit_a_headset_are_sent_once() -> None:
    for verb in ("wipe", "reboot", "retire", "execute-action"):
        assert OPERATIONS[f"managed-devices.{verb}"].effect is Effect.ONCE


@pytest.mark.parametrize(
    ("query", "cost"),
    [
        ({}, 2),
        ({"$select": "id"}, 1),
        ({"$expand": "manager"}, 3),
        ({"$top": "5"}, 1),
        ({"$select": "i", "$top": "5"}, 1),
    ],
)
def test_identity_reads_cost_resource_units(query: dict[str, str], cost: int) -> None:
    assert directory.LIST_USERS.request(query=query).cost == cost
