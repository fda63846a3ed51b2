"""Headsets, orders for them, and decisions about identities in doubt."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query

from holofleet.errors import InputError
from holofleet.server.authorization import Action
from holofleet.server.compliance import Compliance
from holofleet.server.fleet import Decided, HeadsetQuery
from holofleet.server.fleet.asking import Asking
from holofleet.server.orders import OrderKind
from holofleet.web.api.call import PREFIX, Body, Caller, Limit, Reason, route
from holofleet.web.api.render import render
from holofleet.web.api.views import detail, summary

router = APIRouter(prefix=PREFIX)
Word = Annotated[str | None, Query(max_length=200)]
Kind = Literal["sync", "reboot", "wipe", "unenroll"]
ORDER_ACTIONS: dict[str, Action] = {
    "sync": Action.ORDER_SYNC,
    "reboot": Action.ORDER_REBOOT,
    "wipe": Action.ORDER_WIPE,
    "unenroll": Action.ORDER_UNENROLL,
}


class OrderWish(Body):
    kind: Kind
    reason: Reason = ""


class Why(Body):
    reason: Reason = ""


class Decision(Body):
    decision: Literal["adopt", "reject"]
    serial: str | None = None
    reason: Reason = ""


class Freeze(Body):
    frozen: bool
    reason: Reason = ""


@route(router, "GET", "/headsets", Action.READ_HEADSETS)
def list_headsets(
    call: Caller,
    compliance: Compliance | None = None,
    deployment: Word = None,
    client: Word = None,
    site: Word = None,
    q: Word = None,
    written: Annotated[str, Query(max_length=400, alias="filter")] = "",
    after: Word = None,
    limit: Limit = 100,
) -> dict[str, Any]:
    call.require(Action.READ_HEADSETS)
    query = HeadsetQuery(compliance, deployment, client, site, q or "")
    if written:
        if any((compliance, deployment, client, site, q)):
            raise InputError("a filter stands alone", mend="Write the others into it: site:plant-3 HL-LOAN.")
        query = _filter_of(call, written)
    page = call.services.fleet.headsets(call.scope, query, after=after, limit=limit)
    return {"headsets": [summary(item) for item in page.headsets], "next": page.next}


@route(router, "GET", "/headsets/{serial}", Action.READ_HEADSETS)
def show_headset(serial: str, call: Caller) -> dict[str, Any]:
    call.require(Action.READ_HEADSETS)
    return detail(call.services.fleet.headset(call.scope, serial))


@route(router, "GET", "/headsets/{serial}/orders", Action.READ_ORDERS)
def list_orders(serial: str, call: Caller) -> dict[str, Any]:
    call.require(Action.READ_ORDERS, client=_client_of(call, serial))
    return {"orders": [render(order) for order in call.services.orders.listed(call.scope, serial)]}


@route(router, "POST", "/headsets/{serial}/orders", *ORDER_ACTIONS.values(), status=201)
def create_order(serial: str, wish: OrderWish, call: Caller) -> dict[str, Any]:
    call.require(ORDER_ACTIONS[wish.kind], client=_client_of(call, serial))
    found: dict[str, Any] = render(
        call.services.orders.create(call.principal, serial, OrderKind(wish.kind), wish.reason)
    )
    return found


@route(router, "POST", "/headsets/{serial}/lost", Action.MARK_LOST)
def mark_lost(serial: str, why: Why, call: Caller) -> dict[str, Any]:
    call.require(Action.MARK_LOST, client=_client_of(call, serial))
    return _decided(serial, call.services.decisions.mark_lost(call.principal, serial, why.reason))


@route(router, "POST", "/headsets/{serial}/found", Action.MARK_FOUND)
def mark_found(serial: str, why: Why, call: Caller) -> dict[str, Any]:
    call.require(Action.MARK_FOUND, client=_client_of(call, serial))
    return _decided(serial, call.services.decisions.mark_found(call.principal, serial, why.reason))


@route(router, "POST", "/headsets/{serial}/retire", Action.RETIRE_HEADSET)
def retire(serial: str, why: Why, call: Caller) -> dict[str, Any]:
    call.require(Action.RETIRE_HEADSET, client=_client_of(call, serial))
    return _decided(serial, call.services.decisions.retire(call.principal, serial, why.reason))


@route(router, "POST", "/headsets/{serial}/revoke", Action.REVOKE_ENROLLMENT)
def revoke(serial: str, why: Why, call: Caller) -> dict[str, Any]:
    call.require(Action.REVOKE_ENROLLMENT, client=_client_of(call, serial))
    return _decided(serial, call.services.decisions.revoke(call.principal, serial, why.reason))


@route(router, "GET", "/enrollments", Action.READ_ENROLLMENTS)
def list_enrollments(call: Caller, standing: Word = None) -> dict[str, Any]:
    call.require(Action.READ_ENROLLMENTS)
    found = call.services.fleet.enrollments(call.scope, standing=standing)
    return {"enrollments": [render(item) for item in found]}


@route(router, "POST", "/enrollments/{enrollment_id}/decision", Action.DECIDE_ENROLLMENT)
def decide(enrollment_id: str, decision: Decision, call: Caller) -> dict[str, Any]:
    decided = call.services.decisions.decide(
        call.principal,
        enrollment_id,
        adopt=decision.decision == "adopt",
        serial=decision.serial,
        reason=decision.reason,
    )
    return _decided(decision.serial, decided)


@route(router, "POST", "/orders/freeze", Action.FREEZE_ORDERS, Action.UNFREEZE_ORDERS)
def freeze(wish: Freeze, call: Caller) -> dict[str, Any]:
    call.require(Action.FREEZE_ORDERS if wish.frozen else Action.UNFREEZE_ORDERS)
    call.services.orders.freeze(call.principal, frozen=wish.frozen, reason=wish.reason)
    return {"frozen": wish.frozen}


@route(router, "DELETE", "/orders/{order_id}", Action.CANCEL_ORDER, status=204)
def cancel_order(order_id: str, call: Caller) -> None:
    call.services.orders.cancel(call.principal, order_id)


@route(router, "GET", "/events", Action.READ_EVENTS)
def read_events(
    call: Caller, after: Annotated[int, Query(ge=0, le=2**62)] = 0, limit: Limit = 100
) -> dict[str, Any]:
    call.require(Action.READ_EVENTS)
    events = call.services.fleet.events_after(call.scope, after, limit)
    return {"events": [render(event) for event in events], "next": events[-1].sequence if events else after}


def _filter_of(call: Caller, text: str) -> HeadsetQuery:
    """Read a filter as the console has it; who has a headset is asked by whoever may read custody."""
    asked = Asking.parse(text)
    asked.require()
    query = asked.query(now=call.services.clock.now(), me=call.principal.name)
    if query.held_by:
        call.require(Action.READ_CUSTODY)
    return query


def _decided(serial: str | None, decided: Decided) -> dict[str, Any]:
    return {"serial": serial, **render(decided)}


def _client_of(call: Caller, serial: str) -> str:
    """Return whose headset it is, as far as the caller may know of it.

    Raises:
        NotFoundError: there is none for the caller.
    """
    return str(call.services.fleet.headset(call.scope, serial).summary.client)
