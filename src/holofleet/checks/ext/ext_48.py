"""EXT-48: a kiosk hides and app control blocks, and the two agree."""

from __future__ import annotations

from collections.abc import Iterator

from holofleet import catalog
from holofleet.checks import app_control, apps, kiosk, lockdown
from holofleet.checks.case import Case
from holofleet.checks.rule import Fault, Rule


def _check(case: Case) -> Iterator[Fault]:
    if not lockdown.has_kiosk(case) and not lockdown.has_app_control(case):
        yield Fault(
            f"{case.name} neither hides nor blocks any app",
            case.deployment.position,
            "Write `kiosk: {for: everyone, except: [device-owners], apps: [...]}`, `app_control: {deny: "
            "[...]}`, or both.",
            "Everything that the system brings is open to whoever wears the headset.",
        )
    for name, position in kiosk.shown(case):
        short = next((key for key in catalog.apps() if apps.named([name], key)), None)
        if short is not None and short != "assist" and _blocked(case, short):
            yield Fault(
                f"the kiosk of {case.name} shows {name}, and app control blocks it",
                position,
                f"Take `{name}` out of the kiosk, or let app control allow it.",
                "People see a tile that does nothing.",
            )


def _blocked(case: Case, short: str) -> bool:
    if catalog.apps()[short].in_box:  # what the system needs stays allowed beside a list of the only apps
        return apps.named(case.value("app_control.deny"), short)
    return app_control.blocks(case, short)


RULE = Rule(
    id="EXT-48",
    title="A kiosk hides, app control blocks, and the two agree",
    why="One of them may be enough, both are better: the kiosk for what people see, app control for what can run. "
    "Where they contradict each other, people are left with dead tiles.",
    how="There is a kiosk or app control; and no app that a kiosk shows is blocked by `app_control`. What must "
    "not run at all is for app control: EXT-39 and EXT-44 say so for browsers and mail. Headsets have to report "
    "what was sent.",
    mend="Write both, and leave no app in `kiosk.apps` that `app_control` blocks.",
    check=_check,
    nodes=(lockdown.KIOSK_NODE, lockdown.CONTROL_NODE),
)
