"""SHR-30: a kiosk hides, app control blocks; what is shown also starts."""

from __future__ import annotations

from collections.abc import Iterator

from holofleet.checks import app_control, apps, calls, kiosk, lockdown
from holofleet.checks.case import Case
from holofleet.checks.rule import Fault, NotApplicable, Rule


def _excused(case: Case) -> NotApplicable | None:
    if lockdown.has_kiosk(case):
        return None
    return NotApplicable("there is no kiosk that hides anything (SHR-25 says so)")


def _check(case: Case) -> Iterator[Fault]:
    if not lockdown.has_app_control(case):
        yield Fault(
            f"the kiosk of {case.name} hides apps, and nothing blocks them",
            case.place("app_control"),
            "Write `app_control: {deny: [edge, edge-old, mail-and-calendar]}`.",
            "A kiosk takes tiles out of the start menu and does nothing else: a link in a call or in an allowed "
            "app still starts what is hidden.",
        )
    for name, position in kiosk.shown(case):
        if _blocked(case, name):
            yield Fault(
                f"the kiosk of {case.name} shows {name}, and app control keeps it from starting",
                position,
                f"Take `{name}` out of the kiosk or out of `app_control.deny`"
                + ("; or write `assist: {runs_in: app}`." if name == "assist" else "."),
                "The tile stays, and pressing it does nothing: the headset shows no message, so people report a "
                "broken headset.",
            )


def _blocked(case: Case, name: str) -> bool:
    """Tell whether a tile cannot start: calls without an app of their own run in the browser."""
    short = apps.short_of(name)
    if short == "assist":
        short = calls.app(case) or "edge"
    denied = case.value("app_control.deny") or ()
    return any(apps.short_of(other) == short for other in denied) or (
        short == "edge" and app_control.blocks(case, "edge")
    )


RULE = Rule(
    id="SHR-30",
    title="A kiosk hides and app control blocks: both, and in step",
    why="The two do different things. A kiosk hides the tile of an app that can still be started; app control "
    "stops an app whose tile can still be seen, without a word to the person. Either one alone is taken for the "
    "other.",
    how="Where there is a kiosk there is app control as well, and no app that the kiosk shows is denied. Calls "
    "count as the browser where they have no app of their own. Headsets have to report both. People need to be "
    "told that a tile that does nothing is not broken.",
    mend="Declare both, and take what is denied out of the kiosk.",
    check=_check,
    nodes=(lockdown.KIOSK_NODE, lockdown.CONTROL_NODE),
    excused=_excused,
)
