"""PREP-07: who signs in first is decided before a headset is unpacked."""

from __future__ import annotations

from collections.abc import Iterator

from holofleet.checks.case import Case
from holofleet.checks.rule import Fault, NotApplicable, Rule


def _named(case: Case) -> bool:
    return case.value("enrollment.first_account") not in (None, "none")


def _excused(case: Case) -> NotApplicable | None:
    if case.target == "server" and not _named(case) and case.value("enrollment.autopilot") is not None:
        return NotApplicable(
            "needs Intune: Autopilot sets these headsets up, and our own server gives no Autopilot profiles",
            lost=True,
        )
    return None


def _check(case: Case) -> Iterator[Fault]:
    if _named(case):
        return
    if case.value("enrollment.autopilot") is None:
        yield Fault(
            f"nobody is named to set up the headsets of {case.name}",
            case.place("enrollment.first_account"),
            "Write `enrollment: {first_account: deployer1@contoso.com}` with an account of yours, or declare "
            "Autopilot.",
            "The account that signs in first becomes the owner of the headset and decides how far it can be "
            "managed; undoing that mostly takes a reset.",
        )
        return
    index = {headset.serial: place for place, headset in enumerate(case.spec.model.headsets)}
    for headset in case.deployment.headsets:
        if not headset.autopilot:
            yield Fault(
                f"headset {headset.serial} has no first account and is not registered for Autopilot",
                case.at("headsets", index[headset.serial]),
                "Register it and write `autopilot: true`, or name `enrollment.first_account`.",
                "An Autopilot profile reaches registered headsets only; this one would be owned by whoever "
                "happens to sign in first.",
                subject=f"headset:{headset.serial}",
                headset=headset.serial,
            )


RULE = Rule(
    id="PREP-07",
    title="Who signs in first is decided beforehand",
    why="The first account that signs in on a headset becomes its owner, which may join it to a tenant and "
    "manage its users. Undoing that mostly takes a reset, so it is decided before a headset is unpacked.",
    how="Every headset has exactly one answer: `enrollment.first_account` names an account; or its deployment "
    "has an Autopilot profile and the headset is registered (`autopilot: true`), so that it sets itself up "
    "without an account. On our own server, headsets that rely on Autopilot are not judged: it gives no "
    "Autopilot profiles, and the loss is shown.",
    mend="Name an account of your own, best one that only sets headsets up. With Autopilot, register the "
    "headset first and write `autopilot: true` then.",
    check=_check,
    excused=_excused,
)
