"""What a tenant amounts to, free of ids and times: equal for tenants in the same state.

Ids become the natural names of what they stand for, so that two runs that made objects in another order, or made
one twice and mended it, can be compared.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

from holofleet.emulator.tenant.item import Item
from holofleet.emulator.tenant.tenant import Tenant

_GUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_VOLATILE = frozenset(
    [
        "createdDateTime",
        "lastModifiedDateTime",
        "modifiedDateTime",
        "version",
        "secretReferenceValueId",
        "renewedDateTime",
        "lastUpdatedDateTime",
        "deploymentProfileAssignedDateTime",
        "lastPasswordChangeDateTime",
        "passwordProfile",
        "signInSessionsValidFromDateTime",
        "lastManualSyncTriggerDateTime",
        "lastSyncDateTime",
        "securityIdentifier",
        "requestDateTime",
        "expirationDateTime",
        "registrationDateTime",
        "deviceRegistrationId",
        "importId",
        "activityDateTime",
        "proxyAddresses",
    ]
)
_TICKETS = frozenset({"importedWindowsAutopilotDeviceIdentities", "exportJobs", "auditEvents", "signIns"})
_KEYS = {
    "users": "userPrincipalName",
    "deletedUsers": "userPrincipalName",
    "devices": "displayName",
    "subscribedSkus": "skuPartNumber",
    "windowsAutopilotDeviceIdentities": "serialNumber",
    "managedDevices": "serialNumber",
    "configurationPolicies": "name",
}


def natural_key(collection: str, item: Item) -> str:
    """Return the name by which a person would call two objects the same."""
    named = str(item.properties.get(_KEYS.get(collection, "displayName")) or item.id)
    return f"{item.type}:{named}".casefold()


def duplicates(tenant: Tenant) -> dict[tuple[str, str], int]:
    """Return how often a natural key occurs, where it occurs more than once."""
    counted = Counter(
        (name, natural_key(name, item))
        for name, items in tenant.collections()
        if name not in _TICKETS
        for item in items.values()
    )
    return {key: count for key, count in counted.items() if count > 1}


def snapshot(tenant: Tenant) -> dict[str, Any]:
    """Return all that matters of a tenant as a JSON value; see the module."""
    names = {
        item.id.casefold(): f"<{natural_key(name, item)}>"
        for name, items in tenant.collections()
        for item in items.values()
    }
    names |= {
        str(item.properties["deviceId"]).casefold(): f"<entra:{item.properties['displayName']}>"
        for item in tenant.collection("devices").values()
        if item.properties.get("deviceId")
    }
    whole: dict[str, Any] = {"settings": _plain(tenant.singletons, names)}
    for collection, items in tenant.collections():
        if items and collection not in _TICKETS:
            whole[collection] = sorted((_item(item, names) for item in items.values()), key=repr)
    return whole


def _item(item: Item, names: dict[str, str]) -> dict[str, Any]:
    value: dict[str, Any] = {"type": item.type, **_plain(item.properties, names)}
    links = {name: sorted(names.get(i.casefold(), i) for i in ids) for name, ids in item.links.items() if ids}
    parts = {
        name: sorted((_item(part, names) for part in parts.values()), key=repr)
        for name, parts in item.parts.items()
        if parts
    }
    return {**value, **links, **parts}


def _plain(value: Any, names: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {key: _plain(member, names) for key, member in sorted(value.items()) if key not in _VOLATILE}
    if isinstance(value, list):
        return [_plain(member, names) for member in value]
    if isinstance(value, str) and len(value) < 4096:
        return _GUID.sub(lambda match: names.get(match[0].casefold(), match[0]), value)
    return value
