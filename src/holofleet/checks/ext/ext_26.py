"""EXT-26: app control decides what may run."""

from __future__ import annotations

from collections.abc import Iterator

from holofleet.checks import calls, lockdown
from holofleet.checks.case import Case
from holofleet.checks.rule import Fault, Rule


def _check(case: Case) -> Iterator[Fault]:
    if not lockdown.has_app_control(case):
        yield Fault(
            f"anything may run on headsets of {case.name}",
            case.place("app_control"),
            "Write `app_control: {deny: [edge, edge-old, mail-and-calendar]}`.",
            "A kiosk hides apps; what is hidden can still be started by another app.",
        )
    if calls.app(case) == "assist" and case.value("assist.app") is None:
        for key in ("app_control.allow", "app_control.deny"):
            for name, position in case.entries(key):
                if name == "assist":
                    yield Fault(
                        f"app control of {case.name} names assist, and nothing says which package that is",
                        position,
                        "Write `assist: {app: {package_family_name: ..., application_id: App}}`.",
                        "App control knows packages by their family name; a name without one is left out.",
                    )


RULE = Rule(
    id="EXT-26",
    title="App control decides what may run",
    why="At a client, the apps that may run are part of what you answer for. Only app control enforces the list.",
    how="`app_control` has `deny`, `allow` or a `policy_file`; where a list names `assist`, `assist.app` says its "
    "package. It is met once headsets report the policy.",
    mend="Write `app_control: {deny: [edge, edge-old, mail-and-calendar]}`.",
    check=_check,
    nodes=(lockdown.CONTROL_NODE,),
)
