"""OFF-42: the monthly visit lies after the day on which the month's updates come out."""

from __future__ import annotations

from collections.abc import Iterator

from holofleet.checks import visits
from holofleet.checks.case import Case
from holofleet.checks.rule import Fault, Rule


def _check(case: Case) -> Iterator[Fault]:
    if case.value("reconnect.rule") != "monthly" or case.value("reconnect.after_patch_tuesday"):
        return
    week = case.value("reconnect.week") or "second"
    day = case.value("reconnect.day") or "wednesday"
    if week == "first" or (week, day) == ("second", "monday"):
        yield Fault(
            f"headsets of {case.name} come for updates on the {week} {day} of the month, before they are out",
            case.place("reconnect.week"),
            "Write `reconnect: {week: second, day: wednesday, after_patch_tuesday: true}`.",
            "The month's updates come out on the second Tuesday. A visit before that day installs those of "
            "the month before, so that each headset is four weeks behind.",
        )


RULE = Rule(
    id="OFF-42",
    title="The monthly visit lies after the month's updates have come out",
    why="Updates come out on the second Tuesday of a month. A visit on the second Wednesday, as the guide "
    "suggests, finds them; a visit a week earlier installs last month's.",
    how="A `monthly` visit does not lie in the first week of the month or on the second Monday. "
    "`after_patch_tuesday: true` is always in order; so is a visit by interval, whose length OFF-17 judges. "
    "In a month that begins on a Wednesday, the second Wednesday itself comes before the second Tuesday: "
    "`after_patch_tuesday: true` moves it. Whether updates were looked for, headsets tell.",
    mend="Write `reconnect: {rule: monthly, week: second, day: wednesday, after_patch_tuesday: true}`.",
    check=_check,
    verification="each headset has looked for updates since its last visit",
    excused=visits.unplanned,
)
