"""A call as one JSON text, and back: how its truth is kept between two messages."""

from __future__ import annotations

import json
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from typing import Any

from holofleet.protocols.signaling.call import Call, Ending, Timers
from holofleet.protocols.signaling.consent import Consent, Recording
from holofleet.protocols.signaling.parties import Holder, PartyKind, Seat, SeatState

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_MOMENTS = ("created_at", "since", "started_at")
_SEAT_MOMENTS = ("since", "deadline", "accepted_at", "joined_at", "left_at")


def call_to_json(call: Call) -> str:
    """Return a call as a text that :func:`call_from_json` reads."""
    data: dict[str, Any] = {one.name: getattr(call, one.name) for one in fields(Call)}
    data |= {name: _out(data[name]) for name in _MOMENTS}
    data["seats"] = [_seat_out(seat) for seat in call.seats]
    data["queue"] = list(call.queue)
    ending = call.ending
    data["ending"] = ending and {
        "reason": ending.reason, "at": _out(ending.at), "by": ending.by, "offer": ending.offer,
    }  # fmt: skip
    consent = call.consent
    data["consent"] = {"by": consent.by, "answers": dict(consent.answers), "state": str(consent.state)}
    data["timers"] = {one.name: getattr(call.timers, one.name) // _MICROSECOND for one in fields(Timers)}
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))


def call_from_json(text: str) -> Call:
    """Return the call of a text that :func:`call_to_json` wrote."""
    data = json.loads(text)
    data |= {name: _in(data[name]) for name in _MOMENTS}
    data["seats"] = tuple(_seat_in(seat) for seat in data["seats"])
    data["queue"] = tuple(data["queue"])
    if data["ending"] is not None:
        data["ending"] = Ending(**{**data["ending"], "at": _in(data["ending"]["at"])})
    consent = data["consent"]
    data["consent"] = Consent(consent["by"], consent["answers"], Recording(consent["state"]))
    data["timers"] = Timers(**{name: timedelta(microseconds=value) for name, value in data["timers"].items()})
    return Call(**data)


def _seat_out(seat: Seat) -> dict[str, Any]:
    data: dict[str, Any] = {one.name: getattr(seat, one.name) for one in fields(Seat)}
    data |= {name: _out(data[name]) for name in _SEAT_MOMENTS}
    data |= {"kind": str(seat.kind), "state": str(seat.state)}
    holder = seat.holder
    data["holder"] = {one.name: getattr(holder, one.name) for one in fields(Holder)} | {"at": _out(holder.at)}
    return data


def _seat_in(data: dict[str, Any]) -> Seat:
    data |= {name: _in(data[name]) for name in _SEAT_MOMENTS}
    holder = Holder(**{**data["holder"], "at": _in(data["holder"]["at"])})
    return Seat(**{**data, "kind": PartyKind(data["kind"]), "state": SeatState(data["state"]), "holder": holder})


def _out(moment: datetime | None) -> int | None:
    return None if moment is None else (moment - _EPOCH) // _MICROSECOND


def _in(value: int | None) -> datetime | None:
    return None if value is None else _EPOCH + timedelta(microseconds=value)
