"""Requests about licenses: what the tenant has, assignment to groups and users, and what went wrong."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from holofleet.emulator.call import Call
from holofleet.emulator.collection import Listing
from holofleet.emulator.message import Response, bad
from holofleet.emulator.routing import Route, ok
from holofleet.emulator.services.directory import licensing
from holofleet.emulator.services.directory.areas import GROUPS, LICENSES
from holofleet.emulator.services.directory.groups import LISTING as GROUP_LISTING
from holofleet.emulator.services.directory.users import LISTING as USER_LISTING
from holofleet.emulator.services.directory.users import find_user

_SKUS = Listing("subscribedSkus", "subscribedSku")


def routes() -> Iterator[Route]:
    """Return the routes of licenses."""
    read, write = LICENSES.read, LICENSES.write
    yield Route("GET", "/subscribedSkus", _skus, LICENSES, read, units=3)
    yield Route("GET", "/subscribedSkus/{id}", _sku, LICENSES, read)
    yield Route("POST", "/groups/{id}/assignLicense", _assign_to_group, LICENSES, (*write, "Group.ReadWrite.All"))
    yield Route("GET", "/groups/{id}/membersWithLicenseErrors", _errors, GROUPS, GROUPS.read, units=3)
    yield Route("POST", "/users/{id}/assignLicense", _assign_to_user, LICENSES, (*write, "User.ReadWrite.All"))
    yield Route(
        "POST", "/users/{id}/reprocessLicenseAssignment", _reprocess, LICENSES, (*write, "User.ReadWrite.All")
    )


def _skus(call: Call) -> Response:
    for option in ("filter", "top", "orderby", "expand"):
        if option in call.query.given:
            raise bad(f"The query option '${option}' is not supported for subscribedSkus.")
    return _SKUS.many(call, call.tenant.seen("subscribedSkus"))


def _sku(call: Call) -> Response:
    return _SKUS.one(call, call.tenant.find("subscribedSkus", call.id()))


def _assign_to_group(call: Call) -> Response:
    tenant = call.tenant
    group = tenant.find("groups", call.id())
    if not tenant.settings.premium:
        raise bad("The tenant has no license for group-based licensing.")
    if not group.properties.get("securityEnabled"):
        raise bad("Licenses can be assigned to security groups only.")
    # The service works from what it settled last: a second call on the way forgets the first.
    assigned = _changed(call, tenant.settled_licenses.get(group.id, []))
    state = {"state": "QueuedForProcessing"}
    tenant.update("groups", group, {"assignedLicenses": assigned, "licenseProcessingState": state})
    licensing.group_changed(tenant, group)
    value = GROUP_LISTING.render(call, group)
    return Response(202, {"@odata.context": call.context("groups/$entity"), **value})


def _assign_to_user(call: Call) -> Response:
    tenant = call.tenant
    user = find_user(tenant, call.id())
    if not user.properties.get("usageLocation"):
        raise bad("License assignment cannot be done for user with invalid usage location.")
    states = list(user.properties.get("licenseAssignmentStates") or [])
    direct = _changed(call, [_entry(s) for s in states if s["assignedByGroup"] is None])
    for entry in direct:
        product = licensing.sku(tenant, entry["skuId"])
        holders = tenant.consumers[entry["skuId"]]
        if product and user.id not in holders and len(holders) >= product["prepaidUnits"]["enabled"]:
            raise bad(f"Subscription with SKU {entry['skuId']} does not have any available licenses.")
        holders.add(user.id)
    common = {"assignedByGroup": None, "state": "Active", "error": "None", "lastUpdatedDateTime": tenant.stamp()}
    inherited = [s for s in states if s["assignedByGroup"] is not None]
    tenant.update("users", user, {"licenseAssignmentStates": [*({**e, **common} for e in direct), *inherited]})
    licensing.user_changed(tenant, user.id)
    return ok({"@odata.context": call.context("users/$entity"), **USER_LISTING.render(call, user)})


def _entry(state: dict[str, Any]) -> dict[str, Any]:
    return {"skuId": state["skuId"], "disabledPlans": state["disabledPlans"]}


def _changed(call: Call, assigned: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the licenses after an assignment."""
    given = call.parameters("addLicenses removeLicenses")
    added, removed = given["addLicenses"], given["removeLicenses"]
    if not isinstance(added, list) or not isinstance(removed, list) or not (added or removed):
        raise bad("'addLicenses' and 'removeLicenses' are lists, and not both empty.")
    result = {entry["skuId"]: entry for entry in assigned}
    for identity in removed:
        if str(identity).casefold() not in result:
            raise bad(f"User does not have a corresponding license: {identity}.")
        del result[str(identity).casefold()]
    for entry in added:
        checked = _checked(call, entry)
        result[checked["skuId"]] = checked
    return sorted(result.values(), key=lambda entry: str(entry["skuId"]))


def _checked(call: Call, entry: Any) -> dict[str, Any]:
    if (
        not isinstance(entry, dict)
        or set(entry) - {"skuId", "disabledPlans", "@odata.type"}
        or "skuId" not in entry
    ):
        raise bad("An entry of 'addLicenses' has skuId and disabledPlans.")
    identity = str(entry["skuId"]).casefold()
    product = licensing.sku(call.tenant, identity)
    if product is None:
        raise bad(f"License {entry['skuId']} does not correspond to a valid company License.")
    disabled = entry.get("disabledPlans", [])
    known = {plan["servicePlanId"] for plan in product["servicePlans"]}
    unknown = [plan for plan in disabled if str(plan).casefold() not in known]
    if unknown:
        raise bad(f"The plan {unknown[0]} is not part of the license {entry['skuId']}.")
    return {"skuId": identity, "disabledPlans": licensing.with_dependents(call.tenant, identity, disabled)}


def _errors(call: Call) -> Response:
    group = call.tenant.find("groups", call.id())
    return USER_LISTING.many(call, list(licensing.failing(call.tenant, group)), context="directoryObjects")


def _reprocess(call: Call) -> Response:
    call.parameters()
    user = find_user(call.tenant, call.id())
    licensing.user_changed(call.tenant, user.id)
    return ok({"@odata.context": call.context("users/$entity"), **USER_LISTING.render(call, user)})
