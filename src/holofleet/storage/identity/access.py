"""Tokens, web sessions and one-time links in the database."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, insert, select, update

from holofleet.errors import ConflictError
from holofleet.server.access import Grant, NewSession, NewToken, SessionPerson, SessionRecord, TokenRecord
from holofleet.server.audit import AuditRecord
from holofleet.server.authorization import Role
from holofleet.storage.database import Database
from holofleet.storage.directory.barriers import kept_from
from holofleet.storage.directory.rows import scope_of, scope_text
from holofleet.storage.identity.audit import append_audit
from holofleet.storage.identity.makers import origin
from holofleet.storage.moments import from_micros, to_micros
from holofleet.storage.tables.directory import PERSON, PERSON_ROLE
from holofleet.storage.tables.identity import ONE_TIME_LINK, TOKEN, WEB_SESSION
from holofleet.storage.tables.sign_in import SESSION_PERSON

KEPT = timedelta(days=30)
"""How long a session that is over stays in the table; what it was stands in the audit for good."""
_TOKEN = select(TOKEN).where(TOKEN.c.digest == bindparam("shown"))
_SESSIONS = (
    select(
        WEB_SESSION,
        SESSION_PERSON.c.person_id,
        SESSION_PERSON.c.method,
        SESSION_PERSON.c.proved_at,
        SESSION_PERSON.c.browser,
        PERSON.c.upn,
        PERSON.c.clients.label("person_clients"),
        PERSON.c.left_at,
    )
    .outerjoin(SESSION_PERSON, SESSION_PERSON.c.session_id == WEB_SESSION.c.id)
    .outerjoin(PERSON, PERSON.c.id == SESSION_PERSON.c.person_id)
)
_SESSION = _SESSIONS.where(WEB_SESSION.c.digest == bindparam("shown"))
_ROLES = select(PERSON_ROLE.c.person_id, PERSON_ROLE.c.role)


class StoredAccess:
    """Implements :class:`holofleet.server.access.AccessStore`."""

    def __init__(self, database: Database, *, epoch: int) -> None:
        self._database = database
        self._epoch = epoch

    def add_token(self, token: NewToken, audit: AuditRecord) -> None:
        at = to_micros(token.created_at)
        living = select(TOKEN.c.id).where(
            TOKEN.c.name == token.grant.name, TOKEN.c.revoked_at.is_(None), TOKEN.c.expires_at > at
        )
        with self._database.transaction() as connection:
            # The head of the audit is locked first, so that two makers of one name come one after the other.
            append_audit(connection, audit, at=token.created_at, epoch=self._epoch)
            if connection.execute(living).first() is not None:
                raise ConflictError(
                    f"a living token is called {token.grant.name!r}",
                    mend="Revoke it first, or choose another name.",
                )
            connection.execute(
                insert(TOKEN).values(
                    id=token.id,
                    digest=token.digest,
                    **_grant_values(token.grant),
                    maker=token.maker,
                    created_at=at,
                    expires_at=to_micros(token.expires_at),
                )
            )

    def token_by_digest(self, digest: str) -> TokenRecord | None:
        with self._database.read() as connection:
            row = connection.execute(_TOKEN, {"shown": digest}).one_or_none()
            return _within_maker(connection, _token_of(row)) if row is not None else None

    def tokens(self) -> tuple[TokenRecord, ...]:
        with self._database.read() as connection:
            rows = connection.execute(select(TOKEN).order_by(TOKEN.c.created_at.desc(), TOKEN.c.id))
            return tuple(_token_of(row) for row in rows)

    def revoke_token(self, token_id: str, *, at: datetime, audit: AuditRecord) -> None:
        statement = update(TOKEN).where(TOKEN.c.id == token_id, TOKEN.c.revoked_at.is_(None))
        with self._database.transaction() as connection:
            if connection.execute(statement.values(revoked_at=to_micros(at))).rowcount:
                append_audit(connection, audit, at=at, epoch=self._epoch)

    def replace_link(self, digest: str, *, at: datetime, expires_at: datetime, epoch: int) -> None:
        with self._database.transaction() as connection:
            connection.execute(ONE_TIME_LINK.delete())
            connection.execute(
                insert(ONE_TIME_LINK).values(
                    digest=digest, created_at=to_micros(at), expires_at=to_micros(expires_at), epoch=epoch
                )
            )

    def redeem_link(
        self, digest: str, session: NewSession, *, at: datetime, epoch: int, audit: AuditRecord
    ) -> bool:
        now = to_micros(at)
        use = (
            update(ONE_TIME_LINK)
            .where(ONE_TIME_LINK.c.digest == digest, ONE_TIME_LINK.c.used_at.is_(None))
            .where(ONE_TIME_LINK.c.expires_at > now, ONE_TIME_LINK.c.epoch == epoch)
            .values(used_at=now)
        )
        with self._database.transaction() as connection:
            if not connection.execute(use).rowcount:
                return False
            connection.execute(delete(WEB_SESSION).where(WEB_SESSION.c.ends_at < to_micros(at - KEPT)))
            insert_session(connection, session)
            append_audit(connection, audit, at=at, epoch=self._epoch)
        return True

    def session_by_digest(self, digest: str) -> SessionRecord | None:
        with self._database.read() as connection:
            row = connection.execute(_SESSION, {"shown": digest}).one_or_none()
            if row is None:
                return None
            found = _session_of(row, _roles_of(connection, {row.person_id} - {None}))
            return replace(found, grant=_apart(connection, found.grant, row.person_id))

    def touch_session(self, session_id: str, *, at: datetime) -> None:
        statement = update(WEB_SESSION).where(WEB_SESSION.c.id == session_id, WEB_SESSION.c.ended_at.is_(None))
        with self._database.transaction() as connection:
            connection.execute(statement.values(used_at=to_micros(at)))

    def sessions(self) -> tuple[SessionRecord, ...]:
        statement = _SESSIONS.where(WEB_SESSION.c.ended_at.is_(None))
        with self._database.read() as connection:
            rows = list(connection.execute(statement.order_by(WEB_SESSION.c.opened_at.desc(), WEB_SESSION.c.id)))
            roles = _roles_of(connection, {row.person_id for row in rows} - {None})
            return tuple(_session_of(row, roles) for row in rows)

    def end_session(self, session_id: str, *, at: datetime, audit: AuditRecord) -> bool:
        statement = update(WEB_SESSION).where(WEB_SESSION.c.id == session_id, WEB_SESSION.c.ended_at.is_(None))
        with self._database.transaction() as connection:
            if not connection.execute(statement.values(ended_at=to_micros(at))).rowcount:
                return False
            append_audit(connection, audit, at=at, epoch=self._epoch)
        return True


def insert_session(connection: Connection, session: NewSession) -> None:
    """Store a session inside a transaction of somebody else's."""
    connection.execute(
        insert(WEB_SESSION).values(
            id=session.id,
            digest=session.digest,
            **_grant_values(session.grant),
            opened_at=to_micros(session.opened_at),
            used_at=to_micros(session.opened_at),
            ends_at=to_micros(session.ends_at),
            epoch=session.epoch,
        )
    )


def _grant_values(grant: Grant) -> dict[str, str | None]:
    return {
        "name": grant.name,
        "roles": json.dumps(sorted(grant.roles)),
        "clients": scope_text(grant.scope),
    }


def _grant_of(row: Row[Any]) -> Grant:
    roles = frozenset(Role(role) for role in json.loads(row.roles))
    return Grant(row.name, roles, scope_of(row.clients))


def _token_of(row: Row[Any]) -> TokenRecord:
    return TokenRecord(
        id=row.id,
        digest=row.digest,
        grant=_grant_of(row),
        maker=row.maker,
        created_at=from_micros(row.created_at),
        expires_at=from_micros(row.expires_at),
        revoked_at=from_micros(row.revoked_at) if row.revoked_at is not None else None,
    )


def _roles_of(connection: Connection, people: set[str]) -> dict[str, set[Role]]:
    """Return which roles people hold now: never remembered from when they signed in (AUTHZ-3)."""
    held: dict[str, set[Role]] = {person: set() for person in people}
    for person, role in connection.execute(_ROLES.where(PERSON_ROLE.c.person_id.in_(sorted(people)))):
        held[person].add(Role(role))
    return held


def _within_maker(connection: Connection, token: TokenRecord) -> TokenRecord:
    """Return a token with no more than its maker has now: it never exceeds them (AUTHZ-3).

    Of one that was made with a token, the person at the beginning counts, and none between may be revoked. Whoever
    is no person of the directory (the local administrator, the link of a demonstration) limits nothing.
    """
    made = origin(connection, token.maker, token.created_at)
    maker = made.actor.removeprefix("person:")
    if maker == made.actor and not made.revoked:
        return token
    row = connection.execute(select(PERSON).where(PERSON.c.upn == maker)).one_or_none()
    if made.revoked or (row is None and "@" in maker):
        return replace(token, grant=replace(token.grant, roles=frozenset()))
    if row is None:
        return token
    held = set() if row.left_at is not None else _roles_of(connection, {row.id})[row.id]
    roles = token.grant.roles if Role.ADMINISTRATOR in held else token.grant.roles & held
    if not scope_of(row.clients).covers(token.grant.scope):
        roles = frozenset()
    return replace(token, grant=_apart(connection, replace(token.grant, roles=roles), row.id))


def _apart(connection: Connection, grant: Grant, person: str | None) -> Grant:
    """Return a grant of a person, or of a token that they made, with what barriers keep from them now."""
    if person is None:
        return grant
    return replace(grant, scope=replace(grant.scope, apart=kept_from(connection, person)))


def _session_of(row: Row[Any], roles: Mapping[str, set[Role]]) -> SessionRecord:
    grant, person = _grant_of(row), None
    if row.person_id is not None:
        grant = Grant(row.upn, frozenset(roles[row.person_id]), scope_of(row.person_clients))
        person = SessionPerson(
            row.person_id, row.method, from_micros(row.proved_at), row.browser, left=row.left_at is not None
        )
    return SessionRecord(
        id=row.id,
        grant=grant,
        opened_at=from_micros(row.opened_at),
        used_at=from_micros(row.used_at),
        ends_at=from_micros(row.ends_at),
        ended_at=from_micros(row.ended_at) if row.ended_at is not None else None,
        epoch=row.epoch,
        person=person,
    )
