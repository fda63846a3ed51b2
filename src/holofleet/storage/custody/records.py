"""Records of custody, badges, codes and counts of wrong tries."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, delete, exists, insert, select, update

from holofleet.errors import ConflictError
from holofleet.server.audit import AuditRecord
from holofleet.server.authorization import Scope
from holofleet.server.custody.timeline import state_after
from holofleet.server.custody.values import (
    CORRECTIONS,
    STATUS_OF,
    CustodyRecord,
    HeadsetFacts,
    HeadsetState,
    Holder,
    Kind,
    NewRecord,
    Proof,
    Status,
)
from holofleet.storage.custody.actors import by_name
from holofleet.storage.custody.counting import count_error, errors_of
from holofleet.storage.custody.writing import append_record
from holofleet.storage.database import Database
from holofleet.storage.identity.audit import append_audit
from holofleet.storage.moments import from_micros, to_micros
from holofleet.storage.scoping import within
from holofleet.storage.tables.custody import BADGE, CUSTODY, CUSTODY_STATE, HEADSET_CODE
from holofleet.storage.tables.directory import PERSON
from holofleet.storage.tables.management import ENROLLMENT, HEADSET

_LOST = exists().where(ENROLLMENT.c.held_serial == HEADSET.c.serial, ENROLLMENT.c.standing == "lost")
_WHO = (PERSON.c.upn, PERSON.c.display_name)
_RECORDS = select(CUSTODY, *_WHO).join(PERSON, PERSON.c.id == CUSTODY.c.person_id, isouter=True)
_STATES = select(CUSTODY_STATE, *_WHO).join(PERSON, PERSON.c.id == CUSTODY_STATE.c.person_id, isouter=True)

_EXPECTED = CUSTODY_STATE.c.expected_at


class StoredCustody:
    """Implements :class:`holofleet.server.custody.CustodyStore`."""

    def __init__(self, database: Database, *, epoch: int) -> None:
        self._database = database
        self._epoch = epoch

    # Reading.

    def headset(self, scope: Scope, key: str) -> HeadsetFacts | None:
        known = select(HEADSET.c.serial, HEADSET.c.name, HEADSET.c.client_id, _LOST.label("lost")).where(
            HEADSET.c.removed_at.is_(None), *within(HEADSET.c.client_id, scope)
        )
        with self._database.read() as connection:
            rows = connection.execute(known.where(HEADSET.c.serial == key)).all()
            if not rows:
                rows = connection.execute(known.where(HEADSET.c.name == key, HEADSET.c.name != "").limit(2)).all()
        if len(rows) != 1:
            return None
        row = rows[0]
        return HeadsetFacts(row.serial, row.name, row.client_id, bool(row.lost))

    def state(self, headset: HeadsetFacts) -> HeadsetState:
        with self._database.read() as connection:
            row = connection.execute(_STATES.where(CUSTODY_STATE.c.serial == headset.serial)).one_or_none()
        if row is None:
            return HeadsetState(headset.serial, headset.client, Status.IN)
        if row.client_id != headset.client:
            return HeadsetState(headset.serial, headset.client, Status.IN, sequence=row.sequence)
        return _state(row)

    def states(self, scope: Scope, statuses: Iterable[Status], *, limit: int) -> Sequence[HeadsetState]:
        return self._states(CUSTODY_STATE.c.status.in_([str(one) for one in statuses]), scope, limit=limit)

    def out(self, scope: Scope, serials: Iterable[str]) -> Sequence[HeadsetState]:
        found = CUSTODY_STATE.c.serial.in_(sorted(serials))
        return self._states(and_(found, CUSTODY_STATE.c.status == str(Status.OUT)), scope)

    def held_by(self, scope: Scope, person: str) -> Sequence[HeadsetState]:
        return self._states(CUSTODY_STATE.c.person_id == person, scope)

    def _states(
        self, which: ColumnElement[bool], scope: Scope, *, limit: int | None = None
    ) -> tuple[HeadsetState, ...]:
        # Where a headset went to another client, its former state is nobody's business any more.
        statement = (
            _STATES.join(HEADSET, HEADSET.c.serial == CUSTODY_STATE.c.serial)
            .where(which, HEADSET.c.client_id == CUSTODY_STATE.c.client_id)
            .where(*within(CUSTODY_STATE.c.client_id, scope))
        )
        found: list[HeadsetState] = []
        # One after the other, so that each reads no more rows than it returns, in the order of an index.
        with self._database.read() as connection:
            for part in (
                statement.where(_EXPECTED.is_not(None)).order_by(_EXPECTED, CUSTODY_STATE.c.serial),
                statement.where(_EXPECTED.is_(None)).order_by(CUSTODY_STATE.c.serial),
            ):
                left = None if limit is None else limit - len(found)
                found += (_state(row) for row in connection.execute(part.limit(left)))
        return tuple(found)

    def records(self, scope: Scope, serial: str) -> Sequence[CustodyRecord]:
        with self._database.read() as connection:
            return _records(connection, serial, within(CUSTODY.c.client_id, scope))

    # Writing.

    def append(self, new: NewRecord, *, expect: int, audit: AuditRecord, recorded_at: datetime) -> CustodyRecord:
        with self._database.transaction() as connection:
            person = _living(connection, new.person) if new.person is not None else None
            made = append_record(connection, new, person_client=person, recorded_at=to_micros(recorded_at))
            if new.kind in CORRECTIONS:
                listed = _records(connection, new.serial, [CUSTODY.c.client_id == new.client])
                values = _columns(state_after(listed, serial=new.serial, client=new.client), new)
            else:
                values = _columns_after(new, person)
            _move_state(connection, new.serial, {**values, "sequence": made}, expect=expect)
            append_audit(connection, audit, at=recorded_at, epoch=self._epoch)
            return _records(connection, new.serial, [CUSTODY.c.sequence == made])[0]

    # Badges.

    def by_badge(self, digest: str) -> str | None:
        with self._database.read() as connection:
            found: str | None = connection.execute(
                select(BADGE.c.person_id).where(BADGE.c.digest == digest)
            ).scalar_one_or_none()
        return found

    def give_badge(
        self, person: str, client: str, digest: str, *, actor: str, at: datetime, audit: AuditRecord
    ) -> None:
        with self._database.transaction() as connection:
            owner = connection.execute(
                select(BADGE.c.person_id).where(BADGE.c.digest == digest)
            ).scalar_one_or_none()
            if owner not in (None, person):
                raise ConflictError("this is somebody else's badge", mend="Take it from them first.")
            connection.execute(delete(BADGE).where(BADGE.c.person_id == person))
            connection.execute(
                insert(BADGE).values(
                    digest=digest, client_id=client, person_id=person, actor=actor, given_at=to_micros(at)
                )
            )
            append_audit(connection, audit, at=at, epoch=self._epoch)

    def take_badge(self, person: str, *, at: datetime, audit: AuditRecord) -> bool:
        with self._database.transaction() as connection:
            if connection.execute(delete(BADGE).where(BADGE.c.person_id == person)).rowcount == 0:
                return False
            append_audit(connection, audit, at=at, epoch=self._epoch)
        return True

    # Codes of headsets.

    def show_code(self, headset: HeadsetFacts, digest: str, *, expires_at: datetime) -> bool:
        with self._database.transaction() as connection:
            connection.execute(delete(HEADSET_CODE).where(HEADSET_CODE.c.serial == headset.serial))
            other = select(HEADSET_CODE.c.serial).where(HEADSET_CODE.c.digest == digest)
            if connection.execute(other).first() is not None:
                return False
            connection.execute(
                insert(HEADSET_CODE).values(
                    serial=headset.serial,
                    digest=digest,
                    client_id=headset.client,
                    expires_at=to_micros(expires_at),
                )
            )
        return True

    def code(self, digest: str, *, now: datetime) -> str | None:
        living = (HEADSET_CODE.c.digest == digest, HEADSET_CODE.c.expires_at > to_micros(now))
        with self._database.read() as connection:
            found: str | None = connection.execute(
                select(HEADSET_CODE.c.serial).where(*living)
            ).scalar_one_or_none()
        return found

    def use_code(self, digest: str, *, now: datetime) -> str | None:
        living = (HEADSET_CODE.c.digest == digest, HEADSET_CODE.c.expires_at > to_micros(now))
        with self._database.transaction() as connection:
            found: str | None = connection.execute(
                delete(HEADSET_CODE).where(*living).returning(HEADSET_CODE.c.serial)
            ).scalar_one_or_none()
        return found

    # Wrong tries.

    def errors(self, subject: str, day: str) -> int:
        with self._database.read() as connection:
            return errors_of(connection, subject, day)

    def count_error(self, subject: str, day: str, client: str, *, by: int = 1) -> int:
        with self._database.transaction() as connection:
            return count_error(connection, subject, day, client, by=by)


def _living(connection: Connection, person: str) -> str:
    """Return whose person somebody is, and keep them from leaving until the transaction ends."""
    statement = select(PERSON.c.client_id).where(PERSON.c.id == person, PERSON.c.left_at.is_(None))
    client: str | None = connection.execute(statement.with_for_update()).scalar_one_or_none()
    if client is None:
        raise ConflictError("this person has left in between")
    return client


def _move_state(connection: Connection, serial: str, values: dict[str, Any], *, expect: int) -> None:
    if expect == 0:
        if connection.execute(select(CUSTODY_STATE.c.serial).where(CUSTODY_STATE.c.serial == serial)).first():
            raise _overtaken()
        connection.execute(insert(CUSTODY_STATE).values(serial=serial, **values))
        return
    moved = connection.execute(
        update(CUSTODY_STATE)
        .where(CUSTODY_STATE.c.serial == serial, CUSTODY_STATE.c.sequence == expect)
        .values(values)
    )
    if moved.rowcount != 1:
        raise _overtaken()


def _overtaken() -> ConflictError:
    return ConflictError("somebody else recorded something of this headset at the same time", mend="Look again.")


def _columns_after(new: NewRecord, person_client: str | None) -> dict[str, Any]:
    return {
        "client_id": new.client,
        "status": str(STATUS_OF[new.kind]),
        "person_client_id": person_client,
        "person_id": new.person,
        "proof": str(new.proof or ""),
        "since": to_micros(new.at),
        "expected_at": None if new.expected_at is None else to_micros(new.expected_at),
        "note": new.note,
    }


def _columns(state: HeadsetState, new: NewRecord) -> dict[str, Any]:
    return {
        "client_id": state.client,
        "status": str(state.status),
        "person_client_id": state.person.client if state.person is not None else None,
        "person_id": state.person.id if state.person is not None else None,
        "proof": str(state.proof or ""),
        "since": to_micros(state.since or new.at),
        "expected_at": None if state.expected_at is None else to_micros(state.expected_at),
        "note": state.note,
    }


def _records(
    connection: Connection, serial: str, conditions: Iterable[ColumnElement[bool]]
) -> tuple[CustodyRecord, ...]:
    statement = _RECORDS.where(CUSTODY.c.serial == serial, *conditions).order_by(CUSTODY.c.sequence)
    rows = connection.execute(statement).all()
    shown = by_name(connection, (row.actor for row in rows))
    return tuple(
        CustodyRecord(
            sequence=row.sequence,
            serial=row.serial,
            client=row.client_id,
            kind=Kind(row.kind),
            at=from_micros(row.at),
            actor=shown[row.actor],
            recorded_at=from_micros(row.recorded_at),
            person=_holder(row),
            proof=Proof(row.proof) if row.proof else None,
            expected_at=None if row.expected_at is None else from_micros(row.expected_at),
            note=row.note,
            corrects=row.corrects,
        )
        for row in rows
    )


def _state(row: Row[Any]) -> HeadsetState:
    return HeadsetState(
        serial=row.serial,
        client=row.client_id,
        status=Status(row.status),
        sequence=row.sequence,
        person=_holder(row),
        proof=Proof(row.proof) if row.proof else None,
        since=from_micros(row.since),
        expected_at=None if row.expected_at is None else from_micros(row.expected_at),
        note=row.note,
    )


def _holder(row: Row[Any]) -> Holder | None:
    if row.person_id is None:
        return None
    return Holder(row.person_id, row.person_client_id, row.upn, row.display_name)
