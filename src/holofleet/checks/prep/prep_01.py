"""PREP-01: every headset is under management."""

from __future__ import annotations

from collections.abc import Iterator

from holofleet.checks.case import Case
from holofleet.checks.rule import Fault, Rule

_DETAIL = (
    "A headset that nothing manages gets no setting and no update rule, and cannot be locked or reset once it is "
    "lost."
)


def _check(case: Case) -> Iterator[Fault]:
    yield from _outside(case)
    if case.value("enrollment.join") == "package" and case.value("enrollment.automatic") is False:
        yield Fault(
            f"headsets of {case.name} are set up by a package, and nothing enrolls them",
            case.place("enrollment.automatic"),
            "Write `enrollment: {automatic: true}`, so that the package enrolls them, or `join: entra`.",
            "A package sets a headset up once. " + _DETAIL,
        )


def _outside(case: Case) -> Iterator[Fault]:
    """Find headsets of the file that no deployment claims; each deployment tells it, and it is one finding."""
    headsets, managed = case.spec.model.headsets, case.spec.deployment_of
    if len(managed) == len(headsets):
        return
    outside = [(index, headset) for index, headset in enumerate(headsets) if headset.serial not in managed]
    index, first = outside[0]
    one = len(outside) == 1
    yield Fault(
        f"headset {first.serial} stands in no deployment"
        if one
        else f"{len(outside)} headsets stand in no deployment ({first.serial} is the first)",
        case.at("headsets", index),
        "Name it in the `headsets` of a deployment, or take it out of the file."
        if one
        else "Name them in the `headsets` of a deployment, or take them out of the file.",
        _DETAIL,
        subject=f"headset:{first.serial}" if one else "organization",
        headset=first.serial if one else "",
    )


RULE = Rule(
    id="PREP-01",
    title="Every headset is under management",
    why="Everything that this fleet file says reaches a headset through management. One that was left out looks "
    "like the others and has none of it, whether it belongs to a person or to the organization.",
    how="Every headset of the file stands in a deployment, and the target of the check manages those: our own "
    "server, Intune (`graph`), or another service that takes files. A deployment that is set up by a package is "
    "found where `enrollment.automatic` is false, because then nothing enrolls its headsets. Enrolling by hand is "
    "in order (`join: entra` with `automatic: false`). That a headset is enrolled and still asks for orders, its "
    "check-ins tell.",
    mend="Put every headset into a deployment, and let joining or the package enroll it.",
    check=_check,
    verification="every headset is enrolled and has asked for orders lately",
)
