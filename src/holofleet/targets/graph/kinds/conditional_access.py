"""Conditional access: from which headsets their accounts sign in.

A policy has no text but its name, so the marker stands at the end of the name: who looks at the list sees which
ones are not to be changed by hand, and a lost journal loses nothing. A policy is never sent that could shut the
tenant's administrators out: it includes groups and never everybody, and it leaves at least one group out. Blocks
of a policy are replaced whole, so everything in them that somebody added is a difference.

Source: 'conditionalAccessPolicy', Microsoft Graph reference; 'Manage emergency access accounts' (Microsoft).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from holofleet.errors import InputError
from holofleet.plans import Act
from holofleet.resources import Address, ConditionalAccess, Group
from holofleet.targets.graph.kinds.marked import address_of, by_marker
from holofleet.targets.graph.operations import Operation, tenant
from holofleet.targets.graph.reconcile import Ids, Scope, Seen, Wanted
from holofleet.targets.graph.reconcile.meaning import Comparer
from holofleet.targets.graph.work import Work, ask

INCLUDED: Final = "includeGroups"
EXCLUDED: Final = "excludeGroups"
_STATES: Final = {
    "report-only": "enabledForReportingButNotEnforced",
    "enabled": "enabled",
    "disabled": "disabled",
}
_GRANTS: Final = {"compliant-device": "compliantDevice"}
_NOTHING: Final[tuple[Any, ...]] = (None, [], {}, "")


def bare(value: Any) -> Any:
    """Return a value without what means nothing, with lists in one order: two of one meaning are equal."""
    if isinstance(value, Mapping):
        held = {name: bare(inner) for name, inner in value.items() if "@odata" not in name}
        return {name: inner for name, inner in held.items() if not any(inner == none for none in _NOTHING)}
    if isinstance(value, (list, tuple)):
        return sorted((bare(inner) for inner in value), key=lambda inner: json.dumps(inner, sort_keys=True))
    return value


def _whole(wanted: Any, seen: Any) -> bool:
    return bool(bare(wanted) == bare(seen)) or (bare(wanted) in _NOTHING and bare(seen) in _NOTHING)


class ConditionalAccessPolicies:
    """The conditions of headset accounts; the last that is made, the first that goes."""

    name = ConditionalAccess.kind
    after: Sequence[str] = (
        "user",
        "group",
        "device-group",
        "registration",
        "profile",
        "compliance-policy",
        "certificate-sign-in",
        "certificate-method",
    )
    comparers: Mapping[str, Comparer] = {
        "conditions": _whole,
        "grantControls": _whole,
        "sessionControls": _whole,
    }
    closed: Sequence[str] = ()
    reads: Sequence[Operation] = (tenant.LIST_ACCESS_POLICIES,)

    def writes(self, act: Act, fields: frozenset[str]) -> Sequence[Operation]:
        """Return the operations of an act."""
        return {
            Act.CREATE: (tenant.CREATE_ACCESS_POLICY,),
            Act.UPDATE: (tenant.UPDATE_ACCESS_POLICY,),
            Act.DELETE: (tenant.DELETE_ACCESS_POLICY,),
        }[act]

    def wanted(self, scope: Scope) -> Sequence[Wanted]:
        """Return all conditions of the file."""
        return [_wanted(one, scope) for one in scope.state.of_kind(ConditionalAccess).values()]

    def read(self, scope: Scope) -> Work[Sequence[Seen]]:
        """Read all policies of the tenant: there is no filter that finds a marker."""
        response = yield from ask(tenant.LIST_ACCESS_POLICIES.request())
        return [_seen(item, scope) for item in response.value]

    def create(self, wanted: Wanted, ids: Ids, scope: Scope) -> Work[str]:
        """Make it."""
        listing = tenant.LIST_ACCESS_POLICIES.request()
        lookup = by_marker(listing, wanted, scope, text="displayName")
        request = tenant.CREATE_ACCESS_POLICY.request(body=_body(wanted, ids), lookup=lookup)
        return (yield from ask(request)).id

    def update(self, seen: Seen, wanted: Wanted, fields: frozenset[str], ids: Ids, scope: Scope) -> Work[None]:
        """Replace it."""
        yield from ask(tenant.UPDATE_ACCESS_POLICY.request(id=seen.id, body=_body(wanted, ids)))

    def delete(self, seen: Seen, scope: Scope) -> Work[None]:
        """Delete it."""
        yield from ask(tenant.DELETE_ACCESS_POLICY.request(id=seen.id, accept={404}))


def _wanted(policy: ConditionalAccess, scope: Scope) -> Wanted:
    properties: dict[str, Any] = {
        "displayName": scope.marker.described(policy.display_name, policy.address),
        "state": _STATES[policy.state],
        "conditions": {
            "clientAppTypes": ["all"],
            "applications": {
                "includeApplications": ["All"],
                "excludeApplications": list(policy.excluded_apps),
            },
        },
        "grantControls": {"operator": "OR", "builtInControls": [_GRANTS[one] for one in policy.grant]},
        "sessionControls": None,
    }
    references = {
        INCLUDED: tuple(Address(Group.kind, name) for name in policy.accounts),
        EXCLUDED: tuple(Address(Group.kind, name) for name in policy.excluded),
    }
    return Wanted(policy.address, policy.display_name, properties, references)


def _seen(item: Mapping[str, Any], scope: Scope) -> Seen:
    conditions = dict(item.get("conditions") or {})
    users = dict(conditions.pop("users", None) or {})
    references = {name: tuple(users.pop(name, None) or ()) for name in (INCLUDED, EXCLUDED)}
    if bare(users):
        conditions["users"] = users
    properties = {
        "displayName": item.get("displayName"),
        "state": item.get("state"),
        "conditions": bare(conditions),
        "grantControls": bare(item.get("grantControls")),
        "sessionControls": bare(item.get("sessionControls")),
    }
    address = address_of(item, scope, text="displayName")
    ours = address if address is not None and address.kind == ConditionalAccess.kind else None
    return Seen(str(item["id"]), str(item.get("displayName") or ""), properties, references, ours, raw=item)


def _body(wanted: Wanted, ids: Ids) -> dict[str, Any]:
    """Return a policy that can shut out nobody but the accounts it names.

    Raises:
        InputError: it would hold for everybody, or leave nobody out (SECURITY GRA-2).
    """
    users = {name: list(ids.of(wanted.references.get(name, ()))) for name in (INCLUDED, EXCLUDED)}
    if not users[INCLUDED] or not users[EXCLUDED]:
        raise InputError(
            f"{wanted.address}: a condition names groups that it holds for, and a group that it never holds for",
            mend="Name the group of emergency accounts: tenant.break_glass_group.",
        )
    conditions = {**wanted.properties["conditions"], "users": users}
    return {**wanted.properties, "conditions": conditions}
