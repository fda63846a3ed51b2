"""Which browser is on which headset."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, or_, select, update

from holofleet.server.audit import AuditRecord
from holofleet.server.custody.store import ROTATION_GRACE, PairingRow
from holofleet.server.custody.values import HeadsetFacts
from holofleet.server.events import EventKind, NewEvent
from holofleet.storage.database import Database
from holofleet.storage.events import append_events
from holofleet.storage.identity.audit import append_audit
from holofleet.storage.moments import from_micros, to_micros
from holofleet.storage.tables.custody import HEADSET_CODE, PAIRING, PAIRING_SPENT

_P = PAIRING.c


class StoredPairings:
    """Implements :class:`holofleet.server.custody.PairingStore`."""

    def __init__(self, database: Database, *, epoch: int) -> None:
        self._database = database
        self._epoch = epoch

    def invite(self, row: PairingRow, digest: str, *, audit: AuditRecord) -> None:
        with self._database.transaction() as connection:
            connection.execute(delete(PAIRING).where(_P.serial == row.serial, _P.used == 0))
            connection.execute(
                insert(PAIRING).values(
                    id=row.id,
                    client_id=row.client,
                    serial=row.serial,
                    digest=digest,
                    used=0,
                    actor=row.actor,
                    made_at=to_micros(row.made_at),
                    expires_at=to_micros(row.expires_at),
                )
            )
            append_audit(connection, audit, at=row.made_at, epoch=self._epoch)

    def accept(self, invitation: str, secret: str, *, new_id: str, now: datetime, expires_at: datetime) -> bool:
        at = to_micros(now)
        with self._database.transaction() as connection:
            taken = connection.execute(
                delete(PAIRING)
                .where(_P.digest == invitation, _P.used == 0, _P.expires_at > at)
                .returning(_P.client_id, _P.serial, _P.actor)
            ).one_or_none()
            if taken is None:
                return False
            before = connection.execute(select(_P.id).where(_P.serial == taken.serial)).scalars().all()
            _forget(connection, before)
            connection.execute(
                insert(PAIRING).values(
                    id=new_id,
                    client_id=taken.client_id,
                    serial=taken.serial,
                    digest=secret,
                    used=1,
                    actor=taken.actor,
                    made_at=at,
                    expires_at=to_micros(expires_at),
                )
            )
            audit = AuditRecord(
                f"kiosk:{taken.serial}",
                "pair-headset",
                f"headset:{taken.serial}",
                taken.client_id,
                {"act": "pair", "invited_by": taken.actor},
            )
            append_audit(connection, audit, at=now, epoch=self._epoch)
        return True

    def paired(self, digest: str, *, now: datetime) -> PairingRow | None:
        statement = select(PAIRING).where(_P.digest == digest, _P.used == 1, _P.expires_at > to_micros(now))
        with self._database.read() as connection:
            row = connection.execute(statement).one_or_none()
        if row is not None and (row.rotated_at is None or row.confirmed_at is not None):
            return _row(row)
        with self._database.transaction() as connection:
            if row is not None:
                changed = update(PAIRING).where(_P.digest == digest, _P.confirmed_at.is_(None))
                connection.execute(changed.values(confirmed_at=to_micros(now)))
                return _row(row)
            return self._by_former(connection, digest, now)

    def _by_former(self, connection: Connection, digest: str, now: datetime) -> PairingRow | None:
        """Return the browser whose former secret this is, while it still counts; later it is a copy's."""
        former = (
            select(PAIRING)
            .join(PAIRING_SPENT, PAIRING_SPENT.c.pairing_id == _P.id)
            .where(PAIRING_SPENT.c.digest == digest)
        )
        row = connection.execute(former).one_or_none()
        if row is None or row.expires_at <= to_micros(now):
            return None
        seen = None if row.confirmed_at is None else from_micros(row.confirmed_at)
        if row.previous == digest and (seen is None or now < seen + ROTATION_GRACE):
            return _row(row)
        _forget(connection, [row.id])
        actor = f"kiosk:{row.serial}"
        data = {"act": "copied", "paired_by": row.actor}
        append_events(
            connection,
            at=now,
            events=[NewEvent(EventKind.PAIRING_COPIED, row.client_id, actor, serial=row.serial, data={})],
        )
        audit = AuditRecord(actor, "pairing-copied", f"headset:{row.serial}", row.client_id, data)
        append_audit(connection, audit, at=now, epoch=self._epoch)
        return None

    def rotate(self, digest: str, fresh: str, *, now: datetime, expires_at: datetime) -> bool:
        at, waited = to_micros(now), to_micros(now - ROTATION_GRACE)
        with self._database.transaction() as connection:
            row = connection.execute(
                select(PAIRING).where(
                    or_(_P.digest == digest, _P.previous == digest),
                    _P.used == 1,
                    _P.expires_at > at,
                    or_(_P.rotated_at.is_(None), _P.rotated_at <= waited),
                )
            ).one_or_none()
            if row is None or (row.previous == digest and row.confirmed_at is not None):
                return False
            if row.digest == digest:
                spent = {"digest": digest, "client_id": row.client_id, "pairing_id": row.id, "spent_at": at}
                connection.execute(insert(PAIRING_SPENT).values(spent))
            # A secret that never arrived is forgotten: nobody has it.
            changed = update(PAIRING).where(_P.id == row.id, _P.digest == row.digest)
            connection.execute(
                changed.values(
                    digest=fresh,
                    previous=digest,
                    rotated_at=at,
                    confirmed_at=None,
                    expires_at=to_micros(expires_at),
                )
            )
        return True

    def of(self, headset: HeadsetFacts, *, now: datetime) -> Sequence[PairingRow]:
        statement = select(PAIRING).where(
            _P.serial == headset.serial, _P.client_id == headset.client, _P.expires_at > to_micros(now)
        )
        with self._database.read() as connection:
            return [_row(row) for row in connection.execute(statement.order_by(_P.used.desc()))]

    def end(self, headset: HeadsetFacts, *, at: datetime, audit: AuditRecord) -> int:
        with self._database.transaction() as connection:
            theirs = connection.execute(select(_P.id).where(_P.serial == headset.serial)).scalars().all()
            ended = _forget(connection, theirs)
            connection.execute(delete(HEADSET_CODE).where(HEADSET_CODE.c.serial == headset.serial))
            append_audit(connection, audit, at=at, epoch=self._epoch)
        return ended


def _forget(connection: Connection, pairings: Sequence[str]) -> int:
    """End pairings with all that is kept of their secrets; return how many."""
    connection.execute(delete(PAIRING_SPENT).where(PAIRING_SPENT.c.pairing_id.in_(pairings)))
    return connection.execute(delete(PAIRING).where(_P.id.in_(pairings))).rowcount


def _row(row: Row[Any]) -> PairingRow:
    return PairingRow(
        row.id,
        row.serial,
        row.client_id,
        row.actor,
        from_micros(row.made_at),
        from_micros(row.expires_at),
        used=row.used == 1,
        rotated_at=None if row.rotated_at is None else from_micros(row.rotated_at),
    )
