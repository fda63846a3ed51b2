"""The desired State, the texts it came from, and what differs from it."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.concurrency import run_in_threadpool

from holofleet.server.authorization import Action
from holofleet.web.api.body import parse_object
from holofleet.web.api.call import PREFIX, Call, Caller, Limit, route
from holofleet.web.api.problem import ProblemError
from holofleet.web.api.render import render

router = APIRouter(prefix=PREFIX)
_KEYS = frozenset({"state", "texts", "plan_hash", "told_hash"})
_MOST_REASON = 500


@route(router, "GET", "/state", Action.READ_STATE)
def read_state(call: Caller) -> dict[str, Any]:
    call.require(Action.READ_STATE)
    told = call.services.fleet.told()
    return {
        "state": told.state,
        "hash": told.hash,
        "published_at": render(told.published_at),
        "actor": told.actor,
    }


@route(router, "GET", "/texts", Action.READ_TEXTS)
def read_texts(call: Caller) -> dict[str, Any]:
    call.require(Action.READ_TEXTS)
    return {"texts": dict(call.services.fleet.texts())}


@route(router, "PUT", "/state", Action.PUBLISH_STATE)
async def publish(request: Request, call: Caller) -> dict[str, Any]:
    # The body is up to 32 MiB and its shape is that of a State: it is read by hand, after the decision.
    call.require(Action.PUBLISH_STATE)
    body = await request.body()
    return await run_in_threadpool(_publish, call, body)


@dataclass(frozen=True, slots=True)
class ToldBody:
    """What the body of a publication or a proposal says."""

    state: dict[str, Any]
    texts: dict[str, str]
    plan_hash: str
    told_hash: str
    reason: str


def told_of(body: bytes) -> ToldBody:
    """Read the body of a publication or a proposal.

    Raises:
        ProblemError: it has not that shape.
    """
    asked = parse_object(body)
    odd = (set(asked) ^ _KEYS) - {"reason"}
    if odd:
        wrong = ", ".join(sorted(odd))
        raise ProblemError(
            HTTPStatus.BAD_REQUEST,
            f"missing or unknown in the body: {wrong}",
            mend=f"Send exactly {', '.join(sorted(_KEYS))}, and a reason where one is needed.",
        )
    texts = asked["texts"]
    if not isinstance(texts, dict) or not all(isinstance(text, str) for text in texts.values()):
        raise ProblemError(HTTPStatus.BAD_REQUEST, "texts: names and texts of the fleet file are wanted")
    reason = asked.get("reason", "")
    if not isinstance(reason, str) or len(reason) > _MOST_REASON:
        raise ProblemError(
            HTTPStatus.BAD_REQUEST, f"reason: a text of at most {_MOST_REASON} characters is wanted"
        )
    if not isinstance(asked["plan_hash"], str) or not isinstance(asked["told_hash"], str):
        raise ProblemError(HTTPStatus.BAD_REQUEST, "plan_hash and told_hash: texts are wanted")
    if not isinstance(asked["state"], dict):
        raise ProblemError(HTTPStatus.BAD_REQUEST, "state: an object is wanted")
    return ToldBody(asked["state"], texts, asked["plan_hash"], asked["told_hash"], reason)


def _publish(call: Call, body: bytes) -> dict[str, Any]:
    told = told_of(body)
    publication = call.services.fleet.publish(
        call.principal,
        told.state,
        told.texts,
        plan_hash=told.plan_hash,
        expect_told_hash=told.told_hash,
        reason=told.reason,
    )
    return {"publication": publication.id, "hash": publication.hash}


@route(router, "GET", "/drift", Action.READ_DRIFT)
def read_drift(call: Caller) -> dict[str, Any]:
    call.require(Action.READ_DRIFT)
    return {"drift": [render(item) for item in call.services.fleet.drift(call.scope)]}


@route(router, "GET", "/reported", Action.READ_HEADSETS)
def read_reported(
    call: Caller, after: Annotated[str | None, Query(max_length=200)] = None, limit: Limit = 500
) -> dict[str, Any]:
    call.require(Action.READ_HEADSETS)
    found: dict[str, Any] = render(call.services.fleet.reported(call.scope, after=after, limit=limit))
    return found


@route(router, "GET", "/overview", Action.READ_OVERVIEW)
def read_overview(call: Caller) -> dict[str, Any]:
    call.require(Action.READ_OVERVIEW)
    found: dict[str, Any] = render(call.services.fleet.overview(call.scope))
    return found
