"""Links of guests, and the browsers in which they were opened."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, delete, func, insert, select, update

from holofleet.server.assist.guests import GuestLink
from holofleet.server.audit import AuditRecord
from holofleet.server.authorization import Action, Scope
from holofleet.storage.database import Database
from holofleet.storage.identity.audit import append_audit
from holofleet.storage.moments import from_micros, to_micros
from holofleet.storage.scoping import within
from holofleet.storage.tables.assist import GUEST_LINK, GUEST_LINK_SIDE
from holofleet.storage.tables.directory import PERSON

_L = GUEST_LINK.c
_BY = func.coalesce(func.nullif(PERSON.c.display_name, ""), PERSON.c.upn, "").label("by")
_LINKS = select(GUEST_LINK, _BY).outerjoin(PERSON, PERSON.c.id == _L.person_id)
_UNUSED = _L.opened_at.is_(None) & _L.ended_at.is_(None)


class StoredGuests:
    """Implements :class:`holofleet.server.assist.guests.GuestStore`."""

    def __init__(self, database: Database, *, epoch: int) -> None:
        self._database = database
        self._epoch = epoch

    def make(self, link: GuestLink, digest: str, audit: AuditRecord, *, sides: Iterable[str] = ()) -> None:
        values = {
            "id": link.id,
            "client_id": link.client,
            "serial": link.serial,
            "call_id": link.call,
            "person_id": link.person,
            "words": link.words,
            "digest": digest,
            "epoch": link.epoch,
            "made_at": to_micros(link.made_at),
            "expires_at": to_micros(link.expires_at),
        }
        with self._database.transaction() as connection:
            connection.execute(insert(GUEST_LINK).values(values))
            stands = [{"link_id": link.id, "client_id": link.client, "name": name} for name in sorted(set(sides))]
            if stands:
                connection.execute(insert(GUEST_LINK_SIDE), stands)
            append_audit(connection, audit, at=link.made_at, epoch=self._epoch)

    def open(self, digest: str, session: str, *, at: datetime, epoch: int) -> GuestLink | None:
        now = to_micros(at)
        counts = (_L.digest == digest) & _UNUSED & (_L.expires_at > now) & (_L.epoch == epoch)
        opened = update(GUEST_LINK).where(counts).values(opened_at=now, session=session)
        with self._database.transaction() as connection:
            if connection.execute(opened).rowcount != 1:
                return None
            row = connection.execute(_LINKS.where(_L.session == session)).one()
            audit = AuditRecord(
                f"guest:{row.id}",
                str(Action.JOIN_AS_GUEST),
                f"headset:{row.serial}",
                row.client_id,
                {"act": "guest-opened", "link": row.id},
            )
            append_audit(connection, audit, at=at, epoch=self._epoch)
            return _link(row)

    def of_session(self, session: str) -> GuestLink | None:
        return self._one(_L.session == session)

    def link(self, key: str) -> GuestLink | None:
        return self._one(_L.id == key)

    def within(self, scope: Scope, key: str) -> GuestLink | None:
        return self._one(_L.id == key, *within(_L.client_id, scope))

    def stands(self, key: str) -> bool:
        """Whether a link is there and was not taken back."""
        there = select(_L.id).where(_L.id == key, _L.ended_at.is_(None))
        with self._database.read() as connection:
            return connection.execute(there).first() is not None

    def of_person(self, person: str, *, after: datetime) -> Sequence[GuestLink]:
        return self._many(_L.person_id == person, *_after(after), order=_L.made_at.desc())

    def of_headset(self, serial: str, *, after: datetime) -> Sequence[GuestLink]:
        return self._many(_L.serial == serial, *_after(after), order=_L.made_at)

    def listed(self, scope: Scope, *, after: datetime, limit: int) -> Sequence[GuestLink]:
        return self._many(*within(_L.client_id, scope), *_after(after), order=_L.made_at.desc(), limit=limit)

    def ask(self, key: str, name: str, *, at: datetime) -> None:
        values = {"name": name, "asked_at": func.coalesce(_L.asked_at, to_micros(at))}
        with self._database.transaction() as connection:
            connection.execute(update(GUEST_LINK).where(_L.id == key, _L.ended_at.is_(None)).values(values))

    def told(self, key: str, call: str) -> None:
        with self._database.transaction() as connection:
            connection.execute(update(GUEST_LINK).where(_L.id == key).values(told_call=call))

    def end(self, key: str, why: str, *, at: datetime, audit: AuditRecord) -> bool:
        ended = (
            update(GUEST_LINK).where(_L.id == key, _L.ended_at.is_(None)).values(ended_at=to_micros(at), why=why)
        )
        with self._database.transaction() as connection:
            if connection.execute(ended).rowcount != 1:
                return False
            append_audit(connection, audit, at=at, epoch=self._epoch)
        return True

    def forget(self, *, before: datetime) -> int:
        with self._database.transaction() as connection:
            return connection.execute(delete(GUEST_LINK).where(_L.expires_at < to_micros(before))).rowcount

    def _one(self, *conditions: ColumnElement[bool]) -> GuestLink | None:
        with self._database.read() as connection:
            row = connection.execute(_LINKS.where(*conditions)).one_or_none()
        return None if row is None else _link(row)

    def _many(
        self, *conditions: ColumnElement[bool], order: ColumnElement[Any], limit: int | None = None
    ) -> Sequence[GuestLink]:
        with self._database.read() as connection:
            rows = connection.execute(_LINKS.where(*conditions).order_by(order, _L.id).limit(limit))
            return tuple(_link(row) for row in rows)


def _after(moment: datetime) -> tuple[ColumnElement[bool], ...]:
    return _L.ended_at.is_(None), _L.expires_at > to_micros(moment)


def _link(row: Row[Any]) -> GuestLink:
    return GuestLink(
        id=row.id,
        client=row.client_id,
        serial=row.serial,
        person=row.person_id,
        words=row.words,
        made_at=from_micros(row.made_at),
        expires_at=from_micros(row.expires_at),
        epoch=row.epoch,
        call=row.call_id,
        by=row.by,
        name=row.name,
        told_call=row.told_call,
        opened_at=_moment(row.opened_at),
        asked_at=_moment(row.asked_at),
        admitted_at=_moment(row.admitted_at),
        ended_at=_moment(row.ended_at),
        why=row.why,
    )


def _moment(value: int | None) -> datetime | None:
    return None if value is None else from_micros(value)
