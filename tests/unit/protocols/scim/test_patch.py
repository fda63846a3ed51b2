"""Patches, as RFC 7644 section 3.5.2 has them and as a large provider sends them."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from holofleet.protocols.scim import PATCH, ScimError, apply_patch

USER: dict[str, Any] = {
    "userName": "megan@contoso.com",
    "displayName": "Megan",
    "active": True,
    "name": {"givenName": "Megan"},
    "emails": [{"type": "work", "value": "m@contoso.com"}, {"type": "home", "value": "m@example.org"}],
}
GROUP: dict[str, Any] = {"displayName": "Welders", "members": [{"value": "1"}, {"value": "2"}]}


def patched(resource: dict[str, Any], *operations: dict[str, Any]) -> dict[str, Any]:
    before = copy.deepcopy(resource)
    found = apply_patch(resource, {"schemas": [PATCH], "Operations": list(operations)})
    assert resource == before
    return found


def test_a_value_is_replaced_by_path_in_any_case() -> None:
    assert patched(USER, {"op": "Replace", "path": "DISPLAYNAME", "value": "M."})["displayName"] == "M."


def test_without_a_path_an_object_names_what_changes_with_dots_too() -> None:
    found = patched(USER, {"op": "replace", "value": {"active": "False", "name.familyName": "Bowen"}})
    assert (found["active"], found["name"]) == ("False", {"givenName": "Megan", "familyName": "Bowen"})


def test_one_of_several_addresses_is_chosen_by_a_filter() -> None:
    found = patched(USER, {"op": "replace", "path": 'emails[type eq "work"].value', "value": "new@contoso.com"})
    assert [item["value"] for item in found["emails"]] == ["new@contoso.com", "m@example.org"]


def test_an_address_that_is_not_there_is_made_when_its_value_is_set() -> None:
    found = patched(
        {"userName": "x"}, {"op": "add", "path": 'emails[type eq "work"].value', "value": "a@b.example"}
    )
    assert found["emails"] == [{"value": "a@b.example"}]


def test_members_are_added_once_and_removed_by_filter_or_by_value() -> None:
    more = patched(GROUP, {"op": "Add", "path": "members", "value": [{"value": "2"}, {"value": "3"}]})
    assert [member["value"] for member in more["members"]] == ["1", "2", "3"]
    fewer = patched(GROUP, {"op": "remove", "path": 'members[value eq "1"]'})
    assert fewer["members"] == [{"value": "2"}]
    listed = patched(GROUP, {"op": "Remove", "path": "members", "value": [{"value": "2"}]})
    assert listed["members"] == [{"value": "1"}]
    assert "members" not in patched(GROUP, {"op": "remove", "path": "members"})


def test_operations_apply_in_their_order() -> None:
    found = patched(
        USER,
        {"op": "replace", "path": "displayName", "value": "A"},
        {"op": "remove", "path": "displayName"},
        {"op": "add", "path": "displayName", "value": "B"},
    )
    assert found["displayName"] == "B"


@pytest.mark.parametrize(
    ("operation", "kind"),
    [
        ({"op": "move", "path": "x", "value": 1}, "invalidSyntax"),
        ({"op": "remove"}, "noTarget"),
        ({"op": "replace", "value": "x"}, "invalidValue"),
        ({"op": "replace", "path": "a b", "value": 1}, "invalidPath"),
        ({"op": "replace", "path": "a.b.c", "value": 1}, "invalidPath"),
        ({"op": "replace", "path": 5, "value": 1}, "invalidPath"),
        ({"op": "replace", "path": "displayName[x eq 1]", "value": 1}, "invalidPath"),
        ({"op": "replace", "path": "emails[x]", "value": 1}, "invalidPath"),
        ({"op": "replace", "path": 'emails[type eq "fax"]', "value": {}}, "noTarget"),
        ({"op": "add", "path": "displayName.part", "value": 1}, "invalidPath"),
        ("text", "invalidSyntax"),
    ],
)
def test_an_operation_that_cannot_be_read_is_refused_with_its_word(operation: Any, kind: str) -> None:
    with pytest.raises(ScimError) as refused:
        patched(USER, operation)
    assert refused.value.kind == kind


@pytest.mark.parametrize(
    "body", [{}, {"Operations": []}, {"Operations": {}}, {"Operations": [{"op": "add"}] * 1001}]
)
def test_a_patch_without_operations_or_with_too_many_is_refused(body: dict[str, Any]) -> None:
    with pytest.raises(ScimError):
        apply_patch(USER, body)
