"""Licenses of groups arrive at their members in the background, with the errors that they have.

For one user and one group it is all or nothing: when one product cannot be assigned, the others of that group are
not either (error ``Other``). The same product from two sources takes one seat.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from holofleet.emulator.tenant import Item, Tenant

_FORBIDDEN_COUNTRIES = frozenset({"CU", "IR", "KP", "SY"})
"""Where these services are not sold: enough for ProhibitedInUsageLocationViolation."""


def user_changed(tenant: Tenant, user: str) -> None:
    """Have the licenses of a user worked out anew, after a while."""
    if user in tenant.collection("users"):
        tenant.later(tenant.settings.delays.licenses, ("licenses", user), lambda t: _work_out(t, user))


def group_changed(tenant: Tenant, group: Item) -> None:
    """Have the licenses of all members worked out anew, after a while."""
    tenant.later(tenant.settings.delays.licenses, ("licenses of", group.id), lambda t: _members(t, group.id))


def group_gone(tenant: Tenant, group: str) -> None:
    """Forget a group; its members were told when they left."""
    for known in tenant.groups_of.values():
        known.discard(group)


def release(tenant: Tenant, user: Item) -> None:
    """Free the seats of a user that goes away."""
    for holders in tenant.consumers.values():
        holders.discard(user.id)
    _count(tenant, tenant.consumers)


def sku(tenant: Tenant, identity: str) -> Mapping[str, Any] | None:
    """Return a product of the tenant by its skuId."""
    for item in tenant.collection("subscribedSkus").values():
        if item.properties["skuId"] == identity.casefold():
            return item.properties
    return None


def with_dependents(tenant: Tenant, identity: str, disabled: Iterable[str]) -> list[str]:
    """Return the disabled plans with those that cannot be without them: the service adds these by itself."""
    product = sku(tenant, identity)
    plans = [plan["servicePlanId"] for plan in product["servicePlans"]] if product else []
    chosen = {plan.casefold() for plan in disabled}
    for plan in plans:
        if chosen & set(tenant.plan_needs.get(plan, ())):
            chosen.add(plan)
    return sorted(chosen)


def _members(tenant: Tenant, identity: str) -> None:
    group = tenant.collection("groups").get(identity)
    if group is None:
        return
    tenant.settled_licenses[identity] = list(group.properties.get("assignedLicenses") or [])
    for member in list(group.links.get("members", {})):
        _work_out(tenant, member)
    group.properties["licenseProcessingState"] = {"state": "ProcessingComplete"}
    _note_errors(tenant, group)


def _work_out(tenant: Tenant, identity: str) -> None:
    user = tenant.collection("users").get(identity)
    if user is None:
        return
    direct = [
        state for state in user.properties.get("licenseAssignmentStates", []) if state["assignedByGroup"] is None
    ]
    groups = [tenant.collection("groups")[g] for g in sorted(tenant.groups_of.get(identity, ()))]
    licensed = sorted((g for g in groups if g.properties.get("assignedLicenses")), key=lambda group: group.order)
    wanted = {entry["skuId"] for group in licensed for entry in group.properties["assignedLicenses"]}
    wanted |= {state["skuId"] for state in direct}
    for product, holders in tenant.consumers.items():
        if product not in wanted:
            holders.discard(identity)
    plans = _plans(tenant, [*_entries(licensed), *direct])
    states = [*direct]
    for group in licensed:
        states += _of_group(tenant, user, group, plans)
    active = {s["skuId"]: s["disabledPlans"] for s in states if s["state"] == "Active"}
    for product in set(tenant.consumers) - set(active):
        tenant.consumers[product].discard(identity)
    before = user.properties.get("licenseAssignmentStates", [])
    assigned = [{"skuId": product, "disabledPlans": disabled} for product, disabled in sorted(active.items())]
    held = user.properties.get("assignedLicenses") or []
    if assigned != held or [_bare(s) for s in states] != [_bare(s) for s in before]:
        tenant.update(
            "users", user, {"licenseAssignmentStates": states, "assignedLicenses": assigned}, cascade=True
        )
    _count(tenant, wanted | set(active) | {s["skuId"] for s in [*before, *held]})
    for group in licensed:
        if bool(tenant.unlicensed.get(group.id)) is not group.properties.get("hasMembersWithLicenseErrors"):
            _note_errors(tenant, group)


def _entries(groups: Iterable[Item]) -> list[dict[str, Any]]:
    return [entry for group in groups for entry in group.properties["assignedLicenses"]]


def _plans(tenant: Tenant, entries: Iterable[Mapping[str, Any]]) -> set[str]:
    """Return the service plans that a user would have, were all of this assigned."""
    plans: set[str] = set()
    for entry in entries:
        product = sku(tenant, entry["skuId"])
        if product is not None:
            plans |= {p["servicePlanId"] for p in product["servicePlans"]} - set(entry["disabledPlans"])
    return plans


def _of_group(tenant: Tenant, user: Item, group: Item, plans: set[str]) -> list[dict[str, Any]]:
    errors = {e["skuId"]: _error(tenant, user, e, plans) for e in group.properties["assignedLicenses"]}
    failed = any(errors.values())
    unlicensed = tenant.unlicensed.setdefault(group.id, set())
    (unlicensed.add if failed else unlicensed.discard)(user.id)
    states = []
    for entry in group.properties["assignedLicenses"]:
        error = errors[entry["skuId"]] or ("Other" if failed else "None")
        if error == "None":
            tenant.consumers[entry["skuId"]].add(user.id)
        states.append(
            {
                "skuId": entry["skuId"],
                "disabledPlans": entry["disabledPlans"],
                "assignedByGroup": group.id,
                "state": "Active" if error == "None" else "Error",
                "error": error,
                "lastUpdatedDateTime": tenant.stamp(),
            }
        )
    return states


def _error(tenant: Tenant, user: Item, entry: Mapping[str, Any], plans: set[str]) -> str:
    product = sku(tenant, entry["skuId"])
    if product is None:
        return "Other"
    if user.properties.get("usageLocation") in _FORBIDDEN_COUNTRIES:
        return "ProhibitedInUsageLocationViolation"
    enabled = {plan["servicePlanId"] for plan in product["servicePlans"]} - set(entry["disabledPlans"])
    if any(set(tenant.plan_needs.get(plan, ())) - plans for plan in enabled):
        return "DependencyViolation"
    holders = tenant.consumers[entry["skuId"]]
    seats = product["prepaidUnits"]["enabled"] + product["prepaidUnits"]["warning"]
    if user.id not in holders and len(holders) >= seats:
        return "CountViolation"
    return ""


def _note_errors(tenant: Tenant, group: Item) -> None:
    failed = tenant.unlicensed.get(group.id, set()) & set(group.links.get("members", {}))
    group.properties["hasMembersWithLicenseErrors"] = bool(failed)


def failing(tenant: Tenant, group: Item) -> list[Item]:
    """Return the members of a group that could not get its licenses."""
    failed = tenant.unlicensed.get(group.id, set())
    users = tenant.collection("users")
    return [users[member] for member in group.links.get("members", {}) if member in failed and member in users]


def _count(tenant: Tenant, products: Iterable[str]) -> None:
    chosen = set(products)
    for item in tenant.collection("subscribedSkus").values():
        if item.properties["skuId"] in chosen:
            item.properties["consumedUnits"] = len(tenant.consumers[item.properties["skuId"]])


def _bare(state: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in state.items() if name != "lastUpdatedDateTime"}
