"""EXT-28: where apps do not update themselves, somebody can do it by hand."""

from __future__ import annotations

from collections.abc import Iterator

from holofleet.checks import app_control, apps, kiosk, lockdown, pages
from holofleet.checks.case import Case
from holofleet.checks.rule import Fault, NotApplicable, Rule

_PAGE = "appupdate"


def _excused(case: Case) -> NotApplicable | None:
    if case.value("apps.auto_update") is False:
        return None
    return NotApplicable("apps update by themselves (apps.auto_update), so nobody has to")


def _check(case: Case) -> Iterator[Fault]:
    if not _store(case) and pages.keeps_away(case, _PAGE):
        yield Fault(
            f"apps of {case.name} neither update by themselves nor can anybody update them",
            case.place("apps.auto_update"),
            "Write `apps: {auto_update: true}`; or let people reach the Store, or the settings page `appupdate`.",
            "A fault in the app for calls would stay on the headset for as long as it is away.",
        )


def _store(case: Case) -> bool:
    if app_control.blocks(case, "store"):
        return False
    return not lockdown.has_kiosk(case) or apps.named((name for name, _ in kiosk.shown(case)), "store")


RULE = Rule(
    id="EXT-28",
    title="Where apps do not update themselves, somebody can do it by hand",
    why="The guide names the Microsoft Store as the way by hand. It needs the Store, or the update page of the "
    "Settings app, on a headset from which this guide takes both away (EXT-22, EXT-31).",
    how="We decide: apps update by themselves (EXT-29) and nobody needs the way by hand, so that the statement "
    "does not apply. Only where `apps.auto_update` is false, the Store must be neither blocked nor left out of "
    "the kiosk, or the page `appupdate` (23H1 and newer) be shown.",
    mend="Write `apps: {auto_update: true}`.",
    check=_check,
    verification="the app has the newest version after the update by hand",
    excused=_excused,
)
