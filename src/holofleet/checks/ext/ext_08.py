"""EXT-08: there is a subscription of Remote Assist, where calls run in it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from holofleet import catalog
from holofleet.checks import calls
from holofleet.checks.case import Case
from holofleet.checks.rule import Fault, Rule

_LAST_DAY = date(2026, 12, 31)
"""End of support of Dynamics 365 Remote Assist, as the vendor announced it."""


def _check(case: Case) -> Iterator[Fault]:
    if case.today > _LAST_DAY:
        yield Fault(
            f"calls of {case.name} run in Dynamics 365 Remote Assist, whose support ended on {_LAST_DAY}",
            case.place("assist.product"),
            "Write `assist: {product: holofleet}`.",
            "It is no longer sold, renewed or mended.",
        )
    products = {product.sku for product in catalog.licenses().with_plan(calls.PLAN)}
    held = [(i, item) for i, item in enumerate(case.spec.model.licenses) if item.sku in products and item.seats]
    if not held:
        yield Fault(
            f"calls of {case.name} run in Dynamics 365 Remote Assist, and no seats of it were bought",
            case.place("assist.product"),
            "Write `licenses: [{sku: MICROSOFT_REMOTE_ASSIST, seats: N}]`, or `assist: {product: holofleet}`.",
            "It is not sold any more since 2025-11-01, so only seats that you have already can be used.",
        )
    ended = [(i, item) for i, item in held if item.trial_until is not None and item.trial_until < case.today]
    if held and len(ended) == len(held):
        index, item = ended[-1]
        yield Fault(
            f"the trial of {item.sku} ended on {item.trial_until}",
            case.at("licenses", index, "trial_until"),
            "Write seats that were bought, or `assist: {product: holofleet}`.",
            "When a trial has ended, nobody can sign in to a call.",
        )


RULE = Rule(
    id="EXT-08",
    title="There is a subscription or a trial of Remote Assist",
    why="Without seats nobody can call. The vendor sells and renews none since 2025-11-01 and ends support on "
    "2026-12-31.",
    how="Where `assist.product` is `remote-assist`, `licenses` holds seats of a product with its service plan, "
    "not all of them trials that have ended; after 2026-12-31 the choice itself is found. Calls in holofleet "
    "need no subscription, so the statement does not apply to them.",
    mend="Write the seats that you hold, with `trial_until` for a trial; or move to `assist: {product: "
    "holofleet}`.",
    check=_check,
    verification="the directory shows the subscription as enabled",
    excused=calls.ours,
)
