"""What was drawn in a call, step by step: its pictures, its steps in words, and the form in which it is saved."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from holofleet.server.assist.records import MarkedCall

LIVE: Final = "live"
_SHAPES: Final = {
    "arrow": "an arrow",
    "ink": "a line",
    "rectangle": "a box",
    "ellipse": "a circle",
    "step": "a step",
    "text": "words",
}
_WHOLE: Final = {"width": 1920, "height": 1080}
"""The shape of a picture of which no size is known: most cameras have it."""
MOST_SIDE: Final = 16_384
_QUIET: Final = frozenset({"mark.append"})
"""Parts of a line of ink: they belong to the line."""


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that somebody did. ``last``: how many of the ordered events there are once it is done."""

    at: datetime
    who: str
    words: str
    base: str
    last: int


@dataclass(frozen=True, slots=True)
class Frame:
    """A picture that had marks, as far as it is known. ``sized``: whether its size is."""

    base: str
    name: str
    width: int
    height: int
    sized: bool


def ordered(events: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return the events that a page would take, in the order in which every page reads them."""
    fine = [
        event
        for event in events
        if isinstance(event.get("t"), int | float)
        and isinstance(event.get("seq"), int)
        and all(isinstance(event.get(name), str) for name in ("id", "author", "base", "op"))
    ]
    return sorted(fine, key=lambda event: (event["t"], event["author"], event["seq"]))


def frames_of(events: Sequence[Mapping[str, Any]]) -> dict[str, Frame]:
    """Return the pictures by id, in the order of their first event."""
    frames: dict[str, Frame] = {}
    for event in events:
        base = event["base"]
        if event["op"] == "picture" and not frames.get(base, _NONE).sized:
            told = _told(event, f"Picture {len(frames) + 1}")
            frames |= {base: told} if told is not None else {}
        if base not in frames:
            name = "Live picture" if base == LIVE else f"Picture {len(frames) + 1}"
            frames[base] = Frame(base, name, **_WHOLE, sized=False)
    return frames


def _told(event: Mapping[str, Any], usual: str) -> Frame | None:
    """Return the picture that an event tells of, if it is one."""
    told = event.get("picture")
    if not isinstance(told, Mapping):
        return None
    width, height = told.get("width"), told.get("height")
    if not isinstance(width, int) or not isinstance(height, int):
        return None
    if min(width, height) < 1 or max(width, height) > MOST_SIDE:
        return None
    return Frame(event["base"], str(told.get("name") or usual), width, height, sized=True)


_NONE: Final = Frame("", "", **_WHOLE, sized=False)


def steps_of(
    events: Sequence[Mapping[str, Any]], names: Mapping[str, str], frames: Mapping[str, Frame]
) -> Iterable[Step]:
    """Yield what was done, in order; the parts of a line are one."""
    begins = [at for at, event in enumerate(events) if event["op"] not in _QUIET]
    by_id = {event["id"]: event for event in events}
    for place, at in enumerate(begins):
        event = events[at]
        last = begins[place + 1] if place + 1 < len(begins) else len(events)
        yield Step(
            datetime.fromtimestamp(event["t"] / 1000, UTC),
            names.get(event["author"], "Somebody"),
            _said(event, by_id, frames),
            event["base"],
            last,
        )


def _said(event: Mapping[str, Any], by_id: Mapping[str, Mapping[str, Any]], frames: Mapping[str, Frame]) -> str:
    where = frames[event["base"]].name
    target = by_id.get(str(event.get("target")), {})
    match event["op"]:
        case "picture":
            return f"put {where} on the table"
        case "mark.add":
            return f"drew {_shape(event)} on {where}"
        case "mark.move":
            return f"moved {_shape(target)} on {where}"
        case "mark.remove":
            return f"took {_shape(target)} away from {where}"
        case "erase":
            return f"took all own marks away from {where}"
        case "undo":
            return f"took the last act on {where} back"
        case "redo":
            return f"did it again on {where}"
        case _:
            return f"changed {where}"


def _shape(event: Mapping[str, Any]) -> str:
    mark = event.get("mark")
    if not isinstance(mark, Mapping):
        return "a mark"
    if mark.get("kind") == "step":
        shape = f"step {mark.get('number', '')}".rstrip()
    else:
        shape = _SHAPES.get(str(mark.get("kind")), "a mark")
    text = mark.get("text")
    return f"{shape}: \N{LEFT DOUBLE QUOTATION MARK}{text}\N{RIGHT DOUBLE QUOTATION MARK}" if text else shape


def data_of(
    found: MarkedCall, events: Sequence[Mapping[str, Any]], frames: Mapping[str, Frame]
) -> Mapping[str, Any]:
    """Return what a page draws from, and what somebody saves: the form that an expert saves in the call too."""
    record = found.record
    started = record.started_at or record.created_at
    return {
        "format": "holofleet.marks.v1",
        "call": {
            "id": record.id,
            "started": round(started.timestamp() * 1000),
            "asset": record.asset,
            "work_order": record.work_order,
        },
        "parties": [{"id": party.id, "kind": party.kind, "name": party.name} for party in record.parties],
        "pictures": [
            {"id": frame.base, "name": frame.name, "width": frame.width, "height": frame.height}
            for frame in frames.values()
        ],
        "events": list(events),
    }
