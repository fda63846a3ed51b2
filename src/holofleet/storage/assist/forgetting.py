"""A person in calls: given out to them, and erased. Records stay, under an id that leads to nobody."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, or_, select, update

from holofleet.server.assist.kept import Call, Holder, PartyKind, Seat, call_from_json, call_to_json
from holofleet.storage.assist.recordings import forget_recording
from holofleet.storage.tables.assist import CALL, CALL_DONE, CALL_LOG, CALL_PARTY, CALL_PRESENCE, CALL_SOCKET
from holofleet.storage.tables.recordings import CALL_RECORDING

_R = CALL_RECORDING.c


def calls_of_person(connection: Connection, person: str) -> tuple[dict[str, Any], ...]:
    """Return when and with which headset somebody was in calls, as an expert or as who held it."""
    columns = (
        CALL.c.id,
        CALL.c.client_id,
        CALL.c.serial,
        CALL.c.created_at,
        CALL.c.started_at,
        CALL.c.ended_at,
        CALL.c.reason,
    )
    chosen = select(*columns).where(CALL.c.id.in_(_calls(person))).order_by(CALL.c.created_at, CALL.c.id)
    return tuple(dict(row._mapping) for row in connection.execute(chosen))


def forget_in_calls(connection: Connection, person: str) -> int:
    """Take somebody's names out of calls; return how many calls were changed."""
    who = f"{PartyKind.EXPERT}:{person}"
    for table in (CALL_DONE, CALL_PRESENCE, CALL_SOCKET):
        connection.execute(delete(table).where(table.c.who == who))
    rows = connection.execute(select(CALL.c.id, CALL.c.data).where(CALL.c.id.in_(_calls(person)))).all()
    for row in rows:
        call = _without(call_from_json(row.data), person)
        connection.execute(update(CALL).where(CALL.c.id == row.id).values(data=call_to_json(call)))
        connection.execute(delete(CALL_LOG).where(CALL_LOG.c.call_id == row.id))
    return len(rows)


def recordings_of_person(connection: Connection, person: str) -> tuple[dict[str, Any], ...]:
    """Return which recordings there are of calls in which somebody took part; not what is in them."""
    chosen = select(
        _R.id, _R.call_id, _R.client_id, _R.serial, _R.started_at, _R.ended_at, _R.until, _R.deleted_at
    )
    ordered = chosen.where(_R.call_id.in_(_calls(person))).order_by(_R.started_at, _R.id)
    return tuple(dict(row._mapping) for row in connection.execute(ordered))


def forget_recordings_of(connection: Connection, person: str, *, at: datetime) -> tuple[int, int]:
    """Delete the recordings of calls in which somebody took part; return how many, and how many are held."""
    mine = select(_R.id, _R.held_at).where(_R.call_id.in_(_calls(person)), _R.key.is_not(None))
    rows = connection.execute(mine.order_by(_R.id)).all()
    gone = [row.id for row in rows if row.held_at is None]
    for recording in gone:
        forget_recording(connection, recording, why="erased", at=at)
    return len(gone), len(rows) - len(gone)


def _calls(person: str) -> Any:
    mine = or_(CALL_PARTY.c.person_id == person, CALL_PARTY.c.holder_person_id == person)
    return select(CALL_PARTY.c.call_id).where(mine)


def _without(call: Call, person: str) -> Call:
    names = {seat.name for seat in call.seats if seat.kind is PartyKind.EXPERT and seat.key == person}
    return replace(call, seats=tuple(_nameless(seat, person, names) for seat in call.seats))


def _nameless(seat: Seat, person: str, names: set[str]) -> Seat:
    if seat.kind is PartyKind.GUEST and any(name and name in seat.label for name in names):
        return replace(seat, label="")
    if seat.kind is PartyKind.EXPERT and seat.key == person:
        return replace(seat, name="", account="")
    if seat.holder.key == person:
        holder = seat.holder
        label = seat.label.split(", held by ")[0]
        return replace(seat, label=label, holder=Holder("", person, holder.method, holder.assurance, holder.at))
    return seat
