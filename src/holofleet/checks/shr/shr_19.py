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
            "A shared account cannot be used with an iris: what one person enrolls does not know the next one.",
        )


RULE = Rule(
    id="SHR-19",
    title="Nobody enrolls an iris on a shared headset",
    why="An iris belongs to one person, a shared account to many. Whoever is asked to enroll an iris in setup "
    "is led into something that cannot work for the next one.",
    how="`sign_in.iris` is `false`; left out it counts as offered. Headsets have to report biometrics as off.",
    mend="Write `sign_in: {iris: false}`, or leave it to the scenario shared-identity.",
    check=_check,
    nodes=(Enforced("./Device/Vendor/MSFT/PassportForWork/Biometrics/UseBiometrics", ("sign_in.iris",)),),
)
