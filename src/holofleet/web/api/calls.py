"""Records of calls: who, when, how it is known who they were, and how the media was; never what was said."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query

from holofleet.clock import parse_utc
from holofleet.errors import InputError
from holofleet.server.assist import CallRecord, Came, RecordQuery
from holofleet.server.assist.guests import GuestLink
from holofleet.server.assist.left import LeftMessage
from holofleet.server.assist.replay import data_of, frames_of, ordered, steps_of
from holofleet.server.authorization import Action
from holofleet.web.api.call import PREFIX, Caller, Limit, route
from holofleet.web.api.render import render

router = APIRouter(prefix=PREFIX)
Text = Annotated[str, Query(max_length=255)]


@route(router, "GET", "/calls", Action.READ_CALLS)
def list_calls(
    call: Caller,
    serial: Text = "",
    person: Text = "",
    came: Came | None = None,
    since: Text = "",
    until: Text = "",
    after: Text = "",
    limit: Limit = 50,
) -> dict[str, Any]:
    query = RecordQuery(serial, person, came, _moment("since", since), _moment("until", until))
    found, more = call.services.assist.records.listed(call.principal, query, after=after, limit=limit)
    return {"calls": [call_of(one) for one in found], "next": more or None}


@route(router, "GET", "/calls/left", Action.READ_CALLS)
def list_messages_left(call: Caller, after: Text = "", limit: Limit = 50) -> dict[str, Any]:
    found, more = call.services.assist.left.listed(call.principal, after=after, limit=limit)
    return {"messages": [_left(one) for one in found], "next": more or None}


@route(router, "GET", "/calls/links", Action.READ_CALLS)
def list_links(call: Caller) -> dict[str, Any]:
    now = call.services.clock.now()
    return {"links": [_link(one, now) for one in call.services.assist.links.listed(call.principal)]}


@route(router, "DELETE", "/calls/links/{link_id}", Action.WITHDRAW_GUEST, status=204)
def withdraw_link(link_id: str, call: Caller) -> None:
    call.services.assist.links.withdraw(call.principal, link_id)


@route(router, "GET", "/calls/{call_id}", Action.READ_CALLS)
def show_call(call_id: str, call: Caller) -> dict[str, Any]:
    found = call.services.assist.records.detail(call.principal, call_id)
    beside = {"quality": render(found.quality), "messages": found.messages, "replayable": found.replayable}
    beside["listed_files"] = render(found.files)
    return {**call_of(found.record), **beside}


@route(router, "GET", "/calls/{call_id}/marks", Action.READ_CALLS)
def read_marks(call_id: str, call: Caller) -> dict[str, Any]:
    found = call.services.assist.records.marks(call.principal, call_id)
    events = ordered(found.events)
    frames = frames_of(events)
    names = {party.id: party.name for party in found.record.parties}
    steps = [
        {"at": render(step.at), "who": step.who, "words": step.words, "picture": frames[step.base].name}
        for step in steps_of(events, names, frames)
    ]
    return {**data_of(found, events, frames), "steps": steps}


def _link(link: GuestLink, now: datetime) -> dict[str, Any]:
    """Return a guest's link as JSON; the secret in it is nowhere."""
    return {
        "id": link.id,
        "client": link.client,
        "serial": link.serial,
        "call": link.call or None,
        "by": link.by,
        "words": link.words,
        "name": link.name,
        "state": str(link.state(now)),
        "made_at": render(link.made_at),
        "expires_at": render(link.expires_at),
    }


def _left(message: LeftMessage) -> dict[str, Any]:
    """Return that a message was left as JSON: never the words, the voice or the picture in it."""
    return {
        "id": message.id,
        "client": message.client,
        "serial": message.serial,
        "holder": message.holder,
        "for": message.to,
        "parts": [str(one) for one in message.parts],
        "left_at": render(message.left_at),
        "kept_until": render(message.kept_until),
        "taken_by": message.taken_name,
        "taken_at": render(message.taken_at),
    }


def call_of(record: CallRecord) -> dict[str, Any]:
    """Return a record as JSON; ``seconds``: how long two parties were connected."""
    found: dict[str, Any] = render(record)
    return {**found, "seconds": record.seconds}


def _moment(name: str, text: str) -> Any:
    try:
        return parse_utc(text) if text else None
    except ValueError as error:
        raise InputError(
            f"{name}: no moment with a time zone", mend="Write it as 2026-11-24T10:00:00Z."
        ) from error
