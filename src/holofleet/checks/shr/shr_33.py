"""SHR-33: a shared account knows whom it may call, because it has no contacts."""

from __future__ import annotations

from collections.abc import Iterator

from holofleet.checks import calls, experts, kiosk
from holofleet.checks.case import Case
from holofleet.checks.rule import Fault, NotApplicable, Rule


def _excused(case: Case) -> NotApplicable | None:
    if calls.vendor(case):
        return NotApplicable("contacts of the vendor's product are searched in its directory, not listed here")
    if all(name != "assist" for name, _ in kiosk.shown(case)):
        return NotApplicable("no calls are made: no kiosk shows assist")
    return None


def _check(case: Case) -> Iterator[Fault]:
    if not any(experts.named(case)):
        yield Fault(
            f"headsets of {case.name} make calls, and nobody is named to call",
            case.place("assist.experts"),
            "Write `assist: {experts: [experts]}` with a group or people of the file.",
            "A shared account has neither contacts nor recent calls of the person who wears the headset: what is "
            "not named here has to be typed in the air.",
        )


RULE = Rule(
    id="SHR-33",
    title="A shared account knows whom it may call",
    why="Contacts and recent calls belong to an account, and this one belongs to nobody. Whoever puts the "
    "headset on has to find the expert in a list that was made for the headset.",
    how="Where the kiosk shows `assist`, the client's `experts` or `assist.experts` names somebody. Contacts of "
    "the vendor's product are searched in its directory; there the statement does not apply.",
    mend="Write `assist: {experts: [experts]}`.",
    check=_check,
    excused=_excused,
)
