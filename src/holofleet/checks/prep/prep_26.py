"""PREP-26: Intune manages headsets, or another way is taken for what the guide does with it."""

from __future__ import annotations

from collections.abc import Iterator

from holofleet.checks import bought
from holofleet.checks.case import Case
from holofleet.checks.rule import Fault, NotApplicable, Rule

_PLAN = "INTUNE_A"


def _excused(case: Case) -> NotApplicable | None:
    if case.target == "graph":
        return None
    who = "our own server manages these headsets" if case.target == "server" else "another service takes the files"
    return NotApplicable(
        f"{who}: the enrollment application in the directory, Autopilot profiles and the kiosk template, which "
        f"the "
        "guide takes from Intune, come another way or not at all (PREP-14)"
    )


def _check(case: Case) -> Iterator[Fault]:
    if bought.told(case) and _PLAN not in bought.plans(case):
        yield Fault(
            "Intune is to manage the headsets, and no product with it was bought",
            case.at("licenses"),
            "Write the product that holds it (`{sku: INTUNE_A, seats: 30}`), or apply this file to our own "
            "server.",
            "Intune takes no headset of an account without its plan: it joins the directory and gets no setting.",
            subject="tenant",
        )


RULE = Rule(
    id="PREP-26",
    title="Intune manages the headsets, with what it needs",
    why="The guide describes every step with Intune, which can manage the phones and tablets of the same tenant "
    "as well. It is one way among several; whoever takes another needs to know which steps change.",
    how="The target of the check says who manages. With Intune (`graph`), `licenses` holds a product with the "
    "plan INTUNE_A, where products are listed and the catalog knows all of them. On another target the statement "
    "does not apply, and its reason names the steps of the guide that need another way. That Intune manages a "
    "headset, its record shows.",
    mend="Write the product with Intune under `licenses`, or choose another target.",
    check=_check,
    verification="the record of each headset shows Intune as what manages it",
    excused=_excused,
)
