"""Enrollment credentials in the database."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, Select, bindparam, insert, select, update

from holofleet.server.audit import AuditRecord
from holofleet.server.authorization import Scope
from holofleet.server.credentials import Credential, NewCredential
from holofleet.storage.database import Database
from holofleet.storage.identity.audit import append_audit
from holofleet.storage.moments import from_micros, to_micros
from holofleet.storage.scoping import in_scope, within
from holofleet.storage.tables.identity import CREDENTIAL
from holofleet.storage.tables.management import DEPLOYMENT

_BY_USERNAME = select(CREDENTIAL).where(CREDENTIAL.c.username == bindparam("name"))


class StoredCredentials:
    """Implements :class:`holofleet.server.credentials.CredentialStore`."""

    def __init__(self, database: Database, *, epoch: int) -> None:
        self._database = database
        self._epoch = epoch

    def client_of_deployment(self, scope: Scope, name: str) -> str | None:
        statement = select(DEPLOYMENT.c.client_id).where(
            DEPLOYMENT.c.name == name, DEPLOYMENT.c.removed_at.is_(None), *within(DEPLOYMENT.c.client_id, scope)
        )
        with self._database.read() as connection:
            return connection.execute(statement).scalar_one_or_none()

    def add(self, credential: NewCredential, audit: AuditRecord) -> None:
        with self._database.transaction() as connection:
            connection.execute(
                insert(CREDENTIAL).values(
                    id=credential.id,
                    client_id=credential.client,
                    deployment=credential.deployment,
                    username=credential.username,
                    digest=credential.digest,
                    uses=credential.uses,
                    uses_left=credential.uses,
                    created_at=to_micros(credential.created_at),
                    expires_at=to_micros(credential.expires_at),
                    epoch=credential.epoch,
                    actor=credential.actor,
                )
            )
            append_audit(connection, audit, at=credential.created_at, epoch=self._epoch)

    def by_username(self, username: str) -> Credential | None:
        with self._database.read() as connection:
            row = connection.execute(_BY_USERNAME, {"name": username}).one_or_none()
        return credential_of(row) if row is not None else None

    def count_failure(
        self, credential_id: str, *, at: datetime, window: timedelta, limit: int, pause: timedelta
    ) -> bool:
        now = to_micros(at)
        with self._database.transaction() as connection:
            row = connection.execute(
                select(CREDENTIAL.c.failures, CREDENTIAL.c.failures_since)
                .where(CREDENTIAL.c.id == credential_id)
                .with_for_update()
            ).one()
            fresh = row.failures_since is not None and row.failures_since > to_micros(at - window)
            failures = row.failures + 1 if fresh else 1
            paused = failures >= limit
            values: dict[str, int | None] = {
                "failures": 0 if paused else failures,
                "failures_since": None if paused else row.failures_since if fresh else now,
            }
            if paused:
                values["paused_until"] = to_micros(at + pause)
            connection.execute(update(CREDENTIAL).where(CREDENTIAL.c.id == credential_id).values(values))
        return paused

    def listed(self, scope: Scope) -> tuple[Credential, ...]:
        statement = in_scope(select(CREDENTIAL), CREDENTIAL.c.client_id, scope).order_by(
            CREDENTIAL.c.created_at.desc(), CREDENTIAL.c.id
        )
        with self._database.read() as connection:
            return tuple(credential_of(row) for row in connection.execute(statement))

    def get(self, scope: Scope, credential_id: str) -> Credential | None:
        return self._one(
            in_scope(select(CREDENTIAL), CREDENTIAL.c.client_id, scope).where(CREDENTIAL.c.id == credential_id)
        )

    def revoke(self, scope: Scope, credential_id: str, *, at: datetime, audit: AuditRecord) -> bool:
        statement = update(CREDENTIAL).where(CREDENTIAL.c.id == credential_id, CREDENTIAL.c.revoked_at.is_(None))
        statement = in_scope(statement, CREDENTIAL.c.client_id, scope)
        with self._database.transaction() as connection:
            if not connection.execute(statement.values(revoked_at=to_micros(at))).rowcount:
                return False
            append_audit(connection, audit, at=at, epoch=self._epoch)
        return True

    def _one(self, statement: Select[Any]) -> Credential | None:
        with self._database.read() as connection:
            row = connection.execute(statement).one_or_none()
        return credential_of(row) if row is not None else None


def credential_of(row: Row[Any]) -> Credential:
    """Return the credential of a row of the credential table."""
    return Credential(
        id=row.id,
        client=row.client_id,
        deployment=row.deployment,
        username=row.username,
        digest=row.digest,
        uses=row.uses,
        uses_left=row.uses_left,
        created_at=from_micros(row.created_at),
        expires_at=from_micros(row.expires_at),
        revoked_at=from_micros(row.revoked_at) if row.revoked_at is not None else None,
        paused_until=from_micros(row.paused_until) if row.paused_until is not None else None,
        epoch=row.epoch,
        actor=row.actor,
    )
