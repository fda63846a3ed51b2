"""One transaction on one call."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, text, update

from holofleet.server.assist.kept import Call, PartyKind, Seat, SeatState, call_to_json
from holofleet.server.assist.store import NewFile
from holofleet.server.audit import AuditRecord
from holofleet.server.webhooks.notices import notice_of_call
from holofleet.storage.assist.recordings import StoredRecordingTurn
from holofleet.storage.assist.series import add_media, bound_series
from holofleet.storage.identity.audit import append_audit
from holofleet.storage.moments import to_micros
from holofleet.storage.tables.assist import (
    CALL,
    CALL_CHAT,
    CALL_DONE,
    CALL_FAVOURITE,
    CALL_FILE,
    CALL_LOG,
    CALL_MARK,
    CALL_PARTY,
    CALL_QUALITY,
    CALL_SIDE,
    GUEST_LINK,
)
from holofleet.storage.webhooks.posting import post

CHANNEL = "holofleet_call"
_NOTIFY = text(f"SELECT pg_notify('{CHANNEL}', :call)")


class StoredTurn:
    """Implements :class:`holofleet.server.assist.store.Turn`."""

    def __init__(self, connection: Connection, call_id: str, call: Call | None, *, epoch: int) -> None:
        self._connection = connection
        self._id = call_id
        self._call = call
        self._client = call.client if call is not None else ""
        self._epoch = epoch
        self._seats: dict[str, Seat] = {seat.id: seat for seat in call.seats} if call is not None else {}
        self._seq: dict[str, int] = {}
        self._said = False
        self._told = call

    @property
    def call(self) -> Call | None:
        return self._call

    def answered(self, who: str, message_id: str) -> Mapping[str, Any] | None:
        return answer_of(self._connection, who, message_id)

    def remember(self, who: str, message_id: str, answer: Mapping[str, Any], *, at: datetime) -> None:
        values = {"who": who, "message_id": message_id, "answer": _json(answer), "at": to_micros(at)}
        self._connection.execute(insert(CALL_DONE).values(values))

    def put(self, call: Call) -> None:
        values = {
            "open": 0 if call.is_over else 1,
            "data": call_to_json(call),
            "started_at": _micros(call.started_at),
            "ended_at": _micros(call.ending.at if call.ending is not None else None),
            "deadline": _micros(call.deadline),
            "reason": call.ending.reason if call.ending is not None else "",
        }
        if self._client:
            self._connection.execute(update(CALL).where(CALL.c.id == call.id).values(values))
        else:
            self._client = call.client
            values |= {
                "id": call.id,
                "client_id": call.client,
                "serial": call.serial,
                "created_at": to_micros(call.created_at),
            }
            self._connection.execute(insert(CALL).values(values))
        # Who leaves makes room before anybody is seated: a party may come back in another seat.
        changed = [(place, seat) for place, seat in enumerate(call.seats) if self._seats.get(seat.id) != seat]
        for place, seat in sorted(changed, key=lambda one: one[1].is_in):
            self._seat(call, place, seat)
        if call.is_over:
            self._connection.execute(delete(CALL_LOG).where(CALL_LOG.c.call_id == call.id))
        told = notice_of_call(self._told, call)
        self._told = call
        if told is not None:
            post(self._connection, (told,))

    def _seat(self, call: Call, place: int, seat: Seat) -> None:
        values: dict[str, Any] = {
            "state": str(seat.state),
            "busy": seat.who if seat.state is not SeatState.LEFT else None,
        }
        if seat.id in self._seats:
            mine = (CALL_PARTY.c.call_id == call.id) & (CALL_PARTY.c.id == seat.id)
            self._connection.execute(update(CALL_PARTY).where(mine).values(values))
        else:
            # Who is asked in again is told on from where they were: their pages count by the call.
            mine = (CALL_PARTY.c.call_id == call.id) & (CALL_PARTY.c.who == seat.who)
            values |= {
                "seq": select(func.coalesce(func.max(CALL_PARTY.c.seq), 0)).where(mine).scalar_subquery(),
                "call_id": call.id,
                "id": seat.id,
                "client_id": call.client,
                "kind": str(seat.kind),
                "who": seat.who,
                "place": place,
                "person_id": seat.key if seat.kind is PartyKind.EXPERT else None,
                "holder_person_id": seat.holder.key or None,
            }
            self._connection.execute(insert(CALL_PARTY).values(values))
        self._seats[seat.id] = seat

    def stand(self, names: Iterable[str]) -> None:
        known = select(CALL_SIDE.c.name).where(CALL_SIDE.c.call_id == self._id)
        new = set(names) - set(self._connection.execute(known).scalars())
        rows = [{"call_id": self._id, "client_id": self._client, "name": name} for name in sorted(new)]
        if rows:
            self._connection.execute(insert(CALL_SIDE), rows)

    def keep(self, *, records_until: datetime, chat_until: datetime, marks: bool) -> None:
        values = {"kept_until": to_micros(records_until), "chat_until": to_micros(chat_until)}
        self._connection.execute(update(CALL).where(CALL.c.id == self._id).values(values))
        if not marks:
            self._connection.execute(delete(CALL_MARK).where(CALL_MARK.c.call_id == self._id))

    def tell(self, party: str, kind: str, body: Mapping[str, Any], *, at: datetime) -> None:
        mine = (CALL_PARTY.c.call_id == self._id) & (CALL_PARTY.c.id == party)
        counted = update(CALL_PARTY).where(mine).values(seq=CALL_PARTY.c.seq + 1).returning(CALL_PARTY.c.seq)
        self._connection.execute(
            insert(CALL_LOG).values(
                call_id=self._id,
                party_id=party,
                seq=self._connection.execute(counted).scalar_one(),
                client_id=self._client,
                type=kind,
                body=_json(body),
                at=to_micros(at),
            )
        )
        if not self._said and self._connection.dialect.name == "postgresql":
            # Heard by the other processes once this transaction is committed, and not at all if it is not.
            self._connection.execute(_NOTIFY, {"call": self._id})
            self._said = True

    def chat(self, party: str, text: str, *, at: datetime) -> None:
        seat = self._seats[party]
        person = seat.key if seat.kind is PartyKind.EXPERT else seat.holder.key
        values = {**self._of(party), "person_id": person or None, "text": text, "at": to_micros(at)}
        self._connection.execute(insert(CALL_CHAT).values(values))

    def file(self, party: str, file: NewFile, *, at: datetime) -> None:
        data = _json({"name": file.name, "type": file.type, "size": file.size, "sha256": file.sha256})
        there = select(CALL_FILE.c.id).where(CALL_FILE.c.call_id == self._id, CALL_FILE.c.id == file.id)
        if self._connection.execute(there).scalar() is not None:
            return
        self._connection.execute(
            insert(CALL_FILE).values(**self._of(party), id=file.id, data=data, at=to_micros(at))
        )
        self._connection.execute(update(CALL).where(CALL.c.id == self._id).values(files=CALL.c.files + 1))

    def marks(self, events: Iterable[Mapping[str, Any]], *, kept: bool, at: datetime) -> int:
        by_id = {str(event["id"]): event for event in events}
        known = select(CALL_MARK.c.id).where(CALL_MARK.c.call_id == self._id, CALL_MARK.c.id.in_(by_id))
        there = set(self._connection.execute(known).scalars())
        rows = [
            {"call_id": self._id, "client_id": self._client, "id": key, "data": _json(event), "at": to_micros(at)}
            for key, event in by_id.items()
            if key not in there
        ]
        if rows and kept:
            self._connection.execute(insert(CALL_MARK), rows)
        drawn = sum(by_id[str(row["id"])].get("op") == "mark.add" for row in rows)
        if drawn:
            self._connection.execute(update(CALL).where(CALL.c.id == self._id).values(marks=CALL.c.marks + drawn))
        return len(rows)

    def all_marks(self) -> Sequence[Mapping[str, Any]]:
        found = select(CALL_MARK.c.data).where(CALL_MARK.c.call_id == self._id).order_by(CALL_MARK.c.sequence)
        return tuple(json.loads(row.data) for row in self._connection.execute(found))

    def quality(self, party: str, samples: Iterable[Mapping[str, Any]]) -> None:
        listed = tuple(samples)
        rows = [
            {
                **self._of(party),
                "grade": sample["grade"],
                "path": sample.get("path", ""),
                "data": _json(sample),
                "at": int(sample["t"]) * 1000,
            }
            for sample in listed
        ]
        self._connection.execute(insert(CALL_QUALITY), rows)
        assert self._call is not None  # who tells of its media is in a call
        if self._seats[party].kind is PartyKind.HEADSET:
            add_media(self._connection, self._call, listed)
        bound_series(self._connection, self._id, party)

    def used(self, serial: str, client: str, person: str, *, at: datetime) -> None:
        own = (CALL_FAVOURITE.c.serial == serial) & (CALL_FAVOURITE.c.person_id == person)
        done = self._connection.execute(update(CALL_FAVOURITE).where(own).values(used=to_micros(at)))
        if not done.rowcount:
            values = {"serial": serial, "person_id": person, "client_id": client, "at": 0, "used": to_micros(at)}
            self._connection.execute(insert(CALL_FAVOURITE).values(values))

    def admit(self, link: str, *, at: datetime) -> bool:
        waits = (GUEST_LINK.c.id == link) & GUEST_LINK.c.admitted_at.is_(None) & GUEST_LINK.c.ended_at.is_(None)
        values = {"admitted_at": to_micros(at), "call_id": self._id}
        return self._connection.execute(update(GUEST_LINK).where(waits).values(values)).rowcount == 1

    @property
    def recordings(self) -> StoredRecordingTurn:
        return StoredRecordingTurn(self._connection, self._id, self._client)

    def audit(self, record: AuditRecord, *, at: datetime) -> None:
        append_audit(self._connection, record, at=at, epoch=self._epoch)

    def _of(self, party: str) -> dict[str, str]:
        return {"call_id": self._id, "client_id": self._client, "party_id": party}


def answer_of(connection: Connection, who: str, message_id: str) -> Mapping[str, Any] | None:
    """Return the answer that a message of a party got already."""
    found = select(CALL_DONE.c.answer).where(CALL_DONE.c.who == who, CALL_DONE.c.message_id == message_id)
    answer = connection.execute(found).scalar()
    return None if answer is None else json.loads(answer)


def _json(value: Mapping[str, Any]) -> str:
    return json.dumps(dict(value), ensure_ascii=False, separators=(",", ":"))


def _micros(moment: datetime | None) -> int | None:
    return None if moment is None else to_micros(moment)
