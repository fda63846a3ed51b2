"""EXT-15: a group holds the accounts of the headsets."""

from __future__ import annotations

from collections.abc import Iterator

from holofleet.checks import sharing
from holofleet.checks.case import Case
from holofleet.checks.rule import Fault, Rule


def _check(case: Case) -> Iterator[Fault]:
    accounts = case.directory.accounts[case.name]
    if any(members.issuperset(accounts) for members in case.directory.members.values()):
        return
    yield Fault(
        f"no group holds the accounts of {case.name}",
        case.deployment.position,
        f"Write `groups: [{{name: client-headsets, members: {{accounts_of: [{case.name}]}}}}]`.",
        "What is given account by account is forgotten for the next one.",
    )


RULE = Rule(
    id="EXT-15",
    title="A group holds the accounts of the headsets",
    why="Licenses and policies that hang on a group reach a new headset by one entry. Given one by one, "
    "something is always left out.",
    how="One group has every account of the deployment as a member: `members: {accounts_of: [...]}` takes them "
    "all, or they are listed. That the directory's group has the same members only the directory can tell.",
    mend="Declare a group with `accounts_of` and the name of the deployment.",
    check=_check,
    verification="the directory's group has the members that the file says",
    excused=sharing.no_accounts,
)
