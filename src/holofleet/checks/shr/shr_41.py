"""SHR-41: a team owns the second factor of shared accounts."""

from __future__ import annotations

from collections.abc import Iterator

from holofleet.checks.case import Case
from holofleet.checks.rule import Fault, Rule


def _check(case: Case) -> Iterator[Fault]:
    owner = case.value("accounts.mfa_owner")
    if owner is None:
        yield Fault(
            f"nobody owns the second factor of the shared accounts of {case.name}",
            case.place("accounts"),
            "Write `accounts: {mfa_owner: identity-team@contoso.com}` with a team of yours.",
            "The second factor of a shared account would be on the phone of whoever set it up first, and leave "
            "with them.",
        )
    elif owner.strip().casefold() in case.directory.people:
        yield Fault(
            f"the second factor of the shared accounts of {case.name} belongs to one person, {owner.strip()}",
            case.place("accounts.mfa_owner"),
            "Write the address of a team: `accounts: {mfa_owner: identity-team@contoso.com}`.",
            "When that person is ill or has left, no PIN can be reset and no headset be set up again.",
        )


RULE = Rule(
    id="SHR-41",
    title="A team owns the second factor of shared accounts",
    why="Setting up and resetting a PIN asks for the second factor. For an account of nobody, somebody has to "
    "hold it: a team with a rota, not the person who happened to be there.",
    how="`accounts.mfa_owner` names a team; an account that stands among `people` is one person. A certificate "
    "counts as the second factor when headsets sign in, and the account still has methods that somebody has to "
    "own. Which are registered, the directory has to confirm.",
    mend="Write `accounts: {mfa_owner: identity-team@contoso.com}`.",
    check=_check,
    verification="the directory shows at shared accounts only methods of that team",
)
