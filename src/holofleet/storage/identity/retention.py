"""Checkpoints and cuts of the audit chain in the database."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Select, delete, func, insert, select, update

from holofleet.errors import ConflictError
from holofleet.server.audit import Anchor, AuditRecord, Cut, KeptCheckpoint, Retention
from holofleet.storage.database import Database
from holofleet.storage.identity.audit import StoredAudit, append_audit, without_names
from holofleet.storage.moments import from_micros, to_micros
from holofleet.storage.tables.audit import AUDIT_CHECKPOINT, AUDIT_CUT
from holofleet.storage.tables.identity import AUDIT, AUDIT_PERSONAL

SHOWN = 100
_C = AUDIT_CHECKPOINT.c
_NEWEST = select(AUDIT_CHECKPOINT).order_by(_C.sequence.desc())


class StoredRetention(StoredAudit):
    """Implements :class:`holofleet.server.audit.RetentionStore`."""

    def __init__(self, database: Database, *, epoch: int) -> None:
        super().__init__(database, epoch=epoch)

    def newest_checkpoint(self) -> KeptCheckpoint | None:
        return self._one(_NEWEST.limit(1))

    def sent_before(self, before: datetime) -> KeptCheckpoint | None:
        sent = _NEWEST.where(_C.sent_at.is_not(None), _C.at < to_micros(before))
        return self._one(sent.limit(1))

    def keep_checkpoint(self, sequence: int, line: str, *, at: datetime) -> None:
        with self._database.transaction() as connection:
            known = select(_C.sequence).where(_C.sequence == sequence)
            if connection.execute(known).first() is None:
                connection.execute(
                    insert(AUDIT_CHECKPOINT).values(sequence=sequence, line=line, at=to_micros(at), sent_at=None)
                )

    def unsent(self, limit: int) -> tuple[KeptCheckpoint, ...]:
        statement = select(AUDIT_CHECKPOINT).where(_C.sent_at.is_(None)).order_by(_C.sequence).limit(limit)
        with self._database.read() as connection:
            return tuple(_kept(row) for row in connection.execute(statement))

    def note_sent(self, sequence: int, *, at: datetime) -> None:
        with self._database.transaction() as connection:
            connection.execute(
                update(AUDIT_CHECKPOINT).where(_C.sequence == sequence).values(sent_at=to_micros(at))
            )

    def retention(self) -> Retention:
        oldest = select(AUDIT.c.sequence, AUDIT.c.at).order_by(AUDIT.c.sequence).limit(1)
        cuts = select(AUDIT_CUT).order_by(AUDIT_CUT.c.sequence.desc())
        unsent = select(func.count()).select_from(AUDIT_CHECKPOINT).where(_C.sent_at.is_(None))
        last = self.head().sequence
        with self._database.read() as connection:
            first = connection.execute(oldest).one_or_none()
            return Retention(
                first=0 if first is None else first.sequence,
                first_at=None if first is None else from_micros(first.at),
                last=last,
                checkpoints=tuple(_kept(row) for row in connection.execute(_NEWEST.limit(SHOWN))),
                unsent=connection.execute(unsent).scalar_one(),
                cuts=tuple(
                    Cut(Anchor(row.sequence, row.hash), row.line, row.actor, row.at)
                    for row in connection.execute(cuts)
                ),
            )

    def cut(self, anchor: Anchor, line: str, *, at: datetime, audit: AuditRecord) -> int:
        with self._database.transaction() as connection:
            append_audit(connection, audit, at=at, epoch=self._epoch)
            actor = without_names(connection, audit).actor
            there = select(AUDIT.c.hash).where(AUDIT.c.sequence == anchor.sequence)
            if connection.execute(there).scalar_one_or_none() != anchor.hash:
                raise ConflictError(f"record {anchor.sequence} is not there as the checkpoint says")
            named = {"sequence": anchor.sequence, "hash": anchor.hash, "line": line}
            connection.execute(insert(AUDIT_CUT).values(**named, actor=actor, at=to_micros(at)))
            connection.execute(delete(AUDIT_PERSONAL).where(AUDIT_PERSONAL.c.sequence <= anchor.sequence))
            if self._database.dialect == "postgresql":  # where the server's role may not delete there itself
                return connection.execute(select(func.audit_delete_cut(type_=BigInteger))).scalar_one()
            return connection.execute(delete(AUDIT).where(AUDIT.c.sequence <= anchor.sequence)).rowcount

    def _one(self, statement: Select[Any]) -> KeptCheckpoint | None:
        with self._database.read() as connection:
            row = connection.execute(statement).one_or_none()
        return None if row is None else _kept(row)


def _kept(row: Any) -> KeptCheckpoint:
    sent = None if row.sent_at is None else from_micros(row.sent_at)
    return KeptCheckpoint(row.sequence, row.line, from_micros(row.at), sent)
