"""Loans and their acts, and what the server knows of the headsets."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime

from sqlalchemy import ColumnElement, Connection, exists, insert, or_, select, update

from holofleet.errors import ConflictError
from holofleet.server.audit import AuditRecord
from holofleet.server.authorization import Scope
from holofleet.server.loans.values import Act, ActKind, EnrollmentFact, HeadsetFact, Loan, NewAct
from holofleet.storage.custody.actors import by_id, by_name
from holofleet.storage.database import Database
from holofleet.storage.directory.rows import CHUNK
from holofleet.storage.identity.audit import append_audit
from holofleet.storage.moments import from_micros, to_micros
from holofleet.storage.scoping import within
from holofleet.storage.tables.custody import CUSTODY_STATE
from holofleet.storage.tables.directory import PERSON
from holofleet.storage.tables.loans import LOAN, LOAN_ACT, LOAN_HEADSET
from holofleet.storage.tables.management import ENROLLMENT, HEADSET, ORDER

_KNOWN = or_(LOAN.c.removed_at.is_(None), exists().where(LOAN_ACT.c.loan_id == LOAN.c.id))
"""A loan that left the file before anything was done about it never was one."""


class StoredLoans:
    """Implements :class:`holofleet.server.loans.LoanStore`."""

    def __init__(self, database: Database, *, epoch: int) -> None:
        self._database = database
        self._epoch = epoch

    def loans(self, scope: Scope) -> Sequence[Loan]:
        with self._database.read() as connection:
            return _loans(connection, [_KNOWN, *within(LOAN.c.client_id, scope)])

    def loan(self, scope: Scope, key: str) -> Loan | None:
        named = (LOAN.c.id == key) | (LOAN.c.name == key)
        with self._database.read() as connection:
            found = _loans(connection, [_KNOWN, named, *within(LOAN.c.client_id, scope)])
        return found[0] if found else None

    def loans_of(self, serials: Iterable[str]) -> Sequence[Loan]:
        found: dict[str, Loan] = {}
        with self._database.read() as connection:
            for part in _parts(serials):
                theirs = select(LOAN_HEADSET.c.loan_id).where(LOAN_HEADSET.c.serial.in_(part))
                found |= {loan.id: loan for loan in _loans(connection, [_KNOWN, LOAN.c.id.in_(theirs)])}
        return tuple(found.values())

    def acts(self, loans: Iterable[str]) -> Sequence[Act]:
        found: list[Act] = []
        with self._database.read() as connection:
            for part in _parts(loans):
                acts = select(LOAN_ACT).where(LOAN_ACT.c.loan_id.in_(part)).order_by(LOAN_ACT.c.sequence)
                rows = connection.execute(acts).all()
                shown = by_name(connection, (row.actor for row in rows))
                found += (
                    Act(
                        row.sequence,
                        row.loan_id,
                        row.serial,
                        ActKind(row.kind),
                        from_micros(row.at),
                        shown[row.actor],
                        row.note,
                        row.corrects,
                    )
                    for row in rows
                )
        return tuple(sorted(found, key=lambda act: act.sequence))

    def facts(self, serials: Iterable[str]) -> Mapping[str, HeadsetFact]:
        found: dict[str, HeadsetFact] = {}
        with self._database.read() as connection:
            for part in _parts(serials):
                found |= _facts(connection, part)
        return found

    def append(self, loan: Loan, acts: Sequence[NewAct], *, audit: AuditRecord) -> None:
        with self._database.transaction() as connection:
            moved = connection.execute(
                update(LOAN)
                .where(LOAN.c.id == loan.id, LOAN.c.version == loan.version)
                .values(version=LOAN.c.version + 1)
            )
            if moved.rowcount != 1:
                raise ConflictError("somebody else recorded something about this loan", mend="Look again.")
            rows = [
                {
                    "client_id": loan.client,
                    "loan_id": loan.id,
                    "serial": act.serial,
                    "kind": str(act.kind),
                    "at": to_micros(act.at),
                    "actor": by_id(connection, act.actor),
                    "note": act.note,
                    "corrects": act.corrects,
                }
                for act in acts
            ]
            connection.execute(insert(LOAN_ACT), rows)
            append_audit(connection, audit, at=max(act.at for act in acts), epoch=self._epoch)


def _loans(connection: Connection, conditions: Iterable[ColumnElement[bool]]) -> tuple[Loan, ...]:
    rows = connection.execute(select(LOAN).where(*conditions).order_by(LOAN.c.ships, LOAN.c.name)).all()
    serials: dict[str, list[str]] = defaultdict(list)
    for part in _parts(row.id for row in rows):
        lent = select(LOAN_HEADSET).where(LOAN_HEADSET.c.loan_id.in_(part)).order_by(LOAN_HEADSET.c.serial)
        for row in connection.execute(lent):
            serials[row.loan_id].append(row.serial)
    return tuple(
        Loan(
            row.id,
            row.name,
            row.client_id,
            row.site,
            tuple(serials[row.id]),
            date.fromisoformat(row.ships),
            None if row.returns is None else date.fromisoformat(row.returns),
            {key: date.fromisoformat(day) for key, day in json.loads(row.declared).items()},
            row.removed_at is None,
            row.version,
        )
        for row in rows
    )


def _facts(connection: Connection, serials: list[str]) -> dict[str, HeadsetFact]:
    fleet = select(HEADSET.c.serial, HEADSET.c.client_id).where(
        HEADSET.c.serial.in_(serials), HEADSET.c.removed_at.is_(None)
    )
    clients = {row.serial: row.client_id for row in connection.execute(fleet)}
    enrollments: dict[str, list[EnrollmentFact]] = defaultdict(list)
    lost: set[str] = set()
    for row in connection.execute(select(ENROLLMENT).where(ENROLLMENT.c.serial.in_(serials))):
        enrollments[row.serial].append(
            EnrollmentFact(row.client_id, from_micros(row.enrolled_at), row.tenant_lock)
        )
        if row.held_serial is not None and row.standing == "lost":
            lost.add(row.serial)
    wipes: dict[str, list[datetime]] = defaultdict(list)
    accepted = (
        select(ENROLLMENT.c.serial, ORDER.c.closed_at)
        .join(ENROLLMENT, ENROLLMENT.c.id == ORDER.c.enrollment_id)
        .where(ENROLLMENT.c.serial.in_(serials), ORDER.c.kind == "wipe", ORDER.c.status == "done")
        .where(ORDER.c.closed_at.is_not(None))
    )
    for row in connection.execute(accepted):
        wipes[row.serial].append(from_micros(row.closed_at))
    held: dict[str, str] = {}
    standing = select(CUSTODY_STATE, PERSON.c.upn, PERSON.c.display_name).join(
        PERSON, PERSON.c.id == CUSTODY_STATE.c.person_id, isouter=True
    )
    for row in connection.execute(standing.where(CUSTODY_STATE.c.serial.in_(serials))):
        if row.client_id != clients.get(row.serial):
            continue
        if row.status == "lost":
            lost.add(row.serial)
        elif row.person_id is not None:
            held[row.serial] = row.display_name or row.upn
    return {
        serial: HeadsetFact(
            serial,
            clients.get(serial, ""),
            serial in lost,
            held.get(serial, ""),
            tuple(sorted(enrollments[serial], key=lambda one: one.enrolled_at, reverse=True)),
            tuple(sorted(wipes[serial])),
        )
        for serial in serials
    }


def _parts(keys: Iterable[str]) -> Iterable[list[str]]:
    listed = sorted(set(keys))
    for start in range(0, len(listed), CHUNK):
        yield listed[start : start + CHUNK]
