"""Recordings of calls: that there is one for whoever reads calls, what is in it with a right and a reason."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from holofleet.server.assist.recordings import RecordingQuery
from holofleet.server.authorization import Action
from holofleet.web.api.call import PREFIX, Body, Caller, Limit, Reason, route
from holofleet.web.api.render import render
from holofleet.web.byte_range import media_response

router = APIRouter(prefix=PREFIX)
Text = Annotated[str, Query(max_length=255)]


class Why(Body):
    """Why somebody does it; it stands in the audit log."""

    reason: Reason


@route(router, "GET", "/recordings", Action.READ_CALLS)
def list_recordings(
    caller: Caller, call: Text = "", serial: Text = "", after: Text = "", limit: Limit = 50
) -> dict[str, Any]:
    library = caller.services.assist.recordings
    found, more = library.listed(caller.principal, RecordingQuery(call, serial), after=after, limit=limit)
    return {"recordings": render(tuple(found)), "next": more or None}


@route(router, "GET", "/recordings/{recording_id}", Action.READ_CALLS)
def show_recording(recording_id: str, caller: Caller) -> dict[str, Any]:
    library = caller.services.assist.recordings
    record = library.show(caller.principal, recording_id)
    return {**render(record), "consents": render(tuple(library.consents(caller.principal, record.call)))}


@route(router, "POST", "/recordings/{recording_id}/media", Action.READ_RECORDINGS)
def read_recording(recording_id: str, why: Why, caller: Caller, request: Request) -> Response:
    media, _ = caller.services.assist.recordings.open(caller.principal, recording_id, why.reason)
    return media_response(media, request.headers.get("range"), headers={})


@route(router, "POST", "/recordings/{recording_id}/hold", Action.HOLD_RECORDINGS)
def hold_recording(recording_id: str, why: Why, caller: Caller) -> dict[str, Any]:
    caller.services.assist.recordings.hold(caller.principal, recording_id, why.reason)
    return {}


@route(router, "POST", "/recordings/{recording_id}/lift", Action.HOLD_RECORDINGS)
def lift_hold(recording_id: str, why: Why, caller: Caller) -> dict[str, Any]:
    caller.services.assist.recordings.lift(caller.principal, recording_id, why.reason)
    return {}


@route(router, "POST", "/recordings/{recording_id}/deletion", Action.DELETE_RECORDINGS)
def delete_recording(recording_id: str, why: Why, caller: Caller) -> dict[str, Any]:
    caller.services.assist.recordings.delete(caller.principal, recording_id, why.reason)
    return {}
