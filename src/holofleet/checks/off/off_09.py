"""OFF-09: Intune, or the management that was chosen, manages the headsets."""

from __future__ import annotations

from collections.abc import Iterator

from holofleet.checks.case import Case
from holofleet.checks.rule import Enforced, Fault, Rule


def _check(case: Case) -> Iterator[Fault]:
    if case.value("enrollment.join") == "package" and case.value("enrollment.automatic") is False:
        yield Fault(
            f"headsets of {case.name} are set up by a package, and nothing enrolls them",
            case.place("enrollment.automatic"),
            "Write `enrollment: {automatic: true}`, so that the package enrolls them, or `join: entra`.",
            "A package sets a headset up once. What changes later, a lost headset or a new setting, never reaches "
            "it.",
        )
    if case.value("restrictions.manual_unenrollment"):
        yield Fault(
            f"people of {case.name} may take headsets out of management",
            case.place("restrictions.manual_unenrollment"),
            "Write `restrictions: {manual_unenrollment: false}`.",
            "A headset that leaves management while it is away is missed at its next visit at the earliest, and "
            "keeps no setting until then.",
        )


RULE = Rule(
    id="OFF-09",
    title="A management service manages the headsets",
    why="A headset that is away cannot be looked at. What it was told before it left is all there is, and only a "
    "managed headset was told anything.",
    how="A package that sets headsets up also enrolls them (`enrollment.automatic` is not false), and "
    "`restrictions.manual_unenrollment` is not true. Whether joining enrolls is judged by PREP-10. Which "
    "service manages is the target of the check: our own server, Intune (`graph`), or one that takes files. That "
    "a headset is managed, its check-ins tell.",
    mend="Let joining or the package enroll headsets (`enrollment: {automatic: true}`) and keep people from "
    "leaving management with `restrictions: {manual_unenrollment: false}`.",
    check=_check,
    nodes=(
        Enforced(
            "./Device/Vendor/MSFT/Policy/Config/Experience/AllowManualMDMUnenrollment",
            ("restrictions.manual_unenrollment",),
        ),
    ),
    verification="every headset has checked in since it was enrolled",
)
