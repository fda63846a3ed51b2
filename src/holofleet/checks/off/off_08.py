"""OFF-08: Autopilot sets the headsets up."""

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
    if case.value("enrollment.autopilot") is None:
        yield Fault(
            f"{case.name} has no Autopilot profile",
            case.place("enrollment.autopilot"),
            "Write `enrollment: {first_account: none, autopilot: {profile: NAME}}`.",
            "Without Autopilot somebody sets each headset up by hand, and the account that does so owns it.",
        )
        return
    for headset in case.deployment.headsets:
        if not headset.autopilot:
            yield Fault(
                f"headset {headset.serial} is not registered for Autopilot",
                case.at("headsets", case.directory.place_of[headset.serial]),
                "Register it, give it the profile, and write `autopilot: true` then.",
                "A profile reaches registered headsets only; this one waits at its first start for a person.",
                subject=f"headset:{headset.serial}",
                headset=headset.serial,
            )


RULE = Rule(
    id="OFF-08",
    title="Autopilot sets the headsets up",
    why="A headset that sets itself up needs nobody of yours at the site, and comes back by itself after a reset.",
    how="The deployment has an Autopilot profile (`enrollment.autopilot`), and each of its headsets is registered "
    "(`autopilot: true`). On our own server the statement does not apply, because Autopilot needs Intune; where "
    "the file asks for it, that is shown as a loss.",
    mend="Declare the profile, register each headset by its hardware hash, then write `autopilot: true`.",
    check=_check,
    verification="the management shows each headset as enrolled by Autopilot",
    excused=_excused,
)
