"""EXT-04: headsets are joined to the directory and enrolled in the same step."""

from __future__ import annotations

from collections.abc import Iterator

from holofleet.checks.case import Case
from holofleet.checks.rule import Fault, Rule


def _check(case: Case) -> Iterator[Fault]:
    if case.value("enrollment.join") != "entra":
        yield Fault(
            f"headsets of {case.name} are not joined to Entra ID",
            case.place("enrollment.join"),
            "Write `enrollment: {join: entra}`.",
            "Only on a joined headset can an account of yours sign in.",
        )
    if case.value("enrollment.automatic") is not True:
        yield Fault(
            f"headsets of {case.name} are not enrolled when they join",
            case.place("enrollment.automatic"),
            "Write `enrollment: {automatic: true}`.",
            "A headset that is joined and not managed leaves for the client without kiosk, app control or lock.",
        )
    elif case.spec.model.tenant.auto_enrollment.scope == "none":
        yield Fault(
            f"{case.name} relies on automatic enrollment, and the tenant enrolls nobody's devices",
            case.at("tenant", "auto_enrollment", "scope"),
            "Write `auto_enrollment: {scope: all}`, or `some` with a group of those who enroll.",
            "Joining then leaves the headset without management, and nobody at the headset sees why.",
        )


RULE = Rule(
    id="EXT-04",
    title="Headsets are joined to Entra ID and enrolled in the same step",
    why="Everything else in this guide reaches a headset through management. Joining by hand and enrolling later "
    "leaves a time, and sometimes a headset, without it.",
    how="`enrollment.join` is `entra`, `enrollment.automatic` is true, and the tenant's `auto_enrollment` covers "
    "somebody. That each headset stands in the directory as joined and managed only the directory can tell.",
    mend="Write `enrollment: {join: entra, automatic: true}`, or leave both to the scenario.",
    check=_check,
    verification="the directory shows each headset as joined (trustType AzureAd) and managed",
)
