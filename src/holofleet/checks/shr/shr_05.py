"""SHR-05: a security group holds the shared accounts."""

from __future__ import annotations

from collections.abc import Iterator

from holofleet.checks import sharing
from holofleet.checks.case import Case
from holofleet.checks.rule import Fault, Rule


def _check(case: Case) -> Iterator[Fault]:
    accounts = set(case.directory.accounts[case.name])
    if not any(members & accounts for members in case.directory.members.values()):
        yield Fault(
            f"no group holds the shared accounts of {case.name}",
            case.deployment.position,
            f"Write `groups: [{{name: shared-accounts, members: {{accounts_of: [{case.name}]}}}}]`.",
            "Licenses, certificate sign-in and every exception are given to the group. Account by account, the "
            "one that was forgotten shows only when somebody wants to call with it.",
        )


RULE = Rule(
    id="SHR-05",
    title="A security group holds the shared accounts",
    why="What shared accounts get and must not get is decided once, for their group: licenses, sign-in by "
    "certificate, no password reset. Without a group it is decided for each account, and forgotten for one.",
    how="`groups` has a group with the accounts of the deployment among its members. Groups of the fleet file are "
    "security groups; that the group of the directory is one, and not a mail group, the directory has to confirm.",
    mend="Declare a group with `members: {accounts_of: [DEPLOYMENT]}`.",
    check=_check,
    verification="the directory shows the group as a security group without mail",
    excused=sharing.no_accounts,
)
