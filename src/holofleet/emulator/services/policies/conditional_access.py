"""Conditional access: one request a second for the whole tenant, blocks of a policy replaced whole.

A policy that is enabled for everybody without exclusion is accepted, as the service accepts it, and counted as
what it is: a lock-out.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from holofleet.emulator.call import Call
from holofleet.emulator.collection import Listing
from holofleet.emulator.edm import Mode
from holofleet.emulator.message import Family, Response, bad
from holofleet.emulator.routing import NO_CONTENT, Area, Quota, Route

_POLICIES = "conditionalAccessPolicies"
_LOCATIONS = "namedLocations"
_READ = ("Policy.Read.All", "Policy.ReadWrite.ConditionalAccess", "Policy.Read.ConditionalAccess")
_WRITE = ("Policy.Read.All+Policy.ReadWrite.ConditionalAccess",)
_AREA = Area(Quota.CONDITIONAL_ACCESS, Family.OTHER, _READ, _WRITE)
_LISTING = Listing(_POLICIES, "conditionalAccessPolicy", filters={"displayName": "eq", "state": "eq", "id": "eq"})
_PLACES = Listing(_LOCATIONS, "namedLocation", filters={"displayName": "eq", "id": "eq"}, polymorph=True)
_WORDS = frozenset({"All", "None", "GuestsOrExternalUsers", "all", "none", "Office365", "MicrosoftAdminPortals"})


def routes() -> Iterator[Route]:
    """Return the routes of conditional access."""
    base = "/identity/conditionalAccess"
    for path, handlers in (
        (f"{base}/policies", (_list, _create, _get, _update, _delete)),
        (f"{base}/namedLocations", (_places, _create_place, _place, _update_place, _delete_place)),
    ):
        many, create, one, update, delete = handlers
        yield Route("GET", path, many, _AREA, _AREA.read)
        yield Route("POST", path, create, _AREA, _AREA.write)
        yield Route("GET", f"{path}/{{id}}", one, _AREA, _AREA.read)
        yield Route("PATCH", f"{path}/{{id}}", update, _AREA, _AREA.write)
        yield Route("DELETE", f"{path}/{{id}}", delete, _AREA, _AREA.write)


def _list(call: Call) -> Response:
    return _LISTING.many(call, call.tenant.seen(_POLICIES))


def _get(call: Call) -> Response:
    return _LISTING.one(call, call.tenant.find(_POLICIES, call.id()))


def _create(call: Call) -> Response:
    tenant = call.tenant
    if not tenant.settings.premium:
        raise bad("The tenant has no license for conditional access.")
    properties = call.body("conditionalAccessPolicy", Mode.CREATE).properties
    _check(call, properties)
    properties |= {"createdDateTime": tenant.stamp(), "modifiedDateTime": None}
    item = tenant.create(_POLICIES, "conditionalAccessPolicy", properties)
    _count_lock_out(call, properties)
    context = call.context("identity/conditionalAccess/policies/$entity")
    return Response(201, {"@odata.context": context, **_LISTING.render(call, item)})


def _update(call: Call) -> Response:
    tenant = call.tenant
    item = tenant.find(_POLICIES, call.id())
    properties = call.body("conditionalAccessPolicy", Mode.UPDATE).properties
    if not properties:
        raise bad("The body of an update says nothing.")
    whole = {**item.properties, **properties}
    _check(call, whole)
    tenant.update(_POLICIES, item, {**properties, "modifiedDateTime": tenant.stamp()})
    _count_lock_out(call, whole)
    return NO_CONTENT


def _delete(call: Call) -> Response:
    call.tenant.delete(_POLICIES, call.tenant.find(_POLICIES, call.id()))
    return NO_CONTENT


def _check(call: Call, policy: dict[str, Any]) -> None:
    conditions = policy.get("conditions") or {}
    users, applications = conditions.get("users") or {}, conditions.get("applications") or {}
    if not any(users.get(f"include{kind}") for kind in ("Users", "Groups", "Roles", "GuestsOrExternalUsers")):
        raise bad("1039: A policy has to include users, groups or roles.")
    if not any(
        applications.get(name)
        for name in ("includeApplications", "includeUserActions", "includeAuthenticationContextClassReferences")
    ):
        raise bad("1034: A policy has to include applications or user actions.")
    if not conditions.get("clientAppTypes"):
        raise bad("1032: 'clientAppTypes' has at least one entry.")
    grant = policy.get("grantControls")
    if grant is None and policy.get("sessionControls") is None:
        raise bad("1007: A policy has grant controls or session controls.")
    if grant is not None:
        if grant.get("operator") not in ("AND", "OR"):
            raise bad("1008: 'operator' is AND or OR.")
        if "block" in grant.get("builtInControls", ()) and len(grant["builtInControls"]) > 1:
            raise bad("1009: 'block' stands alone.")
    _check_references(call, users, conditions.get("locations") or {})


def _check_references(call: Call, users: dict[str, Any], locations: dict[str, Any]) -> None:
    for side in ("include", "exclude"):
        for group in users.get(f"{side}Groups", ()):
            call.tenant.find("groups", group)
        for user in users.get(f"{side}Users", ()):
            if user not in _WORDS:
                call.tenant.find("users", user)
        for place in locations.get(f"{side}Locations", ()):
            if place not in ("All", "AllTrusted"):
                call.tenant.find(_LOCATIONS, place)


def _count_lock_out(call: Call, policy: dict[str, Any]) -> None:
    users = policy["conditions"].get("users") or {}
    excluded = any(users.get(f"exclude{kind}") for kind in ("Users", "Groups", "Roles"))
    if policy["state"] == "enabled" and "All" in users.get("includeUsers", ()) and not excluded:
        call.tenant.lock_outs += 1


def _places(call: Call) -> Response:
    return _PLACES.many(call, call.tenant.seen(_LOCATIONS))


def _place(call: Call) -> Response:
    return _PLACES.one(call, call.tenant.find(_LOCATIONS, call.id()))


def _create_place(call: Call) -> Response:
    tenant = call.tenant
    body = call.body("namedLocation", Mode.CREATE, tagged=True)
    if not body.properties.get("ipRanges"):
        raise bad("'ipRanges' has at least one range.")
    stamp = tenant.stamp()
    item = tenant.create(
        _LOCATIONS,
        body.type,
        {"isTrusted": False, **body.properties, "createdDateTime": stamp, "modifiedDateTime": stamp},
    )
    return Response(201, _PLACES.render(call, item))


def _update_place(call: Call) -> Response:
    tenant = call.tenant
    item = tenant.find(_LOCATIONS, call.id())
    body = call.body("namedLocation", Mode.UPDATE, tagged=True)
    tenant.update(_LOCATIONS, item, {**body.properties, "modifiedDateTime": tenant.stamp()})
    return NO_CONTENT


def _delete_place(call: Call) -> Response:
    item = call.tenant.find(_LOCATIONS, call.id())
    if item.properties.get("isTrusted"):
        raise bad("A trusted named location cannot be deleted: make it untrusted first.")
    call.tenant.delete(_LOCATIONS, item)
    return NO_CONTENT
