"""Loans: what is out, the checklist before shipping, and what was done."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter
from pydantic import Field

from holofleet.clock import parse_utc
from holofleet.errors import InputError
from holofleet.server.authorization import Action
from holofleet.server.loans import ActKind, LoanStatus
from holofleet.web.api.call import PREFIX, Body, Caller, Reason, Serial, route
from holofleet.web.api.render import render

router = APIRouter(prefix=PREFIX)
Kind = Literal[
    "test-call", "shipped", "arrived", "returned", "password-reset", "wiped", "lock-released", "released"
]


class ActWish(Body):
    kind: Kind
    serials: Annotated[list[Serial], Field(max_length=1_000)] = Field(default_factory=list)
    at: Annotated[str | None, Field(max_length=40)] = None
    note: Reason = ""


class Mistake(Body):
    note: Reason


@route(router, "GET", "/loans", Action.READ_LOANS)
def list_loans(call: Caller) -> dict[str, Any]:
    return {"loans": [loan_of(one) for one in call.services.loans.board(call.principal)]}


@route(router, "GET", "/loans/{key}", Action.READ_LOANS)
def show_loan(key: str, call: Caller) -> dict[str, Any]:
    return loan_of(call.services.loans.loan(call.principal, key))


@route(router, "POST", "/loans/{key}/acts", Action.KEEP_LOANS, status=201)
def record_act(key: str, wish: ActWish, call: Caller) -> dict[str, Any]:
    try:
        at = None if wish.at is None else parse_utc(wish.at)
    except ValueError as error:
        raise InputError("at: no moment with a time zone", mend="Write it as 2026-11-24T10:00:00Z.") from error
    return loan_of(
        call.services.loans.record(
            call.principal, key, ActKind(wish.kind), serials=wish.serials, at=at, note=wish.note
        )
    )


@route(router, "POST", "/loans/{key}/acts/{sequence}/mistake", Action.KEEP_LOANS, status=201)
def take_back_act(key: str, sequence: int, wish: Mistake, call: Caller) -> dict[str, Any]:
    return loan_of(call.services.loans.take_back(call.principal, key, sequence, note=wish.note))


def loan_of(status: LoanStatus) -> dict[str, Any]:
    """Return a loan as JSON; ``stops`` names the lines of the checklist that keep it from leaving."""
    loan: dict[str, Any] = render(status.loan)
    del loan["version"]
    return {
        **loan,
        "stage": str(status.stage),
        "overdue": status.overdue,
        "headsets": [
            {
                **render(one),
                "lines": [{**render(line), "stops": line.stops} for line in one.lines],
            }
            for one in status.headsets
        ],
    }
