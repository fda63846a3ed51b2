"""Deployment profiles for headsets: self-deploying, joined to Entra ID.

Assignments are made and taken one by one: what is missing first, then what is too much, so that no headset is ever
without a profile in between. A profile is deleted only after its assignments.

Source: 'azureADWindowsAutopilotDeploymentProfile', Microsoft Graph reference (beta); 'Windows Autopilot for
HoloLens 2' (Microsoft).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from holofleet.plans import Act
from holofleet.resources import Address, AutopilotProfile, DeviceGroup
from holofleet.targets.graph.kinds.assigned import GROUPS, OTHERS, Assigned, assigned, targets
from holofleet.targets.graph.kinds.rest import AtRest
from holofleet.targets.graph.operations import Lookup, Operation, Request, Response, autopilot
from holofleet.targets.graph.reconcile import Ids, Scope, Seen, Wanted
from holofleet.targets.graph.reconcile.meaning import Comparer
from holofleet.targets.graph.work import Work, ask

TYPE: Final = "#microsoft.graph.azureADWindowsAutopilotDeploymentProfile"
_ONCE: Final = frozenset({"deviceType"})
_REST: Final = AtRest(
    service=frozenset(
        {
            "id",
            "assignments",
            "createdDateTime",
            "lastModifiedDateTime",
            "managementServiceAppId",
            "roleScopeTagIds",
            # Old names of properties that are compared under their new ones.
            "enableWhiteGlove",
            "extractHardwareHash",
            "language",
            "outOfBoxExperienceSettings",
            "enrollmentStatusScreenSettings",
        }
    )
)


class AutopilotProfiles(Assigned):
    """The deployment profiles of groups of headsets."""

    name = AutopilotProfile.kind
    after: Sequence[str] = (DeviceGroup.kind,)
    comparers: Mapping[str, Comparer] = _REST
    closed: Sequence[str] = ("",)
    rest = _REST
    once = _ONCE
    listing = autopilot.LIST_DEPLOYMENT_PROFILES
    making = autopilot.CREATE_DEPLOYMENT_PROFILE
    changing = autopilot.UPDATE_DEPLOYMENT_PROFILE
    deleting = autopilot.DELETE_DEPLOYMENT_PROFILE

    def writes(self, act: Act, fields: frozenset[str]) -> Sequence[Operation]:
        """Return the operations of an act."""
        if act is Act.DELETE:
            return autopilot.DELETE_PROFILE_ASSIGNMENT, self.deleting
        needed = [self.making] if act is Act.CREATE else [self.changing]
        if fields & {GROUPS, OTHERS}:
            needed.append(autopilot.CREATE_PROFILE_ASSIGNMENT)
            needed += [autopilot.DELETE_PROFILE_ASSIGNMENT] if act is Act.UPDATE else []
        return needed

    def wanted(self, scope: Scope) -> Sequence[Wanted]:
        """Return all profiles of the file."""
        return [_wanted(profile, scope) for profile in scope.state.of_kind(AutopilotProfile).values()]

    def properties(self, item: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return what is set."""
        kept = {name: item.get(name) for name in ("@odata.type", "displayName", "description")}
        return kept | _REST.set_by_somebody(item)

    def body(self, wanted: Wanted, scope: Scope, ids: Ids) -> dict[str, Any]:
        """Return the whole body."""
        return {name: value for name, value in wanted.properties.items() if name != OTHERS}

    def create(self, wanted: Wanted, ids: Ids, scope: Scope) -> Work[str]:
        """Make it and give it to its groups."""
        id_ = yield from self.make(wanted, ids, scope)
        yield [_give(id_, group) for group in ids.of(wanted.references.get(GROUPS, ()))]
        return id_

    def update(self, seen: Seen, wanted: Wanted, fields: frozenset[str], ids: Ids, scope: Scope) -> Work[None]:
        """Change what differs; groups that are missing get it before others lose it."""
        if fields - {GROUPS, OTHERS} or not seen.ours:
            body = self.changed(seen, wanted, fields, scope, ids)
            yield from ask(self.changing.request(id=seen.id, body=body))
        if fields & {GROUPS, OTHERS}:
            meant = ids.of(wanted.references.get(GROUPS, ()))
            held = set(assigned(seen.raw.get("assignments") or ())[0])
            missing = [_give(seen.id, group) for group in meant if group not in held]
            if missing:
                yield missing
            yield from _take(seen, frozenset(meant))

    def delete(self, seen: Seen, scope: Scope) -> Work[None]:
        """Take it from everybody, then delete it."""
        yield from _take(seen, frozenset())
        yield from ask(self.deleting.request(id=seen.id, accept={404}))


def _take(seen: Seen, kept: frozenset[str]) -> Work[None]:
    """Take a profile from all that are not to have it."""
    surplus = []
    for assignment in seen.raw.get("assignments") or ():
        groups, _ = assigned([assignment])
        if not set(groups) & kept:
            surplus.append(str(assignment["id"]))
    if surplus:
        yield [
            autopilot.DELETE_PROFILE_ASSIGNMENT.request(id=seen.id, assignment=one, accept={404})
            for one in surplus
        ]


def _give(profile: str, group: str) -> Request:
    (body,) = targets([group])

    def match(response: Response) -> Mapping[str, Any] | None:
        return next((one for one in response.value if group in assigned([one])[0]), None)

    listing = autopilot.LIST_PROFILE_ASSIGNMENTS.request(id=profile)
    lookup = Lookup(listing, match, f"autopilot-profile-assignment:{profile}/{group}", unique=True)
    return autopilot.CREATE_PROFILE_ASSIGNMENT.request(id=profile, body=body, lookup=lookup, accept={409})


def _wanted(profile: AutopilotProfile, scope: Scope) -> Wanted:
    properties: dict[str, Any] = {
        "@odata.type": TYPE,
        "displayName": profile.display_name,
        "description": scope.marker.described("From the fleet file; changes here are undone.", profile.address),
        "locale": profile.language or "os-default",
        "deviceType": "holoLens",
        "deviceNameTemplate": profile.device_name,
        "preprovisioningAllowed": False,
        "hardwareHashExtractionEnabled": False,
        "outOfBoxExperienceSetting": {
            "deviceUsageType": "shared",
            "userType": "standard",
            "privacySettingsHidden": True,
            "eulaHidden": True,
            "keyboardSelectionPageSkipped": True,
            "escapeLinkHidden": True,
        },
        OTHERS: [],
    }
    groups = tuple(Address(DeviceGroup.kind, name) for name in profile.groups)
    return Wanted(profile.address, profile.display_name, properties, {GROUPS: groups})
