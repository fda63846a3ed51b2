"""What somebody needs for what they do, as service plans: entitlement hangs on plans, never on products."""

from __future__ import annotations

from collections.abc import Iterator, Set
from dataclasses import dataclass

from holofleet.server.licenses.values import Holder

REMOTE_ASSIST = "MICROSOFT_REMOTE_ASSIST"
_OF_CALLS = {
    REMOTE_ASSIST: "calls with Remote Assist",
    "TEAMS1": "calls with Remote Assist go through Teams",
    "CDS_REMOTE_ASSIST": "Remote Assist keeps its data in Dataverse",
}
_OF_HEADSETS = {
    "INTUNE_A": "management of the headset through Intune",
    "AAD_PREMIUM": "automatic enrollment, group licenses and conditional access",
}


@dataclass(frozen=True, slots=True)
class Need:
    """A service plan that a role needs; not ``required`` where the job can be done without it, less well."""

    role: str
    plan: str
    why: str
    required: bool = True


def needs_of(holder: Holder, *, remote_assist: bool) -> Iterator[Need]:
    """Yield what somebody needs.

    Args:
        holder: Who.
        remote_assist: Whether calls go over Remote Assist: our own calls need no license.
    """
    if wears(holder):
        for plan, why in {**(_OF_CALLS if remote_assist else {}), **_OF_HEADSETS}.items():
            yield Need("wearer", plan, why)
    if "expert" in holder.roles and remote_assist:
        yield Need("expert", "TEAMS1", "calls by name; without it by a one-time link only", required=False)
    if "administrator" in holder.roles:
        yield Need("administrator", "INTUNE_A", "unless Intune allows unlicensed administrators", required=False)


def wears(holder: Holder) -> bool:
    """Whether this account signs in on headsets."""
    return holder.account != "person" or "wearer" in holder.roles


def does_something(holder: Holder) -> bool:
    """Whether there is anything that a license could serve: an account of a headset, or a person with a role."""
    return holder.account != "person" or bool(holder.roles)


def lacks(holder: Holder, plans: Set[str], *, remote_assist: bool) -> tuple[Need, ...]:
    """Return what somebody needs and does not have."""
    return tuple(need for need in needs_of(holder, remote_assist=remote_assist) if need.plan not in plans)
