"""PREP-03: headsets can join the directory whatever its edition is."""

from __future__ import annotations

from collections.abc import Iterator

from holofleet.checks import joining, owners
from holofleet.checks.case import Case
from holofleet.checks.rule import Fault, NotApplicable, Rule


def _excused(case: Case) -> NotApplicable | None:
    if case.value("enrollment.join") == "entra":
        return None
    return NotApplicable("headsets do not join Entra ID (enrollment.join)")


def _check(case: Case) -> Iterator[Fault]:
    if case.spec.model.tenant.edition == "free" and joining.unattended(case):
        yield Fault(
            f"headsets of {case.name} join by Autopilot only, which the free edition of the tenant does not have",
            case.place("enrollment.autopilot"),
            "Write `enrollment: {automatic: false, first_account: deployer1@contoso.com}` without `autopilot`, "
            "and join headsets by hand.",
            "Every edition registers headsets. Here the edition keeps them out, because the only way in that the "
            "file names is one that needs P1.",
        )
    if joining.by_itself(case):
        return
    refused = joining.refusal(case, "device_join", "users", owners.first_account(case))
    if refused is not None:
        reason, position = refused
        yield Fault(
            f"headsets of {case.name} are to join by hand, and the tenant lets {reason} join devices",
            position,
            "Write `device_join: {users: all}`, or `some` with a group that holds the first account.",
            "Every edition registers headsets, but only for people whom the tenant lets join devices.",
            subject="tenant",
        )


RULE = Rule(
    id="PREP-03",
    title="Headsets can join the directory whatever its edition is",
    why="A fleet can begin with the tenant that is there. What the free edition lacks is enrolling in the same "
    "step, not joining.",
    how="The free edition is accepted for a deployment that joins by hand (`automatic: false`, a "
    "`first_account`, no Autopilot): then `tenant.device_join` has to let that account join devices. It is found "
    "where Autopilot is the only way in. What else the edition lacks is judged by PREP-02 and PREP-04, and "
    "joining that enrolls by PREP-10. That a headset is registered, the directory tells.",
    mend="Name a `first_account` that may join devices, and enroll by hand; or buy P1.",
    check=_check,
    verification="the directory holds each headset as a joined device (trustType AzureAd)",
    excused=_excused,
)
