"""Policies that there is one of: registration of devices, authorization of users, scope of management."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from holofleet.emulator.call import Call
from holofleet.emulator.collection import visible_value
from holofleet.emulator.edm import Mode, Version
from holofleet.emulator.message import Family, Response, bad, missing
from holofleet.emulator.routing import NO_CONTENT, Area, Quota, Route, ok
from holofleet.emulator.tenant.seed import INTUNE_APP

_V1 = frozenset({Version.V1})
_BETA = frozenset({Version.BETA})


def _area(name: str) -> Area:
    read = ("Policy.Read.All", f"Policy.Read.{name}", f"Policy.ReadWrite.{name}")
    return Area(Quota.IDENTITY, Family.DIRECTORY, read, (f"Policy.ReadWrite.{name}",))


_REGISTRATION = _area("DeviceConfiguration")
_AUTHORIZATION = _area("Authorization")
_MOBILITY = Area(
    Quota.IDENTITY,
    Family.DIRECTORY,
    ("Policy.Read.All", "Policy.ReadWrite.MobilityManagement"),
    ("Policy.ReadWrite.MobilityManagement",),
)
_GROUP = re.compile(
    r"https?://[^/]+/(?:v1\.0|beta)/(?:groups|directoryObjects)(?:/|\(')([0-9a-fA-F-]{36})(?:'\))?"
)


def routes() -> Iterator[Route]:
    """Return the routes of these policies."""
    registration = "/policies/deviceRegistrationPolicy"
    yield Route("GET", registration, _registration, _REGISTRATION, _REGISTRATION.read)
    yield Route("PUT", registration, _replace_registration, _REGISTRATION, _REGISTRATION.write)
    authorization = "/policies/authorizationPolicy"
    yield Route("GET", authorization, _authorization, _AUTHORIZATION, _AUTHORIZATION.read)
    yield Route("PATCH", authorization, _update_authorization, _AUTHORIZATION, _AUTHORIZATION.write, _V1)
    scope = "/policies/mobileDeviceManagementPolicies/{id}"
    for method, path, handler in (
        ("GET", "/policies/mobileDeviceManagementPolicies", _scopes),
        ("GET", scope, _scope),
        ("PATCH", scope, _update_scope),
        ("GET", f"{scope}/includedGroups", _scoped_groups),
        ("POST", f"{scope}/includedGroups/$ref", _include),
        ("DELETE", f"{scope}/includedGroups/{{group}}/$ref", _exclude),
    ):
        permissions = _MOBILITY.read if method == "GET" else _MOBILITY.write
        yield Route(method, path, handler, _MOBILITY, permissions, _BETA, delegated_only=True)


def _singleton(call: Call, name: str) -> Response:
    value = visible_value(call, name, call.tenant.singletons[name])
    return ok({"@odata.context": call.context(f"{name}/$entity"), **value})


def _registration(call: Call) -> Response:
    return _singleton(call, "deviceRegistrationPolicy")


def _replace_registration(call: Call) -> Response:
    """Replace the policy: what the body does not say is lost, so it has to say everything."""
    given = dict(call.given) if isinstance(call.given, dict) else call.given
    if isinstance(given, dict):
        given = {k: v for k, v in given.items() if k not in ("id", "displayName", "description", "@odata.context")}
    properties = Call(**{**call.__dict__, "given": given}).body("deviceRegistrationPolicy", Mode.UPDATE).properties
    needed = {
        "userDeviceQuota",
        "multiFactorAuthConfiguration",
        "azureADRegistration",
        "azureADJoin",
        "localAdminPassword",
    }
    if lacking := needed - properties.keys():
        raise bad(f"The property '{sorted(lacking)[0]}' is missing: the policy is replaced whole.")
    if not 0 <= properties["userDeviceQuota"] <= 2_147_483_647:
        raise bad("'userDeviceQuota' is not valid.")
    call.tenant.singletons["deviceRegistrationPolicy"] |= properties
    return _registration(call)


def _authorization(call: Call) -> Response:
    return _singleton(call, "authorizationPolicy")


def _update_authorization(call: Call) -> Response:
    properties = call.body("authorizationPolicy", Mode.UPDATE).properties
    if not properties:
        raise bad("The body of an update says nothing.")
    policy = call.tenant.singletons["authorizationPolicy"]
    permissions = properties.pop("defaultUserRolePermissions", None)
    policy |= properties
    if permissions is not None:
        policy["defaultUserRolePermissions"] = {**policy["defaultUserRolePermissions"], **permissions}
    return NO_CONTENT


def _require_intune(call: Call) -> None:
    if call.id() != INTUNE_APP:
        raise missing(call.id())


def _scopes(call: Call) -> Response:
    return ok({"@odata.context": call.context("mobileDeviceManagementPolicies"), "value": [_shown(call)]})


def _shown(call: Call) -> dict[str, Any]:
    value = call.tenant.singletons["mobileDeviceManagementPolicy"]
    shown = {name: member for name, member in value.items() if name != "includedGroups"}
    return dict(visible_value(call, "mobilityManagementPolicy", shown))


def _scope(call: Call) -> Response:
    _require_intune(call)
    shown = _shown(call)
    return ok({"@odata.context": call.context("mobileDeviceManagementPolicies/$entity"), **shown})


def _update_scope(call: Call) -> Response:
    _require_intune(call)
    properties = call.body("mobilityManagementPolicy", Mode.UPDATE).properties
    if set(properties) - {"appliesTo", "discoveryUrl", "termsOfUseUrl", "complianceUrl"} or not properties:
        raise bad("These properties of the policy cannot be updated.")
    call.tenant.singletons["mobileDeviceManagementPolicy"] |= properties
    return NO_CONTENT


def _groups(call: Call) -> list[str]:
    _require_intune(call)
    held: list[str] = call.tenant.singletons["mobileDeviceManagementPolicy"].setdefault("includedGroups", [])
    return held


def _scoped_groups(call: Call) -> Response:
    return ok({"value": [{"@odata.type": "#microsoft.graph.group", "id": group} for group in _groups(call)]})


def _include(call: Call) -> Response:
    held = _groups(call)
    given = call.parameters("@odata.id")
    match = _GROUP.fullmatch(str(given["@odata.id"]))
    if match is None:
        raise bad("The reference is not the address of a group.")
    call.tenant.find("groups", match[1])
    if match[1] in held:
        raise bad(
            "One or more added object references already exist for the following modified properties: "
            "'includedGroups'."
        )
    held.append(match[1])
    return NO_CONTENT


def _exclude(call: Call) -> Response:
    held = _groups(call)
    if call.id("group") not in held:
        raise missing(call.id("group"))
    held.remove(call.id("group"))
    return NO_CONTENT
