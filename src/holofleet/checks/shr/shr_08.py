"""SHR-08: the group holds all shared accounts of the deployment, and nobody else."""

from __future__ import annotations

from collections.abc import Iterator

from holofleet.checks.case import Case
from holofleet.checks.licensing import told
from holofleet.checks.rule import Fault, NotApplicable, Rule


def _group(case: Case) -> int | None:
    """Return the place of the group with most of the accounts."""
    accounts = set(case.directory.accounts[case.name])
    counts = [len(case.directory.members[group.name] & accounts) for group in case.spec.model.groups]
    return counts.index(max(counts)) if any(counts) else None


def _excused(case: Case) -> NotApplicable | None:
    if not case.directory.accounts[case.name]:
        return NotApplicable("no account signs in on its headsets yet")
    return NotApplicable("no group holds any of its accounts (SHR-05 says so)") if _group(case) is None else None


def _check(case: Case) -> Iterator[Fault]:
    index = _group(case)
    assert index is not None
    group = case.spec.model.groups[index]
    members = case.directory.members[group.name]
    missing = tuple(upn for upn in case.directory.accounts[case.name] if upn not in members)
    if missing:
        yield Fault(
            f"{told(missing)} of {case.name} not in the group {group.name}",
            case.at("groups", index, "members"),
            f"Write `members: {{accounts_of: [{case.name}]}}`.",
            "An account outside the group gets neither its licenses nor its sign-in, and shows it in the first "
            "call.",
        )
    strange = sorted(members - _shared(case))
    if strange:
        place = group.members.upns.index(strange[0]) if strange[0] in group.members.upns else None
        yield Fault(
            f"the group {group.name} also holds {told(strange)} that no shared headset uses",
            case.at("groups", index, "members")
            if place is None
            else case.at("groups", index, "members", "upns", place),
            "Take it out, and give it a group of its own.",
            "What is decided for shared accounts would hold for it as well: sign-in by certificate, no password "
            "reset, seats that are bought for headsets.",
        )


def _shared(case: Case) -> frozenset[str]:
    """Return the shared accounts of all deployments that share accounts."""
    return frozenset(
        upn
        for deployment in case.spec.deployments()
        if deployment.name == case.name
        or (
            deployment.settings.accounts is not None
            and (deployment.settings.accounts.kind or "").startswith("shared")
        )
        for upn in case.directory.accounts[deployment.name]
    )


RULE = Rule(
    id="SHR-08",
    title="The group holds all shared accounts, and nobody else",
    why="The group decides who gets a license and how it signs in. An account that is missing has neither; a "
    "person who is in it by mistake gets the rules of a headset.",
    how="The group with most of the deployment's accounts holds all of them, and no member that is not a shared "
    "account of this file. `accounts_of` keeps both true when headsets come and go. The directory has to confirm "
    "the members.",
    mend="Write `members: {accounts_of: [DEPLOYMENT]}`, and put people into groups of their own.",
    check=_check,
    verification="the members of the group in the directory are these accounts",
    excused=_excused,
)
