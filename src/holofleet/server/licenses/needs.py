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
INTUNE = "INTUNE_A"
_OF_INTUNE = {INTUNE: "management of the headset through Intune"}
_OF_HEADSETS = {"AAD_PREMIUM": "automatic enrollment, group licenses and conditional access"}


@dataclass(frozen=True, slots=True)
class Services:
    """Which services are in use: licenses for others are nobody's need.

    Args:
        remote_assist: Calls go over Remote Assist; our own need no license.
        intune: Intune manages headsets; our own server needs no license.
        headset_accounts: Headsets have accounts of their own, so a person who wears one need not sign in there.
    """

    remote_assist: bool = False
    intune: bool = False
    headset_accounts: bool = False


@dataclass(frozen=True, slots=True)
class Need:
    """A service plan that a role needs; not ``required`` where the job can be done without it, less well."""

    role: str
    plan: str
    why: str
    required: bool = True


def needs_of(holder: Holder, services: Services) -> Iterator[Need]:
    """Yield what somebody needs for the services that are in use."""
    if wears(holder):
        calls = _OF_CALLS if services.remote_assist else {}
        management = _OF_INTUNE if services.intune else {}
        on_another = holder.account == "person" and services.headset_accounts
        for plan, why in {**calls, **management, **_OF_HEADSETS}.items():
            when = f"{why}, where they sign in by their own account" if on_another else why
            yield Need("wearer", plan, when, required=not on_another)
    if "expert" in holder.roles and services.remote_assist:
        yield Need("expert", "TEAMS1", "calls by name; without it by a one-time link only", required=False)
    if "administrator" in holder.roles and services.intune:
        yield Need("administrator", INTUNE, "unless Intune allows unlicensed administrators", required=False)


def wears(holder: Holder) -> bool:
    """Whether this account signs in on headsets."""
    return holder.account != "person" or "wearer" in holder.roles


def does_something(holder: Holder) -> bool:
    """Whether there is anything that a license could serve: an account of a headset, or a person with a role."""
    return holder.account != "person" or bool(holder.roles)


def lacks(holder: Holder, plans: Set[str], services: Services) -> tuple[Need, ...]:
    """Return what somebody needs and does not have."""
    return tuple(need for need in needs_of(holder, services) if need.plan not in plans)
