"""Which browser is on which headset."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, insert, select

from holofleet.server.audit import AuditRecord
from holofleet.server.custody.store import PairingRow
from holofleet.server.custody.values import HeadsetFacts
from holofleet.storage.database import Database
from holofleet.storage.identity.audit import append_audit
from holofleet.storage.moments import from_micros, to_micros
from holofleet.storage.tables.custody import HEADSET_CODE, PAIRING

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
            connection.execute(delete(PAIRING).where(_P.serial == taken.serial))
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
        if row is None:
            return None
        return PairingRow(
            row.id,
            row.serial,
            row.client_id,
            row.actor,
            from_micros(row.made_at),
            from_micros(row.expires_at),
            used=True,
        )

    def end(self, headset: HeadsetFacts, *, at: datetime, audit: AuditRecord) -> int:
        with self._database.transaction() as connection:
            ended = connection.execute(delete(PAIRING).where(_P.serial == headset.serial)).rowcount
            connection.execute(delete(HEADSET_CODE).where(HEADSET_CODE.c.serial == headset.serial))
            append_audit(connection, audit, at=at, epoch=self._epoch)
        return ended
