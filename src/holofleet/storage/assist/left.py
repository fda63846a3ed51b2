"""Messages left for experts, and whom each is for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, Select, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from holofleet.server.assist.left import LeftMessage, PartKind, SealedPart
from holofleet.server.audit import AuditRecord
from holofleet.server.authorization import Scope
from holofleet.storage.database import Database
from holofleet.storage.identity.audit import append_audit
from holofleet.storage.moments import from_micros, to_micros
from holofleet.storage.scoping import within
from holofleet.storage.tables.directory import PERSON
from holofleet.storage.tables.left import CALL_LEFT, CALL_LEFT_FOR, CALL_LEFT_PART, CALL_LEFT_SIDE

_L = CALL_LEFT.c
_TO, _TAKER = PERSON.alias("recipient"), PERSON.alias("taker")
_MOST: Final = 200
"""Messages that one person is shown; older ones come up when those are done."""


class StoredLeft:
    """Implements :class:`holofleet.server.assist.left.LeftStore`."""

    def __init__(self, database: Database, *, epoch: int) -> None:
        self._database = database
        self._epoch = epoch

    def put(
        self,
        message: LeftMessage,
        people: Sequence[str],
        parts: Sequence[SealedPart],
        audit: AuditRecord,
        *,
        sides: Iterable[str] = (),
    ) -> bool:
        try:
            with self._database.transaction() as connection:
                there = select(_L.id).where(_L.id == message.id)
                if connection.execute(there).scalar() is not None:
                    return False
                self._insert(connection, message, people, parts)
                _stand(connection, message.id, sides)
                append_audit(connection, audit, at=message.left_at, epoch=self._epoch)
        except IntegrityError:
            return False  # the same message came twice at once
        return True

    @staticmethod
    def _insert(
        connection: Connection, message: LeftMessage, people: Sequence[str], parts: Sequence[SealedPart]
    ) -> None:
        connection.execute(
            insert(CALL_LEFT).values(
                id=message.id,
                client_id=message.client,
                serial=message.serial,
                holder_person_id=message.holder_person or None,
                holder=message.holder,
                label=message.label,
                to_person_id=message.to_person or None,
                rota="" if message.to_person else message.to,
                phrases=" ".join(message.phrases),
                parts=" ".join(message.parts),
                voice_s=message.voice_s,
                left_at=to_micros(message.left_at),
                kept_until=to_micros(message.kept_until),
            )
        )
        mine = {"message_id": message.id, "client_id": message.client}
        connection.execute(insert(CALL_LEFT_FOR), [{**mine, "person_id": one} for one in people])
        rows = [
            {
                **mine,
                "kind": str(part.kind),
                "type": part.type,
                "size": part.size,
                "sealed": part.sealed,
            }
            for part in parts
        ]
        if rows:
            connection.execute(insert(CALL_LEFT_PART), rows)

    def waiting(self, serial: str) -> int:
        counted = select(func.count()).select_from(CALL_LEFT).where(_L.serial == serial, _L.taken_at.is_(None))
        with self._database.read() as connection:
            return connection.execute(counted).scalar_one()

    def of_person(self, person: str, *, now: datetime) -> Sequence[LeftMessage]:
        chosen = (
            _messages()
            .join(CALL_LEFT_FOR, CALL_LEFT_FOR.c.message_id == _L.id)
            .where(CALL_LEFT_FOR.c.person_id == person, _L.kept_until > to_micros(now))
            .order_by(_L.taken_at.is_not(None), _L.left_at.desc(), _L.id)
            .limit(_MOST)
        )
        with self._database.read() as connection:
            return tuple(_message(row) for row in connection.execute(chosen))

    def part(self, person: str, message: str, kind: PartKind, *, now: datetime) -> SealedPart | None:
        chosen = (
            select(CALL_LEFT_PART)
            .join(CALL_LEFT, _L.id == CALL_LEFT_PART.c.message_id)
            .join(CALL_LEFT_FOR, CALL_LEFT_FOR.c.message_id == _L.id)
            .where(
                CALL_LEFT_PART.c.message_id == message,
                CALL_LEFT_PART.c.kind == str(kind),
                CALL_LEFT_FOR.c.person_id == person,
                _L.kept_until > to_micros(now),
            )
        )
        with self._database.read() as connection:
            row = connection.execute(chosen).one_or_none()
        return None if row is None else SealedPart(kind, row.type, row.size, bytes(row.sealed))

    def take(
        self, person: str, message: str, *, at: datetime, audit: AuditRecord, sides: Iterable[str] = ()
    ) -> bool:
        waits = (_L.id == message) & _L.taken_at.is_(None) & self._is_for(person)
        with self._database.transaction() as connection:
            values = {"taker_person_id": person, "taken_at": to_micros(at)}
            if not connection.execute(update(CALL_LEFT).where(waits).values(values)).rowcount:
                return False
            _stand(connection, message, sides)
            append_audit(connection, audit, at=at, epoch=self._epoch)
        return True

    def note(self, audit: AuditRecord, *, at: datetime) -> None:
        with self._database.transaction() as connection:
            append_audit(connection, audit, at=at, epoch=self._epoch)

    def drop(self, person: str, message: str, *, at: datetime, audit: AuditRecord) -> bool:
        with self._database.transaction() as connection:
            gone = delete(CALL_LEFT).where(_L.id == message, self._is_for(person))
            if not connection.execute(gone).rowcount:
                return False
            append_audit(connection, audit, at=at, epoch=self._epoch)
        return True

    def listed(self, scope: Scope, *, after: str, limit: int) -> tuple[Sequence[LeftMessage], str]:
        chosen = _messages().where(*within(_L.client_id, scope))
        at, dot, key = after.partition(".")
        if dot and at.isascii() and at.isdigit() and len(at) < 19:
            chosen = chosen.where((_L.left_at < int(at)) | ((_L.left_at == int(at)) & (_L.id < key)))
        ordered = chosen.order_by(_L.left_at.desc(), _L.id.desc()).limit(limit + 1)
        with self._database.read() as connection:
            rows = connection.execute(ordered).all()
        more = f"{rows[limit - 1].left_at}.{rows[limit - 1].id}" if len(rows) > limit else ""
        return tuple(_message(row) for row in rows[:limit]), more

    def forget(self, *, before: datetime) -> int:
        with self._database.transaction() as connection:
            # Whom it is for and its parts go with it, by their keys.
            return connection.execute(delete(CALL_LEFT).where(_L.kept_until < to_micros(before))).rowcount

    @staticmethod
    def _is_for(person: str) -> Any:
        theirs = (CALL_LEFT_FOR.c.message_id == _L.id) & (CALL_LEFT_FOR.c.person_id == person)
        return select(CALL_LEFT_FOR.c.message_id).where(theirs).exists()


def _stand(connection: Connection, message: str, sides: Iterable[str]) -> None:
    """Keep on which sides of barriers whoever a message names stands, beside those that are known."""
    mine = CALL_LEFT_SIDE.c.message_id == message
    new = set(sides) - set(connection.execute(select(CALL_LEFT_SIDE.c.name).where(mine)).scalars())
    client = select(_L.client_id).where(_L.id == message).scalar_subquery()
    rows = [{"message_id": message, "name": name} for name in sorted(new)]
    if rows:
        connection.execute(insert(CALL_LEFT_SIDE).values(client_id=client), rows)


def _messages() -> Select[Any]:
    """Select messages with the names of whom they are for and who sees to them."""
    named = (
        func.coalesce(func.nullif(_TO.c.display_name, ""), _TO.c.upn, "").label("to_name"),
        func.coalesce(func.nullif(_TAKER.c.display_name, ""), _TAKER.c.upn, "").label("taker_name"),
    )
    people = CALL_LEFT.outerjoin(_TO, _TO.c.id == _L.to_person_id).outerjoin(
        _TAKER, _TAKER.c.id == _L.taker_person_id
    )
    return select(CALL_LEFT, *named).select_from(people)


def _message(row: Row[Any]) -> LeftMessage:
    return LeftMessage(
        id=row.id,
        client=row.client_id,
        serial=row.serial,
        label=row.label,
        holder=row.holder,
        holder_person=row.holder_person_id or "",
        to=row.to_name or row.rota,
        to_person=row.to_person_id or "",
        phrases=tuple(row.phrases.split()),
        parts=tuple(PartKind(one) for one in row.parts.split()),
        voice_s=row.voice_s,
        left_at=from_micros(row.left_at),
        kept_until=from_micros(row.kept_until),
        taken_by=row.taker_person_id or "",
        taken_name=row.taker_name,
        taken_at=None if row.taken_at is None else from_micros(row.taken_at),
    )
