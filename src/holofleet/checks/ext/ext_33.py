"""EXT-33: updates of the system are held back by rings, or left to flow."""

from __future__ import annotations

from collections.abc import Iterator

from holofleet.checks.case import Case
from holofleet.checks.rule import Enforced, Fault, Rule

_UPDATE = "./Device/Vendor/MSFT/Policy/Config/Update/"
_KEYS = ("updates.deferral.feature_days", "updates.deferral.quality_days")


def _check(case: Case) -> Iterator[Fault]:
    mode = case.value("updates.mode")
    held = [key for key in _KEYS if case.value(key)]
    said = [key for key in _KEYS if case.value(key) is not None]
    if mode == "free" and held:
        yield Fault(
            f"updates of {case.name} shall flow, and {held[0]} holds them back",
            case.place(held[0]),
            "Write `updates: {mode: ring}`, or take the deferral away.",
            "One of the two is not meant: the headset does what the deferral says.",
        )
    if mode == "ring" and not said:
        yield Fault(
            f"{case.name} is a ring, and nothing says how long updates wait in it",
            case.place("updates.mode"),
            "Write `updates: {deferral: {feature_days: 60, quality_days: 7}}`; the first ring has 0 and 0.",
            "A ring is nothing but its days; without them updates flow.",
        )


RULE = Rule(
    id="EXT-33",
    title="Updates are held back by rings, or left to flow",
    why="Both ways are fine, and each wants to be meant. Rings let a few headsets try an update before the "
    "client's get it; flowing updates are the quickest.",
    how="With `updates.mode: ring` the deferral is said, 0 included (365 days at most for new builds, 30 for "
    "monthly updates); with `free` it is not. Headsets have to report the days. Holding back pulls against the "
    "newest build (EXT-13). We decide: a headset ships with the newest build, and its ring counts from then on.",
    mend="Write `updates: {mode: ring, deferral: {feature_days: 60, quality_days: 7}}`, or `updates: {mode: "
    "free}`.",
    check=_check,
    nodes=(
        Enforced(_UPDATE + "DeferFeatureUpdatesPeriodInDays", (_KEYS[0],)),
        Enforced(_UPDATE + "DeferQualityUpdatesPeriodInDays", (_KEYS[1],)),
    ),
)
