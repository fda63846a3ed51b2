"""The audit log: search, export, verification, and a checkpoint to keep elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import AwareDatetime, Field

from holofleet.clock import parse_utc, render_utc
from holofleet.errors import InputError
from holofleet.server.audit import MAX_CHECKPOINTS, MAX_LINE, AuditQuery, Cut, Link, PersonalData
from holofleet.server.authorization import Action
from holofleet.web.api.call import PREFIX, Body, Caller, Limit, Reason, route
from holofleet.web.api.render import render

router = APIRouter(prefix=PREFIX)
_BEGIN = datetime(1970, 1, 1, tzinfo=UTC)
_Text = Annotated[str, Query(max_length=200)]
_Moment = Annotated[AwareDatetime | None, Query()]
_Sequence = Annotated[int, Query(ge=0, lt=2**63)]


_Line = Annotated[str, Field(max_length=MAX_LINE)]


class VerificationWish(Body):
    checkpoints: Annotated[list[_Line], Field(default_factory=list, max_length=MAX_CHECKPOINTS)]


class CutWish(Body):
    before: Annotated[str, Field(max_length=40)]
    checkpoints: Annotated[list[_Line], Field(default_factory=list, max_length=MAX_CHECKPOINTS)]
    reason: Reason = ""


class ErasureWish(Body):
    reason: Reason = ""


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
    names = call.services.audit.names(call.principal, found)
    return {
        "records": [{**record(link), "personal": names.get(link.sequence, {})} for link in found],
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
        "intact": proof.intact,
        "records": found.records,
        "head": found.head,
        "problem": proof.problem,
        "broken_at": found.broken_at,
        "anchors": [anchor.sequence for anchor in found.anchors],
        "foreign": proof.foreign,
        "cut": None if found.cut is None else {**cut_of(found.cut), "kept_outside": proof.cut_kept_outside},
        "not_excluded": found.not_excluded,
    }


@route(router, "GET", "/audit/retention", Action.READ_AUDIT)
def show_retention(call: Caller) -> dict[str, Any]:
    found = call.services.retention.retention(call.principal)
    return {
        "first": found.first,
        "first_at": render(found.first_at),
        "last": found.last,
        "unsent": found.unsent,
        "checkpoints": [render(one) for one in found.checkpoints],
        "cuts": [cut_of(cut) for cut in found.cuts],
    }


@route(router, "POST", "/audit/retention", Action.CUT_AUDIT)
def cut_audit(wish: CutWish, call: Caller) -> dict[str, Any]:
    anchor, count = call.services.retention.cut(
        call.principal, _moment_of(wish.before), wish.checkpoints, reason=wish.reason
    )
    return {"sequence": anchor.sequence, "hash": anchor.hash, "records": count}


@route(router, "POST", "/audit/people/{key}/export", Action.EXPORT_PERSON)
def export_person(key: str, call: Caller) -> dict[str, Any]:
    return personal_data(call.services.privacy.export(call.principal, key))


def personal_data(found: PersonalData) -> dict[str, Any]:
    """Return what is kept about somebody as JSON, the same for programs and as a file."""
    rooms = {name: [_row(row) for row in rows] for name, rows in found.rooms.items()}
    return {"person": found.person, "upn": found.upn, "rooms": rooms}


@route(router, "POST", "/audit/people/{key}/erasure", Action.ERASE_PERSON)
def erase_person(key: str, wish: ErasureWish, call: Caller) -> dict[str, Any]:
    erased: dict[str, Any] = render(call.services.privacy.erase(call.principal, key, reason=wish.reason))
    return erased


def cut_of(cut: Cut) -> dict[str, Any]:
    """Return a cut: the last record that is gone, who cut, when."""
    return {
        "sequence": cut.anchor.sequence,
        "hash": cut.anchor.hash,
        "actor": cut.actor,
        "at": render(moment(cut.at)),
        "line": cut.line,
    }


def _moment_of(text: str) -> datetime:
    try:
        return parse_utc(text)
    except ValueError as error:
        raise InputError("before: this is no time", mend="Write it as 2026-01-31T00:00:00Z.") from error


def _row(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row with its moments as times."""
    return {
        name: render_utc(moment(value)) if isinstance(value, int) and _is_moment(name) else value
        for name, value in row.items()
    }


def _is_moment(name: str) -> bool:
    return name == "at" or name.endswith(("_at", "_until", "_since"))


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
