"""What was drawn in a call, step by step: a list that reads without a script, and a player that draws it."""

from __future__ import annotations

from typing import Final

from starlette.responses import Response

from holofleet.server.assist.replay import data_of, frames_of, ordered, steps_of
from holofleet.server.authorization import Action
from holofleet.web.console.names import names_of
from holofleet.web.console.visit import Visit
from holofleet.web.declaration import declares

PATH: Final = "/calls/{call}/marks"


@declares(Action.READ_CALLS)
def marks_page(visit: Visit) -> Response:
    """``/calls/ID/marks``: the marks of a call that is over, over time."""
    visit.require(Action.READ_CALLS)
    found = visit.services.assist.records.marks(visit.principal, visit.path("call"))
    record = found.record
    events = ordered(found.events)
    frames = frames_of(events)
    names = {party.id: party.name for party in record.parties}
    return visit.render(
        "call_marks.html",
        here="calls",
        call=record,
        name=names_of(visit, [record.serial]).get(record.serial, record.serial),
        steps=tuple(steps_of(events, names, frames)),
        frames=frames,
        sized=all(frame.sized for frame in frames.values()),
        data=data_of(found, events, frames),
    )
