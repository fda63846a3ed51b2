"""The audit log: search, export, verification, and a checkpoint to keep elsewhere."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import AwareDatetime, Field

from holofleet.server.audit import MAX_CHECKPOINTS, MAX_LINE, AuditQuery, Link
from holofleet.server.authorization import Action
from holofleet.web.api.call import PREFIX, Body, Caller, Limit, route
from holofleet.web.api.render import render

router = APIRouter(prefix=PREFIX)
_BEGIN = datetime(1970, 1, 1, tzinfo=UTC)
_Text = Annotated[str, Query(max_length=200)]
_Moment = Annotated[AwareDatetime | None, Query()]
_Sequence = Annotated[int, Query(ge=0, lt=2**63)]


_Line = Annotated[str, Field(max_length=MAX_LINE)]


class VerificationWish(Body):
    checkpoints: Annotated[list[_Line], Field(default_factory=list, max_length=MAX_CHECKPOINTS)]


@route(router, "GET", "/audit", Action.READ_AUDIT)
def search_audit(
    call: Caller,
    actor: _Text = "",
    action: _Text = "",
    subject: _Text = "",
    client: Annotated[str | None, Query(max_length=100)] = None,
    since: _Moment = None,
    until: _Moment = None,
    before: Annotated[int | None, Query(ge=0, lt=2**63)] = None,
    limit: Limit = 100,
) -> dict[str, Any]:
    query = AuditQuery(actor, action, subject, client, since, until)
    found = call.services.audit.search(call.principal, query, before=before, limit=limit)
    return {
        "records": [record(link) for link in found],
        "next": found[-1].sequence if len(found) == limit else None,
    }


@route(router, "GET", "/audit/export", Action.READ_AUDIT)
def export_audit(call: Caller, after: _Sequence = 0, limit: Limit = 500) -> dict[str, Any]:
    found = call.services.audit.export(call.principal, after=after, limit=limit)
    return {
        "records": [record(link) for link in found],
        "next": found[-1].sequence if len(found) == limit else None,
    }


@route(router, "POST", "/audit/checkpoint", Action.READ_AUDIT)
def checkpoint_audit(call: Caller) -> dict[str, Any]:
    made = call.services.audit.checkpoint(call.principal)
    return {"sequence": made.anchor.sequence, "hash": made.anchor.hash, "key": made.key, "line": made.line}


@route(router, "POST", "/audit/verification", Action.READ_AUDIT)
def verify_audit(wish: VerificationWish, call: Caller) -> dict[str, Any]:
    proof = call.services.audit.verify(call.principal, wish.checkpoints)
    found = proof.verification
    return {
        "intact": found.intact,
        "records": found.records,
        "head": found.head,
        "problem": found.problem,
        "broken_at": found.broken_at,
        "anchors": [anchor.sequence for anchor in found.anchors],
        "foreign": proof.foreign,
        "not_excluded": found.not_excluded,
    }


def record(link: Link) -> dict[str, Any]:
    """Return one record, with all that its hash covers."""
    return {
        "sequence": link.sequence,
        "epoch": link.epoch,
        "at": render(moment(link.at)),
        "at_us": link.at,
        "actor": link.actor,
        "action": link.action,
        "subject": link.subject,
        "client": link.client,
        "data": dict(link.data),
        "hash": link.hash,
    }


def moment(micros: int) -> datetime:
    """Return the time of a record."""
    return _BEGIN + timedelta(microseconds=micros)
