"""OFF-17: headsets come back to the network at least once a month."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from holofleet import catalog
from holofleet.checks.case import Case
from holofleet.checks.rule import Fault, Rule


def _check(case: Case) -> Iterator[Fault]:
    rule = case.value("reconnect.rule")
    most = catalog.statements()["OFF-17"].params["max_days"]
    if rule is None:
        yield Fault(
            f"nothing says when headsets of {case.name} come back to the network",
            case.place("reconnect"),
            "Write `reconnect: {rule: monthly, week: second, day: wednesday, after_patch_tuesday: true}`.",
            "Without a schedule nobody misses a headset that never comes back, and it runs without updates.",
        )
        return
    every: timedelta | None = case.value("reconnect.every")
    if rule == "interval" and every is not None and every > timedelta(days=most):
        yield Fault(
            f"headsets of {case.name} come back every {every.days} days",
            case.place("reconnect.every"),
            f"Write `reconnect: {{every: {most}d}}` or less, or `rule: monthly`.",
            "The guide asks for once a month: certificates, sign-in, policies and updates grow old meanwhile.",
        )


RULE = Rule(
    id="OFF-17",
    title="Headsets come back to the network at least once a month",
    why="Away from the network a headset gets no updates and no orders, and what it remembers runs out. Only "
    "a fixed schedule makes a missing headset visible.",
    how="`reconnect.rule` is `monthly`, or `interval` with `every` of at most 31 days (31 days where `every` "
    "is left out). Whether headsets come, check-ins tell: a headset is late when its window and grace have "
    "passed.",
    mend="Write `reconnect: {rule: monthly, week: second, day: wednesday, after_patch_tuesday: true}`.",
    check=_check,
    verification="every headset has checked in since its last window",
)
