"""EXT-29: apps of the Store update themselves."""

from __future__ import annotations

from collections.abc import Iterator

from holofleet.checks.case import Case
from holofleet.checks.rule import Enforced, Fault, Rule


def _check(case: Case) -> Iterator[Fault]:
    if case.value("apps.auto_update") is False:
        yield Fault(
            f"apps of {case.name} do not update by themselves",
            case.place("apps.auto_update"),
            "Write `apps: {auto_update: true}`, or waive this rule with the reason.",
            "They do by default. Who turns it off has to bring every app up to date in another way.",
        )


RULE = Rule(
    id="EXT-29",
    title="Apps of the Store update themselves",
    why="A headset at a client gets no visit. Apps that update by themselves are the only ones that stay mended.",
    how="`apps.auto_update` is not false: it is on by default. Turned off for a reason, that reason stands in a "
    "waiver. Headsets have to report it.",
    mend="Write `apps: {auto_update: true}`.",
    check=_check,
    nodes=(
        Enforced(
            "./Device/Vendor/MSFT/Policy/Config/ApplicationManagement/AllowAppStoreAutoUpdate",
            ("apps.auto_update",),
        ),
    ),
)
