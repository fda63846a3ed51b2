"""Every type refuses what Graph's metadata does not have."""

from __future__ import annotations

from typing import Any

import pytest
from tests.unit.emulator.values import fitting

from holofleet.emulator.edm import Mode, Property, Version, checked, load
from holofleet.emulator.message import GraphError

SCHEMA = load()
TYPES = [
    (version, kind.name)
    for version in Version
    for kind in sorted(SCHEMA.types.values(), key=lambda k: k.name)
    if not kind.abstract and version in kind.versions
]


def _refused(version: Version, name: str, body: Any, mode: Mode = Mode.UPDATE) -> str:
    with pytest.raises(GraphError) as caught:
        checked(SCHEMA, version, name, body, mode)
    assert caught.value.status == 400
    return caught.value.text


def _writable(version: Version, name: str) -> list[Property]:
    return [
        p
        for p in SCHEMA.properties(name, version).values()
        if not p.marks & {"read-only", "create-only"} and not p.navigation
    ]


def test_there_are_types_of_every_service_to_look_at() -> None:
    assert len(TYPES) > 250
    assert sum(len(_writable(*entry)) for entry in TYPES) > 1500


@pytest.mark.parametrize(("version", "name"), TYPES, ids=lambda value: str(value))
def test_a_body_that_fits_is_taken_and_every_other_is_refused(version: Version, name: str) -> None:
    tag = {"@odata.type": f"#microsoft.graph.{name}"}
    assert name in _refused(version, name, {**tag, "inventedProperty": 1})
    _refused(version, name, [])
    for found in _writable(version, name):
        good = fitting(SCHEMA, version, found)
        body = checked(SCHEMA, version, name, {**tag, found.name: good}, Mode.UPDATE)
        assert body.properties[found.name] == good
        for wrong in _wrong(found):
            _refused(version, name, {**tag, found.name: wrong})
        if not found.nullable or found.collection:
            assert "null" in _refused(version, name, {**tag, found.name: None})


def _wrong(found: Property) -> list[Any]:
    """Return values that no property of this declaration takes."""
    if found.collection:
        return ["text", {"a": 1}, 7, [{"inventedProperty": 1}], [[1]], [None]]
    common: list[Any] = [[], {"inventedProperty": 1}]
    if found.type == "Boolean":
        return [*common, 1, "true"]
    if found.type in ("Int32", "Int64"):
        return [*common, True, 1.5, "1", 2**70]
    if found.type == "Double":
        return [*common, True, "1"]
    if found.type in ("Guid", "DateTimeOffset", "Date", "TimeOfDay", "Duration", "Binary"):
        return [*common, 1, True, "not of this form!"]
    if found.type in SCHEMA.enums:
        return [*common, 1, True, "inventedMember", "unknownFutureValue"]
    if found.type in SCHEMA.types:
        return [[], 1, True, "text", {"inventedProperty": 1}]
    return [*common, 1, True]


@pytest.mark.parametrize(("version", "name"), TYPES, ids=lambda value: str(value))
def test_what_the_service_sets_is_refused_in_a_body(version: Version, name: str) -> None:
    for found in SCHEMA.properties(name, version).values():
        if "read-only" in found.marks:
            assert "read-only" in _refused(version, name, {found.name: "anything"})


def test_what_can_only_be_said_at_creation_is_refused_in_a_change() -> None:
    tag = {"@odata.type": "#microsoft.graph.azureADWindowsAutopilotDeploymentProfile"}
    body = {**tag, "deviceType": "holoLens"}
    checked(SCHEMA, Version.BETA, "windowsAutopilotDeploymentProfile", {**body, "displayName": "x"}, Mode.CREATE)
    assert "created" in _refused(Version.BETA, "windowsAutopilotDeploymentProfile", body)


@pytest.mark.parametrize(
    "declared", sorted(kind.name for kind in SCHEMA.types.values() if kind.abstract and kind.entity)
)
def test_an_abstract_type_has_to_be_made_concrete(declared: str) -> None:
    assert "@odata.type" in _refused(Version.BETA, declared, {}, Mode.CREATE)


@pytest.mark.parametrize(
    "tag",
    [
        "microsoft.graph.windows10CustomConfiguration",
        "#microsoft.graph.deviceConfiguration",
        "#microsoft.graph.invented",
        "#microsoft.graph.user",
        7,
    ],
)
def test_a_tag_that_names_no_derived_type_is_refused(tag: Any) -> None:
    _refused(Version.BETA, "deviceConfiguration", {"@odata.type": tag, "displayName": "x"}, Mode.CREATE)


def test_a_type_of_beta_is_unknown_in_the_stable_version() -> None:
    body = {"@odata.type": "#microsoft.graph.windows81TrustedRootCertificate", "displayName": "x"}
    assert "could not be resolved" in _refused(Version.V1, "deviceConfiguration", body, Mode.CREATE)


@pytest.mark.parametrize(
    "key",
    ["@odata.context", "roleScopeTagIds@odata.context", "displayName@odata.bind", "assignments@odata.nextLink"],
)
def test_annotations_of_answers_are_refused_in_bodies(key: str) -> None:
    body = {"@odata.type": "#microsoft.graph.windows10CustomConfiguration", "displayName": "x", key: "x"}
    _refused(Version.BETA, "deviceConfiguration", body, Mode.CREATE)


def test_a_creation_without_what_is_required_is_refused() -> None:
    assert "passwordProfile" in _refused(
        Version.V1,
        "user",
        {"accountEnabled": True, "displayName": "x", "mailNickname": "x", "userPrincipalName": "x@contoso.com"},
        Mode.CREATE,
    )


def test_flags_may_be_combined_and_other_values_may_not() -> None:
    tag = {"@odata.type": "#microsoft.graph.windows81SCEPCertificateProfile"}
    good = {**tag, "keyUsage": "digitalSignature,keyEncipherment"}
    assert checked(SCHEMA, Version.BETA, "deviceConfiguration", good, Mode.UPDATE).properties["keyUsage"]
    _refused(Version.BETA, "deviceConfiguration", {**tag, "keySize": "size2048,size4096"})


def test_a_navigation_property_takes_references_not_values() -> None:
    assert "navigation" in _refused(Version.V1, "group", {"members": []})
    body = checked(SCHEMA, Version.V1, "group", {"members@odata.bind": ["https://x/1"]}, Mode.UPDATE)
    assert body.binds == {"members": ["https://x/1"]}
    _refused(Version.V1, "group", {"members@odata.bind": "https://x/1"})
