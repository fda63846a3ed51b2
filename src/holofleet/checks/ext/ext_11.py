"""EXT-11: experts have Teams, where calls run in Remote Assist."""

from __future__ import annotations

from collections.abc import Iterator

from holofleet.checks import calls, experts
from holofleet.checks.case import Case
from holofleet.checks.rule import Fault, Rule

_PLAN = "TEAMS1"


def _check(case: Case) -> Iterator[Fault]:
    for upn in experts.everybody(case):
        if any(_PLAN in grant.plans for grant in case.directory.grants(case.deployment, upn)):
            continue
        index = case.directory.people[upn][0] if upn in case.directory.people else None
        yield Fault(
            f"the expert {upn} has no license with Teams",
            case.at("people", index) if index is not None else case.deployment.position,
            "Assign a product with the plan TEAMS1 by a group or at the person, or waive it for the free edition.",
            "A call from Remote Assist arrives in the expert's Teams and nowhere else.",
            subject=f"user:{upn}",
        )


RULE = Rule(
    id="EXT-11",
    title="Experts have Teams, paid or free",
    why="Remote Assist calls people in Teams. An expert without it cannot be called.",
    how="Where `assist.product` is `remote-assist`, everybody who may be called gets a product with the plan "
    "TEAMS1. The free edition does as well and leaves no trace in licenses: waive the rule for it. Calls in "
    "holofleet arrive in the expert's browser, so the statement does not apply to them.",
    mend="Assign a product with Teams, or move to `assist: {product: holofleet}`.",
    check=_check,
    verification="the directory shows Teams as on for each expert",
    excused=calls.ours,
)
