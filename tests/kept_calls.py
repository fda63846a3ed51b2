"""Calls put into a store as they were: one connected, with quality, a file and marks, and one that nobody took."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from holofleet.protocols.signaling import Call, Holder, PartyKind, Seat
from holofleet.server.assist import CallStore, NewFile
from holofleet.server.assist.left import LeftMessage, PartKind
from holofleet.server.audit import AuditRecord
from holofleet.storage.assist import StoredLeft
from holofleet.storage.database import Database

CONNECTED, MISSED = "c" * 32, "d" * 32


def keep_calls(store: CallStore, *, client: str, serial: str, now: datetime) -> None:
    """Put both calls into a store; the connected one began at ``now``, the other an hour before."""
    holder = Holder("Isaiah Langer", "isaiah", "pin", 2, now)
    headset = Seat(f"h{serial}", PartyKind.HEADSET, serial, client, f"hl-{serial}", serial=serial, holder=holder)
    expert = Seat(
        f"m{serial}", PartyKind.EXPERT, f"p-{serial}", client, "Megan Bowen", account="megan@contoso.com"
    )

    def begun(key: str, at: datetime) -> Call:
        call = Call.begin(key, caller=headset, client=client, serial=serial, now=at, asset="P-101")
        return call.ring(expert, at)

    def keep(call: Call) -> None:
        with store.turn(call.id) as turn:
            turn.put(call)

    earlier = now - timedelta(hours=1)
    keep(begun(MISSED, earlier).tick(earlier + timedelta(minutes=2)))
    call = begun(CONNECTED, now).accept(expert.id, now).connected(headset.id, now, path="relay-udp")
    keep(call.connected(expert.id, now, path="relay-udp"))
    with store.turn(CONNECTED) as turn:
        assert turn.call is not None
        begin = int(now.timestamp() * 1000)
        turn.quality(
            headset.id,
            [
                {"t": begin, "s": 60.0, "grade": "optimal", "rtt_ms": 40.0, "width": 1920, "height": 1080},
                {"t": begin + 60_000, "s": 60.0, "grade": "reduced", "rtt_ms": 190.0, "freezes": 3},
            ],
        )
        turn.file(expert.id, NewFile("f1", "step <1>.png", "image/png", 2048, "0" * 64), at=now)
        turn.marks(_marks(expert.id, headset.id, begin), kept=True, at=now)
        ended = turn.call.stop("hung-up", now + timedelta(minutes=2), by=headset.id)
        turn.put(ended)
        turn.keep(records_until=now + timedelta(days=30), chat_until=now, marks=True)


def _marks(expert: str, headset: str, begin: int) -> list[dict[str, Any]]:
    """Return what was drawn, out of order: a picture with a line in two parts and a step that is taken away."""

    def event(number: int, op: str, *, author: str = expert, base: str = "p1", **more: Any) -> dict[str, Any]:
        head = {"v": 1, "id": f"A{number}", "call": CONNECTED, "seq": number + 1, "author": author, "base": base}
        return {**head, "t": begin + 2_000 * number, "op": op, **more}

    line = {"kind": "ink", "points": [[0.2, 0.3]], "colour": "sky"}
    step = {"kind": "step", "points": [[0.6, 0.5]], "colour": "yellow", "number": 1, "text": "<b>Close</b>"}
    arrow = {"kind": "arrow", "points": [[0.1, 0.1], [0.3, 0.4]], "colour": "coral"}
    drawn = [
        event(0, "picture", picture={"name": "Picture 1", "width": 1600, "height": 1200}),
        event(1, "mark.add", mark=line),
        event(2, "mark.append", target="A1", points=[[0.3, 0.5], [0.4, 0.35]]),
        event(3, "mark.add", mark=step),
        event(4, "mark.add", author=headset, base="live", mark=arrow),
        event(5, "mark.remove", target="A3"),
    ]
    return [*drawn[3:], *drawn[:3]]


def keep_message(database: Database, *, serial: str, now: datetime) -> None:
    """Put a message that a headset left for a rota into a store, without its parts."""
    message = LeftMessage(
        id="f" * 32,
        client="own",
        serial=serial,
        label=f"hl-{serial}, held by Isaiah Langer",
        holder="Isaiah Langer",
        holder_person="isaiah",
        to="pumps",
        to_person="",
        phrases=("call-back",),
        parts=(PartKind.PICTURE, PartKind.VOICE),
        voice_s=7,
        left_at=now,
        kept_until=now + timedelta(days=90),
    )
    record = AuditRecord(f"kiosk:{serial}", "place-call", f"headset:{serial}", "own", {"act": "message-left"})
    StoredLeft(database, epoch=1).put(message, ["p-megan"], (), record)
