"""EXT-58: a headset leaves once everything on the way to the client is done."""

from __future__ import annotations

from collections.abc import Iterator

from holofleet.checks import loans
from holofleet.checks.case import Case
from holofleet.checks.ext import (
    ext_13,
    ext_14,
    ext_15,
    ext_16,
    ext_17,
    ext_18,
    ext_19,
    ext_20,
    ext_21,
    ext_22,
    ext_23,
    ext_24,
    ext_25,
    ext_26,
    ext_27,
    ext_28,
    ext_29,
    ext_30,
    ext_31,
    ext_32,
    ext_33,
    ext_34,
)
from holofleet.checks.rule import Fault, Rule
from holofleet.spec.model.governance import Waiver

_STEPS = tuple(
    step.RULE
    for step in (
        ext_13,
        ext_14,
        ext_15,
        ext_16,
        ext_17,
        ext_18,
        ext_19,
        ext_20,
        ext_21,
        ext_22,
        ext_23,
        ext_24,
        ext_25,
        ext_26,
        ext_27,
        ext_28,
        ext_29,
        ext_30,
        ext_31,
        ext_32,
        ext_33,
        ext_34,
    )
)


def _check(case: Case) -> Iterator[Fault]:
    out = [(index, loan) for index, loan in loans.of(case) if loans.away(loan, case.today)]
    if not out:
        return
    faults = [(step.id, fault) for step in _STEPS for fault in _open(step, case)]
    for index, loan in out:
        steps = sorted({rule for rule, fault in faults if not fault.headset or fault.headset in loan.headsets})
        if steps:
            yield Fault(
                f"{loans.name(loan)} shipped before {', '.join(steps)} of {case.name} "
                f"{'was' if len(steps) == 1 else 'were'} done",
                case.at("loans", index, "ships"),
                "Mend or waive what these rules find; ship the next headsets when nothing is left.",
                "What is missing when a headset leaves is missing for as long as it is away.",
            )


def _open(step: Rule, case: Case) -> Iterator[Fault]:
    """Yield what a step finds and nobody accepts."""
    if step.check is None or (step.excused is not None and step.excused(case) is not None):
        return
    for fault in step.check(case):
        if not any(_covers(waiver, step.id, case, fault) for waiver in case.spec.model.waivers):
            yield fault


def _covers(waiver: Waiver, rule: str, case: Case, fault: Fault) -> bool:
    return (
        waiver.rule == rule
        and waiver.until >= case.today
        and waiver.deployment in (None, case.name)
        and waiver.headset in (None, fault.headset)
    )


RULE = Rule(
    id="EXT-58",
    title="A headset leaves once every step on the way is done",
    why="The guide's steps from the baseline build to the restrictions make a headset ready. The day of "
    "shipping is the last one on which they can be done without a journey.",
    how="While a loan is out, none of EXT-13 to EXT-34 finds anything about its headsets that nobody accepts; a "
    "waiver closes a step. Before the day of shipping, what is open is found by those rules alone. The file as "
    "it is today is judged, not as it was on that day. What headsets still have to report is in the standing of "
    "each step.",
    mend="Close the steps that are named, each as its own page says.",
    check=_check,
    verification="every step is met, waived or attested for each headset on the day on which it ships",
)
