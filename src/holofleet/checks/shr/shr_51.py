"""SHR-51: somebody has looked for limits and risks beyond the guide's list."""

from __future__ import annotations

from collections.abc import Iterator

from holofleet.checks.case import Case
from holofleet.checks.rule import Fault, Rule


def _nothing_on_record(case: Case) -> bool:
    return not case.value("accounts.own_risks")


def _check(case: Case) -> Iterator[Fault]:
    looked = any(
        item.rule == "SHR-51" and item.deployment in (None, case.name) for item in case.spec.model.attestations
    )
    if _nothing_on_record(case) and not looked:
        yield Fault(
            f"{case.name} has no limits or risks of its own on record",
            case.place("accounts"),
            "Write them in `accounts: {own_risks: [...]}`, or attest SHR-51 when you looked and found none.",
            "The guide says of its lists that they are not complete. What is particular to your work, shift "
            "changes or shared rooms, only you can know.",
        )


RULE = Rule(
    id="SHR-51",
    title="Somebody has looked for risks beyond the guide's list",
    why="The guide lists limitations, issues and settings to review, and says that there are more. Whoever takes "
    "the list for the whole stops looking.",
    how="`accounts.own_risks` holds at least one entry, or somebody attests to have looked and found none. An "
    "attestation that has ended is a finding.",
    mend="Write what is particular to your work in `accounts.own_risks`, or attest that there is nothing.",
    check=_check,
    attestation="look for limits, risks and settings beyond the guide's lists, and find none",
    attestable=_nothing_on_record,
)
