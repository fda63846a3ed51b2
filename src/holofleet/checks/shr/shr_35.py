"""SHR-35: no Field Service on shared headsets."""

from __future__ import annotations

from collections.abc import Iterator

from holofleet.checks.case import Case
from holofleet.checks.rule import Fault, Rule


def _check(case: Case) -> Iterator[Fault]:
    for feature, position in case.entries("accounts.features"):
        if feature == "field-service":
            yield Fault(
                f"{case.name} shares accounts and asks for Field Service",
                position,
                "Take `field-service` out of `accounts.features`, or write `accounts: {kind: individual}`.",
                "Work is assigned to a person, and the headset is signed in as somebody else: it would show no "
                "work at all.",
            )


RULE = Rule(
    id="SHR-35",
    title="No Field Service on shared headsets",
    why="Field Service shows the work of whoever is signed in. A shared account is nobody to whom work is "
    "assigned, and no license changes that.",
    how="`accounts.features` does not hold `field-service`; the file alone decides about it, because no set-up "
    "makes it work.",
    mend="Leave it out, or give people who need it individual accounts.",
    check=_check,
)
