"""Recordings of a call: who agreed, how long each is kept; heard and seen with a right of its own and a reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from starlette.responses import Response

from holofleet.errors import InputError, NotFoundError
from holofleet.server.assist import MarkedCall
from holofleet.server.assist.recordings import ConsentRecord, RecordingQuery, RecordingRecord
from holofleet.server.assist.replay import data_of, frames_of, ordered, steps_of
from holofleet.server.authorization import Action
from holofleet.server.sealing import DamagedError
from holofleet.web.byte_range import media_response
from holofleet.web.console.names import names_of
from holofleet.web.console.visit import Visit
from holofleet.web.declaration import declares

PATH: Final = "/calls/{call}/recordings/{recording}"
MOST: Final = 100
ACTS: Mapping[str, str] = {
    "asked": "asked for a recording",
    "agreed": "agreed",
    "refused": "did not agree",
    "withdrew": "took the agreement back",
    "stopped": "stopped it",
}
WHY: Mapping[str, str] = {
    "finished": "the expert ended it",
    "stopped": "the expert ended it",
    "withdrawn": "somebody took their agreement back",
    "withdrew": "somebody took their agreement back",
    "refused": "somebody did not agree",
    "joined": "somebody joined the call",
    "replaced": "another one began",
    "call-ended": "the call ended",
    "disk": "the server's disk was almost full",
    "quota": "there was no room left for this client",
    "too-long": "it had lasted four hours",
    "assist.recording": "the rules did not allow it any more",
    "retention": "its time was over",
    "deleted": "an administrator deleted it",
    "erased": "somebody who took part was erased",
}
"""Why a recording ended, or was deleted."""
_DONE: Mapping[str, str] = {
    "held": "The recording is held: it stays until the hold is lifted.",
    "lifted": "The hold is lifted. It goes when its time is over.",
    "deleted": "The recording is deleted: its key is gone, and nothing opens it any more.",
}


@dataclass(frozen=True, slots=True)
class Recorded:
    """What the page of a call says of recordings."""

    recordings: Sequence[RecordingRecord]
    consents: Sequence[ConsentRecord]


def recorded(visit: Visit, call: str) -> Recorded:
    """Return the recordings of a call, and who agreed to them."""
    library = visit.services.assist.recordings
    found, _ = library.listed(visit.principal, RecordingQuery(call=call), limit=MOST)
    return Recorded(found[::-1], library.consents(visit.principal, call))


@declares(Action.READ_CALLS)
def recording_page(visit: Visit) -> Response:
    """``/calls/ID/recordings/ID``: what is known of a recording; with a pass it plays."""
    visit.require(Action.READ_CALLS)
    return _page(visit, _found(visit))


@declares(Action.READ_RECORDINGS, Action.HOLD_RECORDINGS, Action.DELETE_RECORDINGS)
def act_on_recording(visit: Visit) -> Response:
    """``POST``: play, save, hold, let go or delete, each with a reason."""
    record = _found(visit)
    library, reason = visit.services.assist.recordings, visit.form.get("reason", "")
    try:
        match visit.form.get("act", ""):
            case "play":
                _, shown = library.open(visit.principal, record.id, reason)
                return visit.go(_address(record), watch=shown)
            case "save":
                media, _ = library.open(visit.principal, record.id, reason)
                name = f'attachment; filename="{file_name(record)}"'
                return media_response(media, None, headers={"content-disposition": name})
            case "hold":
                library.hold(visit.principal, record.id, reason)
                return visit.go(_address(record), done="held")
            case "lift":
                library.lift(visit.principal, record.id, reason)
                return visit.go(_address(record), done="lifted")
            case "delete":
                library.delete(visit.principal, record.id, reason)
                return visit.go(_address(record), done="deleted")
            case _:
                raise InputError("choose what to do with the recording")
    except InputError as error:
        return _page(visit, record, 422, problem=error.summary[:1].upper() + error.summary[1:] + ".")
    except DamagedError as error:
        words = f"{error.summary[:1].upper()}{error.summary[1:]}. {error.mend} The audit log has this."
        return _page(visit, record, 409, problem=words)


@declares(Action.READ_RECORDINGS)
def recording_media(visit: Visit) -> Response:
    """``.../media``: a part of a recording, for whoever holds a pass; nothing of it stays in the browser."""
    visit.require(Action.READ_RECORDINGS, _found(visit).client)
    media = visit.services.assist.recordings.again(visit.principal, visit.path("recording"), visit.asked("watch"))
    return media_response(media, visit.request.headers.get("range"), headers={})


def file_name(record: RecordingRecord) -> str:
    """Return the name under which a recording is saved: headset and beginning."""
    kept = "".join(letter if letter.isalnum() or letter in "-_" else "-" for letter in record.serial)
    ending = record.type.partition("/")[2]
    return f"call-{kept}-{record.started_at:%Y-%m-%d-%H-%M-%S}.{ending}"


def _found(visit: Visit) -> RecordingRecord:
    record = visit.services.assist.recordings.show(visit.principal, visit.path("recording"))
    if record.call != visit.path("call"):
        raise NotFoundError("there is no such recording here")
    return record


def _address(record: RecordingRecord) -> str:
    return f"/calls/{record.call}/recordings/{record.id}"


@dataclass(frozen=True, slots=True)
class MarkedStep:
    """One thing that was drawn: ``at`` seconds from the beginning of the recording, below 0 for before it."""

    at: float
    clock: str
    who: str
    words: str


@dataclass(frozen=True, slots=True)
class Marked:
    """The marks of a call as its recording shows them. ``began``: of the recording, in ms."""

    began: int
    data: Mapping[str, Any]
    steps: tuple[MarkedStep, ...]


def marked_of(found: MarkedCall, record: RecordingRecord) -> Marked | None:
    """Return the marks that there were until a recording ended; ``None`` where there were none."""
    begins, ends = record.started_at, record.ended_at or record.started_at
    events = [one for one in ordered(found.events) if one["t"] <= ends.timestamp() * 1000]
    frames = frames_of(events)
    names = {party.id: party.name for party in found.record.parties}
    steps = []
    for step in steps_of(events, names, frames):
        at = (step.at - begins).total_seconds()
        clock = f"{int(at) // 60}:{int(at) % 60:02}" if at >= 0 else "before"
        steps.append(MarkedStep(round(at, 2), clock, step.who, step.words))
    if not steps:
        return None
    return Marked(round(begins.timestamp() * 1000), data_of(found, events, frames), tuple(steps))


def _marked(visit: Visit, record: RecordingRecord) -> Marked | None:
    try:
        return marked_of(visit.services.assist.records.marks(visit.principal, record.call), record)
    except NotFoundError:
        return None  # the call goes on, or keeps no marks


def _page(visit: Visit, record: RecordingRecord, status: int = 200, *, problem: str = "") -> Response:
    call = visit.services.assist.records.detail(visit.principal, record.call).record
    shown = visit.asked("watch") if visit.may(Action.READ_RECORDINGS, record.client) else ""
    shown = shown if record.is_there else ""
    library = visit.services.assist.recordings
    return visit.render(
        "recording.html",
        status,
        here="calls",
        record=record,
        call=call,
        name=names_of(visit, [record.serial]).get(record.serial, record.serial),
        address=_address(record),
        names={party.id: party.name or party.kind for party in call.parties},
        consents=library.consents(visit.principal, record.call),
        acts=ACTS,
        why=WHY,
        size=size,
        length=length,
        problem=problem,
        done=_DONE.get(visit.asked("done"), ""),
        shown=shown,
        marked=_marked(visit, record) if shown else None,
        reason=visit.form.get("reason", ""),
    )


def size(count: int) -> str:
    """Write a size: ``412 kB``, ``3.2 MB``."""
    return f"{count / 1e6:.1f} MB" if count >= 1e6 else f"{max(1, round(count / 1e3))} kB"


def length(record: RecordingRecord, now: datetime) -> str:
    """Write how long a recording lasted, or has lasted until now."""
    ended = record.ended_at or now
    seconds = max(0, round((ended - record.started_at).total_seconds()))
    hours, rest = divmod(seconds, 3600)
    return f"{hours}:{rest // 60:02}:{rest % 60:02}" if hours else f"{rest // 60}:{rest % 60:02}"
