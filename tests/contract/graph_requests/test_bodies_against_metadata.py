"""Every body that the record of a run holds fits the published types of Graph: names, versions, kinds of values.

The record is that of ``--record``, taken while fleets are applied, mended and taken away. It is read as a reviewer
reads it: line by line, against the types alone, without the emulator's own checks.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import pytest
from tests.properties.targets.graph.drifting import change, sent_leaves
from tests.properties.targets.graph.whole_fleets import FLEETS, World, fleet

from holofleet.emulator.edm import Schema, Version, load
from holofleet.emulator.edm.schema import Property
from holofleet.resources import State

ENTITIES = {
    "/users": "user",
    "/users/{}": "user",
    "/groups": "group",
    "/groups/{}": "group",
    "/domains/{}": "domain",
    "/deviceManagement/deviceConfigurations": "deviceConfiguration",
    "/deviceManagement/deviceConfigurations/{}": "deviceConfiguration",
    "/deviceManagement/deviceCompliancePolicies": "deviceCompliancePolicy",
    "/deviceManagement/deviceCompliancePolicies/{}": "deviceCompliancePolicy",
    "/deviceManagement/deviceEnrollmentConfigurations": "deviceEnrollmentConfiguration",
    "/deviceManagement/deviceEnrollmentConfigurations/{}": "deviceEnrollmentConfiguration",
    "/deviceManagement/windowsAutopilotDeploymentProfiles": "windowsAutopilotDeploymentProfile",
    "/deviceManagement/windowsAutopilotDeploymentProfiles/{}": "windowsAutopilotDeploymentProfile",
    "/deviceManagement/windowsAutopilotDeploymentProfiles/{}/assignments": (
        "windowsAutopilotDeploymentProfileAssignment"
    ),
    "/deviceAppManagement/mobileApps": "mobileApp",
    "/deviceAppManagement/mobileApps/{}": "mobileApp",
    "/policies/authorizationPolicy": "authorizationPolicy",
    "/policies/deviceRegistrationPolicy": "deviceRegistrationPolicy",
    "/policies/authenticationMethodsPolicy/authenticationMethodConfigurations/x509Certificate": (
        "authenticationMethodConfiguration"
    ),
    "/identity/conditionalAccess/policies": "conditionalAccessPolicy",
    "/identity/conditionalAccess/policies/{}": "conditionalAccessPolicy",
    "/directory/publicKeyInfrastructure/certificateBasedAuthConfigurations": "certificateBasedAuthPki",
    "/directory/publicKeyInfrastructure/certificateBasedAuthConfigurations/{}": "certificateBasedAuthPki",
    "/directory/publicKeyInfrastructure/certificateBasedAuthConfigurations/{}/certificateAuthorities": (
        "certificateAuthorityDetail"
    ),
    "/directory/publicKeyInfrastructure/certificateBasedAuthConfigurations/{}/certificateAuthorities/{}": (
        "certificateAuthorityDetail"
    ),
}
"""What stands at a path. Source: reference of each resource, Microsoft Graph."""
ACTIONS = {
    "/deviceManagement/deviceConfigurations/{}/assign": {"assignments": "deviceConfigurationAssignment[]"},
    "/deviceManagement/deviceCompliancePolicies/{}/assign": {"assignments": "deviceCompliancePolicyAssignment[]"},
    "/deviceManagement/deviceCompliancePolicies/{}/scheduleActionsForRules": {
        "deviceComplianceScheduledActionForRules": "deviceComplianceScheduledActionForRule[]"
    },
    "/deviceManagement/deviceEnrollmentConfigurations/{}/assign": {
        "enrollmentConfigurationAssignments": "enrollmentConfigurationAssignment[]"
    },
    "/deviceAppManagement/mobileApps/{}/assign": {"mobileAppAssignments": "mobileAppAssignment[]"},
    "/deviceManagement/importedWindowsAutopilotDeviceIdentities/import": {
        "importedWindowsAutopilotDeviceIdentities": "importedWindowsAutopilotDeviceIdentity[]"
    },
    "/deviceManagement/windowsAutopilotDeviceIdentities/{}/updateDeviceProperties": {
        "userPrincipalName": "String",
        "addressableUserName": "String",
        "groupTag": "String",
        "displayName": "String",
    },
    "/deviceManagement/windowsAutopilotSettings/sync": {},
    "/groups/{}/assignLicense": {"addLicenses": "assignedLicense[]", "removeLicenses": "Guid[]"},
    "/users/{}/assignLicense": {"addLicenses": "assignedLicense[]", "removeLicenses": "Guid[]"},
}
"""Parameters of actions. Source: as above."""
SERVED = frozenset(
    {
        "id",
        "createdDateTime",
        "lastModifiedDateTime",
        "modifiedDateTime",
        "version",
        "supportsScopeTags",
        "isAssigned",
        "isEncrypted",
        "secretReferenceValueId",
        "@odata.context",
    }
)
"""What the service sets, on any object. Targets of a method name whom they mean by ``id``."""
NAMED_BY_ID = frozenset({"authenticationMethodTarget", "x509CertificateAuthenticationMethodTarget"})
BOUND = {"members@odata.bind": "group", "rootCertificate@odata.bind": "windows81SCEPCertificateProfile"}
TAGGED = frozenset({"deviceConfiguration", "deviceCompliancePolicy", "mobileApp", "deviceEnrollmentConfiguration"})
MASK = "****"
_ID = re.compile(r"(?<=/)[0-9a-f]{8}-[0-9a-f-]{27}\w*(?=/|$)")
_GUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_TIME = re.compile(r"\d\d:\d\d(:\d\d(\.\d+)?)?")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)")


@dataclass(frozen=True)
class Line:
    """One line of a record."""

    version: Version
    method: str
    path: str
    body: Any

    @property
    def template(self) -> str:
        """The path with ``{}`` for ids and names."""
        path = _ID.sub("{}", self.path.partition("?")[0])
        return re.sub(r"^/domains/[^/]+$", "/domains/{}", path)


@cache
def recorded(name: str) -> tuple[Line, ...]:
    """Return the record of a fleet that is applied, changed by somebody, mended, and taken away."""
    world = World(fleet(name))
    world.apply()
    world.settled()
    mendable = [leaf for leaf in sent_leaves(world) if leaf.mendable]
    for leaves in (mendable, mendable[::-1]):
        for leaf in {leaf.id: leaf for leaf in leaves}.values():
            change(world.tenant, leaf)
        world.apply()
    world.state = State()
    world.apply()
    lines = [json.loads(text) for text in world.record.lines]
    return tuple(Line(Version(one["version"]), one["method"], one["path"], one["body"]) for one in lines)


@dataclass(frozen=True)
class Reviewer:
    """Reads bodies against types, and notes what does not fit.

    Args:
        schema: The types.
        version: The root that the request went to.
        faults: What was noted.
    """

    schema: Schema
    version: Version
    faults: list[str]

    def entity(self, declared: str, body: Any, where: str, *, top: bool = False) -> None:
        """Read an object of a type."""
        if not isinstance(body, Mapping):
            self.faults.append(f"{where}: no object")
            return
        kind = self._kind(declared, body, where, top=top)
        known = self.schema.properties(kind, self.version)
        for name, value in body.items():
            here = f"{where}.{name}"
            if name == "@odata.type":
                continue
            if name in SERVED and not (name == "id" and kind in NAMED_BY_ID):
                self.faults.append(f"{here}: the service sets it")
            elif "@" in name:
                if BOUND.get(name) != kind:
                    self.faults.append(f"{here}: no such reference")
            elif name not in known:
                self.faults.append(f"{here}: {kind} has no such property in {self.version}")
            elif "read-only" in known[name].marks:
                self.faults.append(f"{here}: it can only be read")
            else:
                self.property(known[name], value, here)

    def _kind(self, declared: str, body: Mapping[str, Any], where: str, *, top: bool) -> str:
        tag = body.get("@odata.type")
        derived = self.schema.types[declared].abstract or (top and declared in TAGGED)
        if tag is None:
            if derived:
                self.faults.append(f"{where}: no @odata.type")
            return declared
        kind = str(tag).removeprefix("#microsoft.graph.")
        if kind == tag or not self.schema.is_a(kind, declared) or self.version not in self._versions(kind):
            self.faults.append(f"{where}: {tag} is no {declared} in {self.version}")
            return declared
        return kind

    def _versions(self, kind: str) -> frozenset[Version]:
        return self.schema.types[kind].versions

    def property(self, declared: Property, value: Any, where: str) -> None:
        """Read the value of a property."""
        if declared.collection:
            if not isinstance(value, list):
                self.faults.append(f"{where}: no list")
                return
            for index, member in enumerate(value):
                self.value(declared.type, member, f"{where}[{index}]")
        elif value is None:
            if not declared.nullable:
                self.faults.append(f"{where}: null")
        else:
            self.value(declared.type, value, where)

    def value(self, kind: str, value: Any, where: str) -> None:
        """Read one value."""
        if kind in self.schema.types:
            self.entity(kind, value, where)
        elif kind in self.schema.enums:
            enum = self.schema.enums[kind]
            words = str(value).split(",") if enum.flags else [value]
            if any(self.version not in enum.members.get(word, ()) for word in words):
                self.faults.append(f"{where}: {value!r} is no {kind}")
        elif value != MASK and not PRIMITIVES[kind](value):
            self.faults.append(f"{where}: {value!r} is no {kind}")

    def parameters(self, declared: Mapping[str, str], body: Any, where: str) -> None:
        """Read the parameters of an action."""
        for name, value in body.items():
            if name not in declared:
                self.faults.append(f"{where}: no parameter {name}")
                continue
            kind = declared[name]
            for member in value if kind.endswith("[]") else [value]:
                self.value(kind.removesuffix("[]"), member, f"{where} {name}")


def _is_base64(value: Any) -> bool:
    try:
        return (
            isinstance(value, str) and base64.b64encode(base64.b64decode(value, validate=True)).decode() == value
        )
    except ValueError:
        return False


PRIMITIVES: Mapping[str, Callable[[Any], bool]] = {
    "String": lambda value: isinstance(value, str),
    "Boolean": lambda value: isinstance(value, bool),
    "Int32": lambda value: type(value) is int and -(2**31) <= value < 2**31,
    "Int64": lambda value: type(value) is int and -(2**63) <= value < 2**63,
    "Double": lambda value: type(value) in (int, float),
    "Guid": lambda value: isinstance(value, str) and bool(_GUID.fullmatch(value)),
    "DateTimeOffset": lambda value: isinstance(value, str) and bool(_MOMENT.fullmatch(value)),
    "TimeOfDay": lambda value: isinstance(value, str) and bool(_TIME.fullmatch(value)),
    "Binary": _is_base64,
}


def faults_of(one: Line) -> list[str]:
    """Return what does not fit in a line."""
    reviewer = Reviewer(load(), one.version, [])
    where = f"{one.version} {one.method} {one.template}"
    if one.template in ACTIONS:
        reviewer.parameters(ACTIONS[one.template], one.body, where)
    elif one.template in ENTITIES:
        reviewer.entity(ENTITIES[one.template], one.body, where, top=True)
    else:
        reviewer.faults.append(f"{where}: nobody says what this body is")
    return reviewer.faults


@pytest.mark.parametrize("name", FLEETS)
def test_every_property_of_every_recorded_body_is_one_of_its_type(name: str) -> None:
    bodies = [one for one in recorded(name) if one.method not in ("GET", "DELETE")]
    assert bodies
    assert [fault for one in bodies for fault in faults_of(one)] == []


@pytest.mark.parametrize("name", FLEETS)
def test_a_record_holds_only_masked_secrets(name: str) -> None:
    for one in recorded(name):
        profile = (one.body or {}).get("passwordProfile")
        assert profile is None or profile["password"] == MASK
        assert "the value of" not in json.dumps(one.body)


def test_the_runs_cover_making_changing_assigning_and_taking_away() -> None:
    told = {(one.method, one.template) for name in FLEETS for one in recorded(name)}
    paths = {path for method, path in told if method in ("POST", "PATCH", "PUT")}
    assert paths >= (ENTITIES.keys() | ACTIONS.keys()) - {
        "/users/{}/assignLicense"
    }  # no sample has such a license
    assert {path for method, path in told if method == "DELETE"}


@pytest.mark.parametrize(
    ("method", "path", "body", "fault"),
    [
        ("POST", "/users", {"displayname": "a"}, "no such property"),
        ("POST", "/users", {"accountEnabled": "true"}, "is no Boolean"),
        ("POST", "/groups", {"createdDateTime": "2026-11-25T12:00:00Z"}, "the service sets it"),
        ("POST", "/deviceManagement/deviceConfigurations", {"displayName": "a"}, "no @odata.type"),
        ("POST", "/deviceManagement/windowsAutopilotSettings/sync", {"now": True}, "no parameter"),
        ("POST", "/elsewhere", {}, "nobody says"),
    ],
)
def test_the_review_itself_sees_what_does_not_fit(method: str, path: str, body: Any, fault: str) -> None:
    (found,) = faults_of(Line(Version.V1, method, path, body))
    assert fault in found
