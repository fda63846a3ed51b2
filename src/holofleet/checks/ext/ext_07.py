"""EXT-07: somebody can assign licenses."""

from __future__ import annotations

from collections.abc import Iterator

from holofleet.checks.case import Case
from holofleet.checks.rule import Fault, Rule

_ASSIGN = frozenset(
    role.casefold() for role in ("License Administrator", "User Administrator", "Global Administrator")
)


def _check(case: Case) -> Iterator[Fault]:
    people = case.spec.model.people
    if not any(role.casefold() in _ASSIGN for person in people for role in person.directory_roles):
        yield Fault(
            "nobody among the people of the file can assign licenses",
            case.at("people"),
            "Write `directory_roles: [License Administrator]` at the person who assigns them.",
            "Without such an account nothing that was bought reaches a headset.",
            subject="tenant",
        )


RULE = Rule(
    id="EXT-07",
    title="An administrator can buy and assign licenses",
    why="Licenses are bought and assigned by an account with the right to do so. When it turns out to be "
    "missing on the day of shipping, the headset leaves without calls.",
    how="At least one of `people` holds a directory role that assigns licenses: License Administrator, User "
    "Administrator or Global Administrator. Buying takes a Billing Administrator, who is often somebody outside "
    "the fleet: the directory confirms that.",
    mend="Write the role at the person who holds it: `directory_roles: [License Administrator]`.",
    check=_check,
    verification="the directory shows the role of who assigns, and a Billing Administrator who buys",
)
