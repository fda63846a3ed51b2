"""PINs in the database, and their errors, which all processes count together."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Row, insert, select, update

from holofleet.server.audit import AuditRecord
from holofleet.server.custody.store import Limits, PinRow
from holofleet.storage.database import Database
from holofleet.storage.identity.audit import append_audit
from holofleet.storage.moments import from_micros, to_micros
from holofleet.storage.tables.custody import PERSON_PIN

_P = PERSON_PIN.c
_MICROS = 1_000_000
_BY_SERVER = "server: too many errors in a row"


class StoredPins:
    """Implements :class:`holofleet.server.custody.PinStore`."""

    def __init__(self, database: Database, *, epoch: int) -> None:
        self._database = database
        self._epoch = epoch

    def pin(self, person: str) -> PinRow | None:
        with self._database.read() as connection:
            row = connection.execute(select(PERSON_PIN).where(_P.person_id == person)).one_or_none()
        return None if row is None else _pin(row)

    def set(self, person: str, client: str, kept: str, *, at: datetime, audit: AuditRecord) -> None:
        values = {
            "hash": kept,
            "set_at": to_micros(at),
            "voided_at": None,
            "voided_by": "",
            "errors": 0,
            "errors_in_a_row": 0,
            "locked_until": None,
        }
        with self._database.transaction() as connection:
            known = connection.execute(update(PERSON_PIN).where(_P.person_id == person).values(values))
            if known.rowcount == 0:
                connection.execute(insert(PERSON_PIN).values(person_id=person, client_id=client, **values))
            append_audit(connection, audit, at=at, epoch=self._epoch)

    def void(self, person: str, *, by: str, at: datetime, audit: AuditRecord) -> bool:
        with self._database.transaction() as connection:
            done = connection.execute(
                update(PERSON_PIN)
                .where(_P.person_id == person, _P.hash.is_not(None))
                .values(hash=None, voided_at=to_micros(at), voided_by=by)
            )
            if done.rowcount == 0:
                return False
            append_audit(connection, audit, at=at, epoch=self._epoch)
        return True

    def begin_try(self, person: str, *, now: datetime, limits: Limits) -> PinRow | None:
        at = to_micros(now)
        with self._database.transaction() as connection:
            row = connection.execute(
                select(PERSON_PIN).where(_P.person_id == person).with_for_update()
            ).one_or_none()
            if row is None or row.hash is None or (row.locked_until is not None and row.locked_until > at):
                return None if row is None else _pin(row)
            errors = (0 if row.locked_until is not None else row.errors) + 1  # a lock that is over is forgotten
            values: dict[str, Any] = {
                "errors": errors,
                "errors_in_a_row": row.errors_in_a_row + 1,
                "locked_until": at + limits.lock_s * _MICROS if errors >= limits.errors else None,
            }
            if row.errors_in_a_row >= limits.in_a_row:
                values |= {"hash": None, "voided_at": at, "voided_by": _BY_SERVER}
            connection.execute(update(PERSON_PIN).where(_P.person_id == person).values(values))
            return None if values.get("hash", "") is None else _pin(row)

    def succeed(self, person: str) -> None:
        with self._database.transaction() as connection:
            connection.execute(
                update(PERSON_PIN)
                .where(_P.person_id == person)
                .values(errors=0, errors_in_a_row=0, locked_until=None)
            )

    def note(self, audit: AuditRecord, *, at: datetime) -> None:
        with self._database.transaction() as connection:
            append_audit(connection, audit, at=at, epoch=self._epoch)


def _pin(row: Row[Any]) -> PinRow:
    def moment(value: int | None) -> datetime | None:
        return None if value is None else from_micros(value)

    return PinRow(
        row.person_id,
        row.hash,
        moment(row.set_at),
        moment(row.voided_at),
        row.voided_by,
        row.errors,
        row.errors_in_a_row,
        moment(row.locked_until),
    )
