"""SHR-37: whoever takes a shared headset checks it out."""

from __future__ import annotations

from collections.abc import Iterator

from holofleet.checks.case import Case
from holofleet.checks.rule import Fault, Rule

_WORDS = {
    "offered": "may check headsets out, and need not",
    "none": "do not check headsets out",
    None: "check nothing out",
}


def _check(case: Case) -> Iterator[Fault]:
    said = case.value("accounts.custody.check_out")
    if said != "required":
        yield Fault(
            f"people of {case.name} {_WORDS[said]}",
            case.place("accounts.custody.check_out"),
            "Write `accounts: {custody: {check_out: required}}`, or waive it: somebody then accepts that nobody "
            "can be held to account.",
            "Every record says which account it was, and many people are that account. Only a check-out says who "
            "had the headset at that time.",
        )


RULE = Rule(
    id="SHR-37",
    title="Whoever takes a shared headset checks it out",
    why="With a shared account nobody can prove who used a headset or what was done with it, neither for the "
    "person nor against. A check-out, in the console or on a sheet of paper, is what remains.",
    how="`accounts.custody.check_out` is `required`. Who accepts the risk writes a waiver. That every session "
    "has its check-out, the records have to confirm.",
    mend="Write `accounts: {custody: {check_out: required}}`.",
    check=_check,
    verification="every session on a headset has a check-out",
)
