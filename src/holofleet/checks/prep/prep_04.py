"""PREP-04: automatic enrollment needs Entra ID P1."""

from __future__ import annotations

from collections.abc import Iterator

from holofleet.checks import joining
from holofleet.checks.case import Case
from holofleet.checks.rule import Fault, NotApplicable, Rule


def _excused(case: Case) -> NotApplicable | None:
    if joining.by_itself(case):
        return None
    return NotApplicable("headsets are enrolled by hand: neither automatic enrollment nor Autopilot is declared")


def _check(case: Case) -> Iterator[Fault]:
    tenant = case.spec.model.tenant
    if tenant.edition == "free":
        yield Fault(
            f"{joining.by_itself(case)} of {case.name} needs Entra ID P1, and the tenant has the free edition",
            case.at("tenant", "edition"),
            "Buy P1 and write `edition: P1`, or enroll by hand: `enrollment: {automatic: false}` without "
            "autopilot.",
            "With the free edition a headset joins the directory but is not enrolled: it gets no settings, and "
            "nobody at the headset sees why.",
        )


RULE = Rule(
    id="PREP-04",
    title="Automatic enrollment needs Entra ID P1",
    why="A headset that joins the directory is enrolled in the same step only where the tenant has Entra ID "
    "P1 or P2. With the free edition it joins, stays without management and looks ready.",
    how="A deployment that joins Entra ID with `enrollment.automatic` or names an Autopilot profile needs "
    "`tenant.edition` to be P1 or P2. A deployment that enrolls by hand is not concerned. Whether the people who "
    "enroll hold a license with the plan is the directory's to confirm.",
    mend="Buy Entra ID P1 for those who sign in and write `tenant.edition: P1`; or set "
    "`enrollment: {automatic: false}` and enroll each headset by hand.",
    check=_check,
    verification="the directory shows the plan AAD_PREMIUM for those who enroll",
    excused=_excused,
)
