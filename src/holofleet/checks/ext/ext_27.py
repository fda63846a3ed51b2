"""EXT-27: the app for calls is brought to the newest version during setup."""

from __future__ import annotations

from collections.abc import Iterator

from holofleet.checks import apps, calls
from holofleet.checks.case import Case
from holofleet.checks.rule import Fault, NotApplicable, Rule


def _excused(case: Case) -> NotApplicable | None:
    if calls.app(case):
        return None
    return NotApplicable("calls run in the browser, which is updated with the system")


def _check(case: Case) -> Iterator[Fault]:
    app = calls.app(case)
    found = [
        (entry, place)
        for entry, place in case.entries("apps.required")
        if apps.named([entry.app], app) or entry.app == "assist"
    ]
    if not found:
        yield Fault(
            f"nothing says which version of {app} headsets of {case.name} need",
            case.place("apps.required"),
            f"Write `apps: {{required: [{{app: {app}, min_version: 1.2.0.0}}]}}` as you tested it.",
            "A headset that ships with an old app may not get a new one for as long as it is away.",
        )
    for entry, place in found:
        if entry.min_version is None:
            yield Fault(
                f"{case.name} needs {entry.app} in any version",
                place,
                "Write `min_version` with the version that you tested.",
                "Without a least version nobody sees which headset is behind.",
            )


RULE = Rule(
    id="EXT-27",
    title="The app for calls is brought up to date during setup",
    why="What the client borrowed the headset for is the call. Its app is brought up to date before the headset "
    "leaves, on a network of yours.",
    how="`apps.required` names the app that calls run in, with `min_version`. Calls in the browser have no app, "
    "so the statement does not apply to them. Which version a headset has, its list of apps tells.",
    mend="Write `apps: {required: [{app: assist, min_version: 1.2.0.0}]}` with the version that you tested.",
    check=_check,
    verification="each headset reports that version of the app, or a newer one",
    excused=_excused,
)
