"""Apps of the Store for headsets.

An app is assigned only once it is published, some time after it was made. Ours by the marker in its notes, which
only administrators see. Whether the Store's new kind of app installs on a headset stands in no document of the
vendor (assumed); packages of one's own are uploaded by people.

Source: 'winGetApp', 'mobileAppAssignment', Microsoft Graph reference (beta).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from holofleet.plans import Act
from holofleet.resources import Address, App, DeviceGroup
from holofleet.targets.graph.kinds.assigned import GROUPS, OTHERS, Assigned, targets
from holofleet.targets.graph.kinds.rest import AtRest
from holofleet.targets.graph.operations import Operation, intune
from holofleet.targets.graph.reconcile import Ids, Scope, Seen, Wanted
from holofleet.targets.graph.reconcile.meaning import Comparer
from holofleet.targets.graph.work import Work, until

TYPE: Final = "#microsoft.graph.winGetApp"
INTENT: Final = "intent"
_ASSIGNMENT: Final = "#microsoft.graph.mobileAppAssignment"
_SETTINGS: Final = "settings of the assignment"
_ONCE: Final = frozenset({"packageIdentifier"})
_EVERY_S: Final = 15.0
_WITHIN_S: Final = 1_800.0
_REST: Final = AtRest(
    service=frozenset(
        {
            "id",
            "assignments",
            "createdDateTime",
            "dependentAppCount",
            "isAssigned",
            "lastModifiedDateTime",
            "largeIcon",
            "manifestHash",
            "publishingState",
            "roleScopeTagIds",
            "supersededAppCount",
            "supersedingAppCount",
            "uploadState",
        }
    )
)


class Apps(Assigned):
    """The Store's apps of groups of headsets."""

    name = App.kind
    after: Sequence[str] = (DeviceGroup.kind,)
    comparers: Mapping[str, Comparer] = _REST
    closed: Sequence[str] = ("",)
    marked = "notes"
    rest = _REST
    once = _ONCE
    beside = frozenset({GROUPS, OTHERS, "adopt", INTENT, _SETTINGS})
    listing = intune.LIST_APPS
    making = intune.CREATE_APP
    changing = intune.UPDATE_APP
    deleting = intune.DELETE_APP
    assigning = intune.ASSIGN_APP

    def holds(self, item: Mapping[str, Any]) -> bool:
        """Return whether it is an app of the Store."""
        return item.get("@odata.type") == TYPE

    def writes(self, act: Act, fields: frozenset[str]) -> Sequence[Operation]:
        """Return the operations of an act."""
        needed = super().writes(act, fields)
        return needed if act is Act.DELETE else (*needed, intune.GET_APP)

    def wanted(self, scope: Scope) -> Sequence[Wanted]:
        """Return all apps of the file."""
        return [_wanted(app, scope) for app in scope.state.of_kind(App).values()]

    def seen(self, item: Mapping[str, Any], scope: Scope) -> Seen:
        """Return one app; its natural key is the product in the Store."""
        seen = super().seen(item, scope)
        key = str(item.get("packageIdentifier") or "")
        return Seen(seen.id, key, seen.properties, seen.references, seen.address, seen.version, item)

    def properties(self, item: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return what is set, and why headsets have it."""
        intents = {str(one.get("intent")) for one in item.get("assignments") or ()}
        settings = [one["settings"] for one in item.get("assignments") or () if one.get("settings")]
        kept = {name: item.get(name) for name in ("@odata.type", "displayName", "description", "notes")}
        found = kept | _REST.set_by_somebody(item) | {INTENT: " and ".join(sorted(intents))}
        return found | ({_SETTINGS: settings} if settings else {})

    def body(self, wanted: Wanted, scope: Scope, ids: Ids) -> dict[str, Any]:
        """Return the whole body."""
        return {name: value for name, value in wanted.properties.items() if name not in (OTHERS, INTENT)}

    def assignments(self, wanted: Wanted, ids: Ids) -> dict[str, Any]:
        """Return the body of the assigning request."""
        groups = ids.of(wanted.references.get(GROUPS, ()))
        more = {"@odata.type": _ASSIGNMENT, "intent": wanted.properties[INTENT], "settings": None}
        return {"mobileAppAssignments": targets(groups, **more)}

    def update(self, seen: Seen, wanted: Wanted, fields: frozenset[str], ids: Ids, scope: Scope) -> Work[None]:
        """Change what differs; the intent stands in the assignment."""
        assignment = {INTENT, _SETTINGS}
        if fields & assignment:
            fields = (fields - assignment) | {GROUPS}
        yield from super().update(seen, wanted, fields, ids, scope)

    def assign(self, id_: str, wanted: Wanted, ids: Ids) -> Work[None]:
        """Replace its assignments, once it is published."""
        published = intune.GET_APP.request(id=id_, query={"$select": "id,publishingState"})
        yield from until(
            published,
            lambda answer: (answer.body or {}).get("publishingState") == "published",
            every_s=_EVERY_S,
            within_s=_WITHIN_S,
            what=f"the publishing of {wanted.properties['displayName']}",
        )
        yield from super().assign(id_, wanted, ids)


def _wanted(app: App, scope: Scope) -> Wanted:
    properties: dict[str, Any] = {
        "@odata.type": TYPE,
        "displayName": app.display_name,
        "description": f"{app.display_name}, for HoloLens headsets.",
        "publisher": app.publisher or app.display_name,
        "notes": scope.marker.described("From the fleet file; changes here are undone.", app.address),
        "packageIdentifier": app.store_id,
        "installExperience": {"runAsAccount": "system"},
        INTENT: app.intent,
        OTHERS: [],
    }
    groups = tuple(Address(DeviceGroup.kind, name) for name in app.groups)
    return Wanted(app.address, app.store_id, properties, {GROUPS: groups})
