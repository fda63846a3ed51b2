"""Compliance policies: what a headset must be, and how long it may be otherwise.

The action "mark as not compliant" stands in the policy when it is made; later its hours are changed by an action
of their own. Other actions (mails, retiring), or a mail sent with ours, that somebody added are a difference and
are taken away with it. The name of the rule around the actions is write-only: the service wants one and gives none
back. Policies are read and written as beta, which alone shows a filter of an assignment.

Source: 'windows10CompliancePolicy', 'deviceComplianceActionItem', 'scheduleActionsForRules', Microsoft Graph
reference.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from holofleet.plans import ADOPT, Act
from holofleet.resources import Address, CompliancePolicy, DeviceGroup
from holofleet.targets.graph.kinds.assigned import GROUPS, OTHERS, Assigned
from holofleet.targets.graph.kinds.rest import AtRest
from holofleet.targets.graph.operations import Operation, Request, intune
from holofleet.targets.graph.reconcile import Ids, Scope, Seen, Wanted
from holofleet.targets.graph.reconcile.meaning import Comparer
from holofleet.targets.graph.work import Work, ask, together

TYPE: Final = "#microsoft.graph.windows10CompliancePolicy"
GRACE: Final = "graceHours"
ACTIONS: Final = "other actions"
_BLOCK: Final = "block"
_NO_MAIL: Final = (None, "", "00000000-0000-0000-0000-000000000000")
_REST: Final = AtRest(
    rests={"passwordRequiredType": "deviceDefault", "deviceThreatProtectionRequiredSecurityLevel": "unavailable"},
    service=frozenset(
        {
            "id",
            "createdDateTime",
            "lastModifiedDateTime",
            "version",
            "roleScopeTagIds",
            "assignments",
            "scheduledActionsForRule",
            "supportsScopeTags",
        }
    ),
)


class CompliancePolicies(Assigned):
    """The compliance policies of groups of headsets."""

    name = CompliancePolicy.kind
    after: Sequence[str] = (DeviceGroup.kind,)
    comparers: Mapping[str, Comparer] = _REST
    closed: Sequence[str] = ("",)
    listing = intune.LIST_COMPLIANCE
    making = intune.CREATE_COMPLIANCE
    changing = intune.UPDATE_COMPLIANCE
    deleting = intune.DELETE_COMPLIANCE
    assigning = intune.ASSIGN_COMPLIANCE

    def list_request(self) -> Request:
        """Return the request that lists them with assignments and actions."""
        expanded = "assignments,scheduledActionsForRule($expand=scheduledActionConfigurations)"
        return self.listing.request(query={"$expand": expanded})

    def holds(self, item: Mapping[str, Any]) -> bool:
        """Return whether it is a policy for Windows."""
        return item.get("@odata.type") == TYPE

    def writes(self, act: Act, fields: frozenset[str]) -> Sequence[Operation]:
        """Return the operations of an act."""
        needed = super().writes(act, fields)
        return (*needed, intune.SCHEDULE_COMPLIANCE) if fields & {GRACE, ACTIONS} and act is Act.UPDATE else needed

    def wanted(self, scope: Scope) -> Sequence[Wanted]:
        """Return all policies of the file."""
        return [_wanted(policy, scope) for policy in scope.state.of_kind(CompliancePolicy).values()]

    def properties(self, item: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return names, what is asked for, and what happens when it is not so."""
        grace, others = _actions(item)
        kept = {name: item.get(name) for name in ("@odata.type", "displayName", "description")}
        return kept | _REST.set_by_somebody(item) | {GRACE: grace, ACTIONS: others}

    def body(self, wanted: Wanted, scope: Scope, ids: Ids) -> dict[str, Any]:
        """Return the body that makes a policy, with its one action."""
        return self._plain(wanted) | {
            "scheduledActionsForRule": [_rule(wanted.properties[GRACE], "PasswordRequired")]
        }

    def update(self, seen: Seen, wanted: Wanted, fields: frozenset[str], ids: Ids, scope: Scope) -> Work[None]:
        """Change what differs; the hours by an action of their own."""
        works: list[Work[None]] = []
        surplus = fields - wanted.properties.keys() - {GROUPS, ADOPT}
        if fields - {GROUPS, OTHERS, GRACE, ACTIONS} or seen.address != wanted.address:
            body = self._plain(wanted) | _REST.resting(surplus, seen.properties)
            works.append(self._change(seen.id, wanted, body))
        if fields & {GROUPS, OTHERS}:
            works.append(self.assign(seen.id, wanted, ids))
        if fields & {GRACE, ACTIONS}:
            works.append(self._schedule(seen.id, wanted))
        yield from together(works)

    def _schedule(self, id_: str, wanted: Wanted) -> Work[None]:
        body = {"deviceComplianceScheduledActionForRules": [_rule(wanted.properties[GRACE], "PasswordRequired")]}
        yield from ask(intune.SCHEDULE_COMPLIANCE.request(id=id_, body=body))

    @staticmethod
    def _plain(wanted: Wanted) -> dict[str, Any]:
        left = (OTHERS, GRACE, ACTIONS)
        return {name: value for name, value in wanted.properties.items() if name not in left}


def _wanted(policy: CompliancePolicy, scope: Scope) -> Wanted:
    properties: dict[str, Any] = {
        "@odata.type": TYPE,
        "displayName": policy.display_name,
        "description": scope.marker.described("From the fleet file; changes here are undone.", policy.address),
        GRACE: policy.grace_hours,
        ACTIONS: [],
        OTHERS: [],
    }
    asked = {
        "osMinimumVersion": policy.os_minimum or None,
        "storageRequireEncryption": policy.storage_encryption,
        "passwordRequired": policy.password_required,
    }
    properties |= {name: value for name, value in asked.items() if value is not None}
    groups = tuple(Address(DeviceGroup.kind, name) for name in policy.groups)
    return Wanted(policy.address, policy.display_name, properties, {GROUPS: groups})


def _rule(hours: int, name: str) -> dict[str, Any]:
    return {
        "@odata.type": "#microsoft.graph.deviceComplianceScheduledActionForRule",
        "ruleName": name,
        "scheduledActionConfigurations": [
            {
                "@odata.type": "#microsoft.graph.deviceComplianceActionItem",
                "actionType": _BLOCK,
                "gracePeriodHours": hours,
                "notificationTemplateId": "",
                "notificationMessageCCList": [],
            }
        ],
    }


def _actions(item: Mapping[str, Any]) -> tuple[int | None, list[str]]:
    """Return the hours until a headset is marked, and every other action in words."""
    grace: int | None = None
    others: list[str] = []
    for rule in item.get("scheduledActionsForRule") or ():
        for action in rule.get("scheduledActionConfigurations") or ():
            told = action.get("notificationMessageCCList") or action.get("notificationTemplateId") not in _NO_MAIL
            if action.get("actionType") == _BLOCK and grace is None:
                grace = action.get("gracePeriodHours")
                others += ["mail with block"] if told else []
            else:
                others.append(f"{action.get('actionType')} after {action.get('gracePeriodHours')} h")
    return grace, sorted(others)
