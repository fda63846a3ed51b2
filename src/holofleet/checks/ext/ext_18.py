"""EXT-18: headsets are set up through Autopilot."""

from __future__ import annotations

from collections.abc import Iterator

from holofleet.checks.case import Case
from holofleet.checks.rule import Fault, NotApplicable, Rule


def _excused(case: Case) -> NotApplicable | None:
    if case.target != "server":
        return None
    return NotApplicable(
        "needs Intune: our own server gives no Autopilot profiles",
        lost=case.value("enrollment.autopilot") is not None,
    )


def _check(case: Case) -> Iterator[Fault]:
    profile = case.value("enrollment.autopilot")
    if profile is None:
        yield Fault(
            f"{case.name} has no Autopilot profile",
            case.place("enrollment.autopilot"),
            "Write `enrollment: {autopilot: {profile: hololens-clients, group_tag: clients}}`.",
            "Without it somebody unpacks each headset, signs in and becomes its owner.",
        )
        return
    index = {headset.serial: place for place, headset in enumerate(case.spec.model.headsets)}
    for headset in case.deployment.headsets:
        if headset.autopilot and profile.group_tag in (None, headset.group_tag):
            continue
        wrong = (
            "has another group tag than the profile" if headset.autopilot else "is not registered for Autopilot"
        )
        yield Fault(
            f"headset {headset.serial} {wrong}",
            case.at("headsets", index[headset.serial]),
            f"Write `group_tag: {profile.group_tag}`, as in its registration."
            if headset.autopilot
            else "Register it, assign the profile, and write `autopilot: true` then.",
            "The profile reaches registered headsets of its device group only; this one would be set up by hand.",
            subject=f"headset:{headset.serial}",
            headset=headset.serial,
        )


RULE = Rule(
    id="EXT-18",
    title="Headsets are set up through Autopilot",
    why="Autopilot joins, enrolls and configures a headset without a person, so that nobody becomes its owner by "
    "signing in first, and a reset at the client ends where it began.",
    how="`enrollment.autopilot` names a profile, and each headset is registered (`autopilot: true`) with the "
    "group tag of the profile. On our own server the statement does not apply: it gives no Autopilot profiles, "
    "and the loss is shown.",
    mend="Register the headsets, assign the profile, and write both.",
    check=_check,
    verification="the profile of each headset is shown as assigned, and its deployment as succeeded",
    excused=_excused,
)
