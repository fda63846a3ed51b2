"""Orders that were given together: how far have they come, and which need somebody?"""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from holofleet.server.authorization import Action
from holofleet.server.orders import OrderStatus, Together
from holofleet.web.console.acts import ACTS
from holofleet.web.console.bars import lay_out
from holofleet.web.console.visit import Visit
from holofleet.web.console.words import count, word
from holofleet.web.declaration import declares

SHOWN = 100
_WORST_FIRST = (
    OrderStatus.FAILED,
    OrderStatus.OUTCOME_UNKNOWN,
    OrderStatus.EXPIRED,
    OrderStatus.QUEUED,
    OrderStatus.SENT,
    OrderStatus.CANCELLED,
    OrderStatus.DONE,
)
_SAID = {
    OrderStatus.DONE: ("was done", "were done"),
    OrderStatus.SENT: ("was sent and has no answer yet", "were sent and have no answer yet"),
    OrderStatus.QUEUED: ("waits for a check-in", "wait for a check-in"),
    OrderStatus.FAILED: ("failed", "failed"),
    OrderStatus.OUTCOME_UNKNOWN: ("has no known outcome", "have no known outcome"),
    OrderStatus.CANCELLED: ("was cancelled", "were cancelled"),
    OrderStatus.EXPIRED: ("ended unsent", "ended unsent"),
}


@declares(Action.READ_ORDERS)
def progress_page(visit: Visit) -> Response:
    """``/orders/GIVEN``: how far they have come, what failed first; it goes on by itself."""
    visit.require(Action.READ_ORDERS)
    name = visit.path("given")
    found = progress_of(visit, name)
    return visit.render(
        "given_orders.html",
        here="headsets",
        **found,
        done="Ordered. You can leave this page: the orders go on." if visit.asked("done") == "ordered" else "",
        view="orders",
        after=visit.services.fleet.overview(visit.scope).newest_event,
        view_query=f"&given={name}",
    )


def progress_of(visit: Visit, name: str) -> dict[str, Any]:
    """Return what the page shows of orders that were given together."""
    found = visit.services.orders.together(visit.principal, name)
    counts = found.counts
    order = {status: number for number, status in enumerate(_WORST_FIRST)}
    rows = sorted(found.orders, key=lambda one: (order[one.order.status], not one.late, one.order.serial))
    shown = [(status, counts[status]) for status in _WORST_FIRST if counts.get(status)]
    first = found.orders[0].order
    return {
        "name": name,
        "what": ACTS[str(found.given.kind)].label if str(found.given.kind) in ACTS else str(found.given.kind),
        "at": found.given.at,
        "actor": first.actor.split(":")[-1],
        "reason": first.reason,
        "total": len(rows),
        "closed": found.closed,
        "answer": answer_of(found),
        "tone": "refused"
        if counts.get(OrderStatus.FAILED)
        else "compliant"
        if found.closed == len(rows)
        else "pending",
        "bar": lay_out([(word(status).tone, number, str(status)) for status, number in shown]),
        "counts": shown,
        "late": found.late,
        "rows": rows[:SHOWN],
        "frozen": visit.services.fleet.overview(visit.scope).frozen,
    }


def tone_of(found: Together) -> str:
    """Return how the answer looks: green only when every headset said that it was done."""
    counts, total = found.counts, len(found.orders)
    if counts.get(OrderStatus.FAILED):
        return "refused"
    if counts.get(OrderStatus.DONE) == total:
        return "compliant"
    return "late" if found.closed == total else "pending"


def answer_of(found: Together) -> str:
    """Say how far they are, in a sentence: ``3 failed; 2 of 212 wait for a check-in, 1 of them late.``"""
    counts, total = found.counts, len(found.orders)
    parts = []
    for status in _WORST_FIRST:
        if number := counts.get(status, 0):
            late = f", {count(found.late)} of them late" if status is OrderStatus.QUEUED and found.late else ""
            parts.append(f"{count(number)} of {count(total)} {_SAID[status][number != 1]}{late}")
    return f"{'; '.join(parts)}."
