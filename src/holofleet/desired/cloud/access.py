"""Who may enroll, and from what headset accounts may sign in. Serves PREP-10, EXT-50, SHR-24.

Conditions hold for headset accounts only, begin as report-only, and never without the group of emergency accounts
and the enrollment service left out: a headset has to enroll before it can be compliant.

Source: 'Deploy cloud connected HoloLens 2 to external clients', section about password expiry; 'Shared Microsoft
Entra accounts in HoloLens' (Microsoft).
"""

from __future__ import annotations

from holofleet.desired.cloud.accounts import account_groups
from holofleet.desired.cloud.draft import Draft, registered
from holofleet.resources import Address, ConditionalAccess, EnrollmentRestriction, Group
from holofleet.spec import EffectiveDeployment

INTUNE_ENROLLMENT = "d4ebce55-015a-49b5-a083-c84d1797ae8c"
"""Application id of the service that enrolls. Source: known application ids of Entra ID (Microsoft)."""
_SCENARIOS = frozenset({"external-clients", "shared-identity"})
_KEY = "tenant.conditional_access"
_NAME = "headset-accounts"


def write(draft: Draft) -> None:
    """Write the enrollment restriction and the condition, where there are headset accounts."""
    everyone = [one for one in draft.deployments if draft.accounts_of.get(one.name)]
    groups = account_groups(draft, everyone)
    if groups:
        draft.add(
            EnrollmentRestriction(
                name=_NAME,
                display_name="HoloLens accounts",
                personal_blocked=all(_known(one) for one in everyone),
                accounts=groups,
            )
        )
    _condition(draft, [one for one in everyone if _SCENARIOS & set(one.all_scenarios)])


def _known(deployment: EffectiveDeployment) -> bool:
    """Tell whether all headsets are registered, so that a device nobody registered is nobody's headset."""
    return all(registered(headset) for headset in deployment.headsets)


def _condition(draft: Draft, deployments: list[EffectiveDeployment]) -> None:
    tenant = draft.spec.model.tenant
    said = tenant.conditional_access
    if said.state == "none" or not deployments:
        return
    reason = _reason(draft)
    if reason:
        at = draft.spec.positions.of(("tenant",))
        draft.miss(deployments[0].name, _KEY, reason, at=at)
        return
    emergency = tenant.break_glass_group or ""
    groups = account_groups(draft, deployments)
    if emergency in groups:
        draft.fault(
            f"tenant.break_glass_group: {emergency} holds headset accounts",
            detail="The emergency accounts are left out of every condition; headset accounts must not be.",
            mend="Name the group of the emergency accounts.",
            at=draft.spec.positions.of(("tenant", "break_glass_group")),
        )
        return
    draft.add(
        ConditionalAccess(
            name=_NAME,
            display_name="HoloLens accounts sign in on compliant headsets only",
            state=said.state,
            accounts=groups,
            excluded=(emergency,),
            excluded_apps=(INTUNE_ENROLLMENT,),
        )
    )


def _reason(draft: Draft) -> str:
    """Say why no condition can be made, or return an empty text."""
    tenant = draft.spec.model.tenant
    if tenant.edition == "free":
        return "conditions for signing in need Entra ID P1"
    if tenant.break_glass_group is None:
        return "no condition is made before tenant.break_glass_group names the group that it never holds for"
    group = draft.resources.get(Address(Group.kind, tenant.break_glass_group))
    if isinstance(group, Group) and not group.members and not group.object_id:
        return f"the group {group.name} has neither members nor an object_id: nobody would be left out"
    return ""
