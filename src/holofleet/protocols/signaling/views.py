"""A call as one of its parties may see it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from holofleet.protocols.signaling.call import Call
from holofleet.protocols.signaling.parties import PartyKind, Seat


@dataclass(frozen=True, slots=True)
class Permitted:
    """What a call may do: the switches of its parties together."""

    recording: bool = False
    chat: bool = False
    files: bool = False
    snapshots: bool = False
    location: bool = False
    guests: bool = False
    video: bool = True
    low_bandwidth: str = "low-resolution"

    def view(self) -> dict[str, Any]:
        """Return it as it is sent."""
        return {
            "video": self.video,
            "chat": self.chat,
            "files": self.files,
            "snapshots": self.snapshots,
            "recording": self.recording,
            "location": self.location,
            "guests": self.guests,
            "low_bandwidth": self.low_bandwidth,
        }


def ms(moment: datetime | None) -> int | None:
    """Return a moment as it is sent: ms since the epoch."""
    return None if moment is None else int(moment.timestamp() * 1000)


def party_view(seat: Seat, *, to: PartyKind = PartyKind.EXPERT) -> dict[str, Any]:
    """Return a party as others see it; a guest does not see who holds the headset."""
    view: dict[str, Any] = {"id": seat.id, "kind": str(seat.kind), "name": seat.name, "label": seat.label}
    if seat.kind is PartyKind.HEADSET and to is not PartyKind.GUEST:
        view["serial"] = seat.serial
        view["account"] = seat.account
        holder = seat.holder
        view["holder"] = {
            "name": holder.name,
            "method": holder.method,
            "assurance": holder.assurance,
            "at": ms(holder.at),
        }
    elif seat.kind is PartyKind.HEADSET:
        view["label"] = ""
    if to is not PartyKind.GUEST and seat.kind is not PartyKind.HEADSET:
        view["key"] = seat.key
    return view


def call_view(call: Call, me: Seat, permitted: Permitted) -> dict[str, Any]:
    """Return a call as one of its seats sees it."""
    view: dict[str, Any] = {
        "id": call.id,
        "state": str(call.state),
        "since": ms(call.since),
        "parties": [
            {
                **party_view(seat, to=me.kind),
                "state": str(seat.state),
                "camera": seat.camera,
                "microphone": seat.microphone,
                **({"why": seat.why} if seat.why else {}),
                **({"replaces": seat.replaces, "asked_by": seat.asked_by} if seat.replaces else {}),
            }
            for seat in call.seats
        ],
        "me": me.id,
        "polite": {other.id: is_polite(call, me, other) for other in call.seats if other.id != me.id},
        "switches": permitted.view(),
        "recording": {
            "state": str(call.consent.state),
            "by": call.consent.by,
            "answers": dict(call.consent.answers),
        },
        "asset": call.asset,
        "work_order": call.work_order,
    }
    if call.started_at is not None:
        view["started"] = ms(call.started_at)
    if me.kind is PartyKind.EXPERT:
        view["note"] = call.note
    if call.ending is not None:
        view["ended"] = {"reason": call.ending.reason, "by": call.ending.by, "at": ms(call.ending.at)}
    return view


def is_polite(call: Call, me: Seat, other: Seat) -> bool:
    """Whether ``me`` gives way when both make an offer: the headset never does, of two others the later one."""
    if PartyKind.HEADSET in (me.kind, other.kind):
        return me.kind is not PartyKind.HEADSET
    ids = [seat.id for seat in call.seats]
    return ids.index(me.id) > ids.index(other.id)
