"""Dynamic groups follow their rules some time after a change, one object or one rule at a time."""

from __future__ import annotations

from functools import lru_cache

from holofleet.emulator.services.directory.rules import Rule, parse_rule
from holofleet.emulator.tenant import Item, Tenant

_parsed = lru_cache(maxsize=512)(parse_rule)


def is_dynamic(group: Item) -> bool:
    """Return whether the members of a group follow a rule."""
    return "DynamicMembership" in (group.properties.get("groupTypes") or ())


def object_changed(tenant: Tenant, identity: str) -> None:
    """Have all rules held against a user or device that changed, after a while."""
    tenant.later(tenant.settings.delays.dynamic, ("dynamic object", identity), lambda t: _object(t, identity))


def rule_changed(tenant: Tenant, group: str) -> None:
    """Have the rule of a group held against everything, after a while."""
    tenant.later(tenant.settings.delays.dynamic, ("dynamic group", group), lambda t: _group(t, group))


def _object(tenant: Tenant, identity: str) -> None:
    found = tenant.object(identity)
    if found is None:
        return
    collection, item = found
    for group in list(tenant.collection("groups").values()):
        rule = _rule_of(group)
        if rule is not None and rule.collection == collection:
            _hold(tenant, group, rule, item)


def _group(tenant: Tenant, identity: str) -> None:
    group = tenant.collection("groups").get(identity)
    rule = _rule_of(group) if group is not None else None
    if group is None or rule is None:
        return
    for item in list(tenant.collection(rule.collection).values()):
        _hold(tenant, group, rule, item)


def _rule_of(group: Item) -> Rule | None:
    text = group.properties.get("membershipRule")
    active = is_dynamic(group) and group.properties.get("membershipRuleProcessingState") == "On"
    return _parsed(text) if active and text else None


def _hold(tenant: Tenant, group: Item, rule: Rule, item: Item) -> None:
    from holofleet.emulator.services.directory.members import join, leave

    is_member = item.id in group.links.get("members", {})
    belongs = rule.matches({"id": item.id, **item.properties})
    if belongs and not is_member:
        join(tenant, group, item.id)
    elif is_member and not belongs:
        leave(tenant, group, item.id)
