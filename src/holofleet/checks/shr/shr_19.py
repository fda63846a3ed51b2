"""SHR-19: nobody enrolls an iris on a shared headset."""

from __future__ import annotations

from collections.abc import Iterator

from holofleet.checks.case import Case
from holofleet.checks.rule import Enforced, Fault, Rule


def _check(case: Case) -> Iterator[Fault]:
    if case.value("sign_in.iris") is not False:
        yield Fault(
            f"{case.name} shares accounts and offers sign-in by iris",
            case.place("sign_in.iris"),
            "Write `sign_in: {iris: false}`.",
            "An iris belongs to one person and an account to one iris: the first wearer's would sign "
            "everybody in, or nobody.",
        )


RULE = Rule(
    id="SHR-19",
    title="Nobody enrolls an iris on a shared headset",
    why="One account holds one person's iris. On a headset that many people share, it would work for the one "
    "who set it up and make all others think that the headset is broken.",
    how="`sign_in.iris` is `false`; left out it counts as offered. Headsets have to report biometrics as off.",
    mend="Write `sign_in: {iris: false}`, or leave it to the scenario shared-identity.",
    check=_check,
    nodes=(Enforced("./Device/Vendor/MSFT/PassportForWork/Biometrics/UseBiometrics", ("sign_in.iris",)),),
)
