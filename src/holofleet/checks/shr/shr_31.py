"""SHR-31: no iris with a shared account."""

from __future__ import annotations

from collections.abc import Iterator

from holofleet.checks.case import Case
from holofleet.checks.rule import Enforced, Fault, Rule


def _check(case: Case) -> Iterator[Fault]:
    if case.value("sign_in.iris") is True:
        yield Fault(
            f"{case.name} shares accounts and asks for sign-in by iris, which cannot work",
            case.place("sign_in.iris"),
            "Write `sign_in: {iris: false}`, or `accounts: {kind: individual}` where an iris is needed.",
            "An iris opens the account of the one person who enrolled it. Where signing in by iris matters, "
            "people need accounts of their own.",
        )


RULE = Rule(
    id="SHR-31",
    title="No iris with a shared account",
    why="Whoever shares accounts gives up sign-in by iris. That is a limit of the way, not of a setting: if "
    "people have to sign in with gloves or without typing, certificates or accounts of their own are the answer.",
    how="`sign_in.iris` is not `true`. That it is switched off and nobody is asked for an iris, SHR-19 sees to; "
    "headsets report it.",
    mend="Write `sign_in: {iris: false}`, or choose individual accounts.",
    check=_check,
    nodes=(Enforced("./Device/Vendor/MSFT/PassportForWork/Biometrics/UseBiometrics", ("sign_in.iris",)),),
)
