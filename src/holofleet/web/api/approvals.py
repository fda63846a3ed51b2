"""The second person: bulk orders, proposals of plans, and what waits for somebody else to decide."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from pydantic import Field

from holofleet.errors import InputError
from holofleet.server.approvals import Approval, BulkOrders, Preview
from holofleet.server.authorization import Action
from holofleet.server.compliance import Compliance
from holofleet.server.fleet import HeadsetQuery
from holofleet.server.orders import Given, OrderKind
from holofleet.web.api.call import PREFIX, Body, Call, Caller, Reason, Serial, route
from holofleet.web.api.render import render
from holofleet.web.api.state import told_of

router = APIRouter(prefix=PREFIX)
_Word = Annotated[str | None, Field(max_length=200)]
_Hash = Annotated[str, Field(min_length=64, max_length=64)]
_ORDERS = (Action.ORDER_SYNC, Action.ORDER_REBOOT, Action.ORDER_WIPE, Action.ORDER_UNENROLL)
_DECISIONS = (Action.APPROVE_ORDERS, Action.PUBLISH_STATE)
_SUBJECTS = (Action.ORDER_WIPE, Action.ORDER_UNENROLL, Action.PUBLISH_STATE)


class BulkWish(Body):
    kind: Literal["sync", "reboot", "wipe", "unenroll"]
    serials: Annotated[list[Serial], Field(max_length=1_000)] = Field(default_factory=list)
    deployment: _Word = None
    client: _Word = None
    site: _Word = None
    compliance: Annotated[Compliance | None, Field(strict=False)] = None
    reason: Reason = ""
    preview: bool = False
    list_hash: _Hash | None = None


class Approve(Body):
    hash: _Hash
    reason: Reason = ""


class Refuse(Body):
    reason: Reason


@route(router, "POST", "/orders/bulk", *_ORDERS, status=201)
def order_several(wish: BulkWish, call: Caller) -> dict[str, Any]:
    bulk, kind = call.services.approvals.bulk, OrderKind(wish.kind)
    filtered = any((wish.deployment, wish.client, wish.site, wish.compliance))
    if filtered == bool(wish.serials):
        raise InputError(
            "which headsets?", mend="Name either serials, or at least one of deployment, client, site, compliance."
        )
    serials = tuple(wish.serials)
    if filtered:
        query = HeadsetQuery(wish.compliance, wish.deployment, wish.client, wish.site, "")
        serials = bulk.matching(call.principal, query)
    if wish.preview:
        shown_first = _preview(bulk.preview(call.principal, kind, serials))
        return {"preview": shown_first, "orders": [], "given": None, "request": None}
    return _bulk(bulk.give(call.principal, kind, serials, wish.reason, expect_hash=wish.list_hash))


@route(router, "GET", "/orders/given/{given}", Action.READ_ORDERS)
def orders_given_together(given: str, call: Caller) -> dict[str, Any]:
    found = call.services.orders.together(call.principal, given)
    return {
        "given": found.given.name,
        "late": found.late,
        "counts": {str(status): number for status, number in found.counts.items()},
        "orders": [{**render(one.order), "name": one.name, "late": one.late} for one in found.orders],
    }


@route(router, "PUT", "/proposals/state", Action.PUBLISH_STATE, status=201)
async def propose(request: Request, call: Caller) -> dict[str, Any]:
    # As PUT /state: a large body, read by hand after the decision.
    call.require(Action.PUBLISH_STATE)
    body = await request.body()
    return await run_in_threadpool(_propose, call, body)


def _propose(call: Call, body: bytes) -> dict[str, Any]:
    told = told_of(body)
    return shown(
        call.services.approvals.requests.propose(
            call.principal,
            told.state,
            told.texts,
            plan_hash=told.plan_hash,
            told_hash=told.told_hash,
            reason=told.reason,
        )
    )


@route(router, "GET", "/approvals", Action.READ_ORDERS)
def list_approvals(call: Caller) -> dict[str, Any]:
    return {"approvals": [shown(one) for one in call.services.approvals.requests.listed(call.principal)]}


@route(router, "GET", "/approvals/{approval_id}", Action.READ_ORDERS)
def show_approval(approval_id: str, call: Caller) -> dict[str, Any]:
    return shown(call.services.approvals.requests.approval(call.principal, approval_id))


@route(router, "POST", "/approvals/{approval_id}/approval", *_DECISIONS)
def approve(approval_id: str, wish: Approve, call: Caller) -> dict[str, Any]:
    requests = call.services.approvals.requests
    return shown(requests.approve(call.principal, approval_id, wish.hash, wish.reason))


@route(router, "POST", "/approvals/{approval_id}/refusal", *_SUBJECTS)
def refuse(approval_id: str, wish: Refuse, call: Caller) -> dict[str, Any]:
    return shown(call.services.approvals.requests.refuse(call.principal, approval_id, wish.reason))


@route(router, "POST", "/approvals/{approval_id}/execution", *_DECISIONS)
def carry_out(approval_id: str, call: Caller) -> dict[str, Any]:
    done = call.services.approvals.requests.carry_out(call.principal, approval_id)
    return {
        "approval": shown(done.approval),
        "orders": [render(order) for order in done.orders],
        "left_out": list(done.left_out),
        "published": done.published or None,
    }


def shown(approval: Approval) -> dict[str, Any]:
    """Return a request as JSON; ``plan`` only of a proposal that was asked for by itself."""
    found: dict[str, Any] = render(approval)
    for internal in ("author_person", "decider_person", "epoch"):
        del found[internal]
    return {**found, "ready_at": render(approval.ready_at)}


def _preview(preview: Preview) -> dict[str, Any]:
    found: dict[str, Any] = render(preview)
    return found


def _bulk(given: BulkOrders) -> dict[str, Any]:
    return {
        "preview": _preview(given.preview),
        "orders": [render(order) for order in given.orders],
        "given": together.name if (together := Given.of(given.orders)) is not None else None,
        "request": None if given.request is None else shown(given.request),
    }
