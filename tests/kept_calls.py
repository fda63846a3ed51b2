"""Calls put into a store as they were: one connected, with quality and a file, and one that nobody took."""

from __future__ import annotations

from datetime import datetime, timedelta

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
        ended = turn.call.stop("hung-up", now + timedelta(minutes=2), by=headset.id)
        turn.put(ended)
        turn.keep(records_until=now + timedelta(days=30), chat_until=now, marks=False)


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
