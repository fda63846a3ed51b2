"""Who owns secrets of shared accounts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import exists, insert, select, update

from holofleet.server.audit import AuditRecord
from holofleet.server.authorization import Scope
from holofleet.server.custody.store import SecretRow
from holofleet.storage.database import Database
from holofleet.storage.identity.audit import append_audit
from holofleet.storage.moments import from_micros, to_micros
from holofleet.storage.scoping import within
from holofleet.storage.tables.custody import ACCOUNT_SECRET
from holofleet.storage.tables.directory import PERSON

_S = ACCOUNT_SECRET.c


class StoredSecrets:
    """Implements :class:`holofleet.server.custody.SecretStore`."""

    def __init__(self, database: Database, *, epoch: int) -> None:
        self._database = database
        self._epoch = epoch

    def rows(self, scope: Scope) -> Sequence[SecretRow]:
        statement = (
            select(ACCOUNT_SECRET, PERSON.c.upn)
            .join(PERSON, PERSON.c.id == _S.person_id)
            .where(PERSON.c.left_at.is_(None), *within(_S.client_id, scope))
            .order_by(PERSON.c.upn, _S.what)
        )
        with self._database.read() as connection:
            return tuple(
                SecretRow(
                    row.upn,
                    row.person_id,
                    row.client_id,
                    row.what,
                    row.owner,
                    row.every_days,
                    None if row.reset_at is None else from_micros(row.reset_at),
                )
                for row in connection.execute(statement)
            )

    def unowned(self, scope: Scope) -> Sequence[tuple[str, str]]:
        statement = (
            select(PERSON.c.upn, PERSON.c.client_id)
            .where(PERSON.c.account == "shared", PERSON.c.left_at.is_(None))
            .where(~exists().where(_S.person_id == PERSON.c.id), *within(PERSON.c.client_id, scope))
            .order_by(PERSON.c.upn)
        )
        with self._database.read() as connection:
            return tuple((row.upn, row.client_id) for row in connection.execute(statement))

    def own(self, row: SecretRow, *, actor: str, at: datetime, audit: AuditRecord) -> None:
        values = {"owner": row.owner, "every_days": row.every_days, "actor": actor, "changed_at": to_micros(at)}
        which = (_S.person_id == row.account_id, _S.what == row.what)
        with self._database.transaction() as connection:
            if connection.execute(update(ACCOUNT_SECRET).where(*which).values(values)).rowcount == 0:
                connection.execute(
                    insert(ACCOUNT_SECRET).values(
                        person_id=row.account_id, what=row.what, client_id=row.client, **values
                    )
                )
            append_audit(connection, audit, at=at, epoch=self._epoch)

    def reset(self, account_id: str, what: str, *, reset_at: datetime, at: datetime, audit: AuditRecord) -> bool:
        with self._database.transaction() as connection:
            done = connection.execute(
                update(ACCOUNT_SECRET)
                .where(_S.person_id == account_id, _S.what == what)
                .values(reset_at=to_micros(reset_at), changed_at=to_micros(at))
            )
            if done.rowcount == 0:
                return False
            append_audit(connection, audit, at=at, epoch=self._epoch)
        return True
