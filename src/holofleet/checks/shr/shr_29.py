"""SHR-29: app control blocks apps on shared headsets."""

from __future__ import annotations

from collections.abc import Iterator

from holofleet.checks import lockdown
from holofleet.checks.case import Case
from holofleet.checks.rule import Fault, Rule


def _check(case: Case) -> Iterator[Fault]:
    if not lockdown.has_app_control(case):
        yield Fault(
            f"nothing blocks apps on the headsets of {case.name}",
            case.place("app_control"),
            "Write `app_control: {deny: [edge, edge-old, mail-and-calendar]}`.",
            "Every app of the headset can be started by somebody who finds a way to it: a link, a file, a voice "
            "command.",
        )


RULE = Rule(
    id="SHR-29",
    title="App control blocks apps on shared headsets",
    why="The account of a shared headset is signed in everywhere. Mail and browser open what it can reach; only "
    "app control keeps them from starting.",
    how="`app_control` denies apps, allows a list only, or names a policy of your own. It is met when headsets "
    "report that the policy is on.",
    mend="Leave `app_control.deny` to the scenario, or write your own list.",
    check=_check,
    nodes=(lockdown.CONTROL_NODE,),
)
