"""EXT-23: developer mode is off."""

from __future__ import annotations

from collections.abc import Iterator

from holofleet.checks.case import Case
from holofleet.checks.rule import Enforced, Fault, Rule


def _check(case: Case) -> Iterator[Fault]:
    if case.value("restrictions.developer_mode") is True:
        yield Fault(
            f"developer mode of {case.name} may be turned on",
            case.place("restrictions.developer_mode"),
            "Write `restrictions: {developer_mode: false}`.",
            "Developer mode brings the Device Portal and apps from anywhere, to a place that you do not see.",
        )


RULE = Rule(
    id="EXT-23",
    title="Developer mode is off",
    why="With developer mode, whoever holds the headset can look into it over the network and put apps on it.",
    how="`restrictions.developer_mode` is not true. The scenario says false, and headsets have to report it.",
    mend="Write `restrictions: {developer_mode: false}`.",
    check=_check,
    nodes=(
        Enforced(
            "./Device/Vendor/MSFT/Policy/Config/ApplicationManagement/AllowDeveloperUnlock",
            ("restrictions.developer_mode",),
        ),
    ),
)
