"""Factors, attempts, failures, invitations and people's sessions in the database."""

from __future__ import annotations

import base64
import json
import uuid
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Table, delete, exists, func, insert, or_, select, update

from holofleet.errors import ConflictError
from holofleet.server.access import NewSession
from holofleet.server.audit import AuditRecord
from holofleet.server.authorization import Action, Role
from holofleet.server.directory import Account, Source
from holofleet.server.sign_in.failures import Tried
from holofleet.server.sign_in.store import SignInStore
from holofleet.server.sign_in.values import (
    Attempt,
    Factors,
    Invitation,
    LinkedIdentity,
    Method,
    Passkey,
    Proof,
    Purpose,
)
from holofleet.storage.database import Database
from holofleet.storage.directory.rows import require_client
from holofleet.storage.identity.access import KEPT, insert_session
from holofleet.storage.identity.audit import append_audit
from holofleet.storage.moments import from_micros, to_micros
from holofleet.storage.tables.directory import PERSON, PERSON_ROLE
from holofleet.storage.tables.identity import ONE_TIME_LINK, WEB_SESSION
from holofleet.storage.tables.sign_in import (
    INVITATION,
    LINKED_IDENTITY,
    PASSKEY,
    RECOVERY_CODE,
    SESSION_PERSON,
    SIGN_IN_ATTEMPT,
    SIGN_IN_FAILURE,
)

_ATTEMPTS_KEPT = timedelta(days=1)
OWN = "own"


class StoredSignIn(SignInStore):
    """Implements :class:`holofleet.server.sign_in.store.SignInStore`."""

    def __init__(self, database: Database, *, epoch: int) -> None:
        self._database = database
        self._epoch = epoch

    # Attempts.

    def begin(self, attempt: Attempt) -> None:
        over = to_micros(attempt.created_at - _ATTEMPTS_KEPT)
        with self._database.transaction() as connection:
            connection.execute(delete(SIGN_IN_ATTEMPT).where(SIGN_IN_ATTEMPT.c.expires_at < over))
            connection.execute(
                insert(SIGN_IN_ATTEMPT).values(
                    digest=attempt.digest,
                    purpose=str(attempt.purpose),
                    method=str(attempt.method),
                    session_id=attempt.session_id,
                    person_id=attempt.person_id,
                    invitation=attempt.invitation,
                    upn=attempt.upn,
                    display_name=attempt.display_name,
                    back=attempt.back,
                    created_at=to_micros(attempt.created_at),
                    expires_at=to_micros(attempt.expires_at),
                    epoch=self._epoch,
                )
            )

    def take(self, digest: str, *, at: datetime) -> Attempt | None:
        table, now = SIGN_IN_ATTEMPT, to_micros(at)
        use = update(table).where(table.c.digest == digest, table.c.used_at.is_(None), table.c.expires_at > now)
        with self._database.transaction() as connection:
            if not connection.execute(use.where(table.c.epoch == self._epoch).values(used_at=now)).rowcount:
                return None
            row = connection.execute(select(table).where(table.c.digest == digest)).one()
        return Attempt(
            digest=row.digest,
            purpose=Purpose(row.purpose),
            method=Method(row.method),
            created_at=from_micros(row.created_at),
            expires_at=from_micros(row.expires_at),
            session_id=row.session_id,
            person_id=row.person_id,
            invitation=row.invitation,
            upn=row.upn,
            display_name=row.display_name,
            back=row.back,
        )

    # Failures.

    def count_failure(self, tried: Tried, *, at: datetime, forget: datetime) -> None:
        old = delete(SIGN_IN_FAILURE).where(SIGN_IN_FAILURE.c.at < to_micros(forget))
        values = {"address": tried.address, "account": tried.account, "at": to_micros(at)}
        with self._database.transaction() as connection:
            connection.execute(old)
            connection.execute(insert(SIGN_IN_FAILURE).values(values))

    def nth_failure_of_address(self, address: str, nth: int) -> datetime | None:
        return self._nth_failure(SIGN_IN_FAILURE.c.address == address, nth)

    def nth_failure_of_account(self, account: str, nth: int) -> datetime | None:
        return self._nth_failure(SIGN_IN_FAILURE.c.account == account, nth)

    def _nth_failure(self, whose: ColumnElement[bool], nth: int) -> datetime | None:
        newest = select(SIGN_IN_FAILURE.c.at).where(whose).order_by(SIGN_IN_FAILURE.c.at.desc())
        with self._database.read() as connection:
            return _maybe_moment(connection.execute(newest.offset(nth - 1).limit(1)).scalar_one_or_none())

    # Who.

    def holder_of_identity(self, issuer: str, subject: str) -> str | None:
        return self._one(LINKED_IDENTITY, LINKED_IDENTITY.c.issuer == issuer, LINKED_IDENTITY.c.subject == subject)

    def holder_of_code(self, digest: str) -> str | None:
        return self._one(RECOVERY_CODE, RECOVERY_CODE.c.digest == digest, RECOVERY_CODE.c.used_at.is_(None))

    def person_of_session(self, session_id: str) -> str | None:
        running = exists().where(WEB_SESSION.c.id == session_id, WEB_SESSION.c.ended_at.is_(None))
        return self._one(SESSION_PERSON, SESSION_PERSON.c.session_id == session_id, running)

    def _one(self, table: Table, *where: ColumnElement[bool]) -> str | None:
        with self._database.read() as connection:
            found: str | None = connection.execute(select(table.c.person_id).where(*where)).scalar_one_or_none()
        return found

    def passkey(self, passkey_id: str) -> Passkey | None:
        with self._database.read() as connection:
            row = connection.execute(select(PASSKEY).where(PASSKEY.c.id == passkey_id)).one_or_none()
        return None if row is None else _passkey_of(row)

    def factors(self, person_id: str) -> Factors:
        with self._database.read() as connection:
            return _factors(connection, person_id)

    def somebody_administers(self) -> bool:
        has_factor = or_(
            exists().where(PASSKEY.c.person_id == PERSON.c.id),
            exists().where(LINKED_IDENTITY.c.person_id == PERSON.c.id),
        )
        administrators = (
            select(PERSON.c.id)
            .join(PERSON_ROLE, PERSON_ROLE.c.person_id == PERSON.c.id)
            .where(PERSON_ROLE.c.role == str(Role.ADMINISTRATOR), PERSON.c.left_at.is_(None))
            .where(PERSON.c.clients.is_(None), has_factor)
        )
        with self._database.read() as connection:
            return connection.execute(administrators.limit(1)).first() is not None

    # Sessions.

    def open_session(
        self, session: NewSession, person_id: str, proof: Proof, *, browser: str, audit: AuditRecord
    ) -> bool:
        at = session.opened_at
        with self._database.transaction() as connection:
            client = _client_of(connection, person_id)
            if client is None or not _use(connection, person_id, proof):
                return False
            connection.execute(delete(WEB_SESSION).where(WEB_SESSION.c.ends_at < to_micros(at - KEPT)))
            insert_session(connection, session)
            connection.execute(
                insert(SESSION_PERSON).values(
                    session_id=session.id,
                    client_id=client,
                    person_id=person_id,
                    method=str(proof.method),
                    proved_at=to_micros(proof.at),
                    browser=browser,
                )
            )
            append_audit(connection, audit, at=at, epoch=self._epoch)
        return True

    def prove_again(self, session_id: str, person_id: str, proof: Proof, *, audit: AuditRecord) -> bool:
        with self._database.transaction() as connection:
            if _client_of(connection, person_id) is None or not _use(connection, person_id, proof):
                return False
            noted = update(SESSION_PERSON).where(
                SESSION_PERSON.c.session_id == session_id, SESSION_PERSON.c.person_id == person_id
            )
            if not connection.execute(noted.values(proved_at=to_micros(proof.at))).rowcount:
                return False
            append_audit(connection, audit, at=proof.at, epoch=self._epoch)
        return True

    def note_used(self, person_id: str, proof: Proof) -> bool:
        with self._database.transaction() as connection:
            return _client_of(connection, person_id) is not None and _use(connection, person_id, proof)

    # Accounts and factors.

    def add_account(
        self, upn: str, display_name: str, identity: LinkedIdentity, *, at: datetime, audit: AuditRecord
    ) -> str:
        with self._database.transaction() as connection:
            known = _holder(connection, identity)
            if known is not None:
                return known
            person_id = _add_person(connection, upn, display_name, at)
            append_audit(connection, replace(audit, subject=f"person:{person_id}"), at=at, epoch=self._epoch)
            _add_identity(connection, replace(identity, person_id=person_id), OWN)
        return person_id

    def add_factor(
        self, attempt: Attempt, factor: Passkey | LinkedIdentity, *, at: datetime, audit: AuditRecord
    ) -> str | None:
        with self._database.transaction() as connection:
            person_id = self._receiver(connection, attempt, at)
            client = _client_of(connection, person_id) if person_id else None
            if person_id is None or client is None:
                return None
            if isinstance(factor, Passkey):
                _add_passkey(connection, replace(factor, person_id=person_id), client)
            else:
                if _holder(connection, factor) is not None:
                    raise _taken()
                _add_identity(connection, replace(factor, person_id=person_id), client)
            _void(connection, person_id, keep=attempt.session_id, at=at)
            append_audit(connection, replace(audit, subject=f"person:{person_id}"), at=at, epoch=self._epoch)
        return person_id

    def remove_factor(self, person_id: str, key: str, *, keep: str, at: datetime, audit: AuditRecord) -> bool:
        passkey = delete(PASSKEY).where(PASSKEY.c.person_id == person_id, PASSKEY.c.id == key)
        identity = delete(LINKED_IDENTITY).where(
            LINKED_IDENTITY.c.person_id == person_id, LINKED_IDENTITY.c.issuer == key
        )
        with self._database.transaction() as connection:
            if not connection.execute(passkey).rowcount and not connection.execute(identity).rowcount:
                return False
            if not _factors(connection, person_id).strong:
                raise ConflictError(
                    "nothing would be left to sign in with", mend="Add another passkey or sign-in first."
                )
            _void(connection, person_id, keep=keep, at=at)
            append_audit(connection, audit, at=at, epoch=self._epoch)
        return True

    def replace_codes(self, person_id: str, digests: tuple[str, ...], *, at: datetime, audit: AuditRecord) -> None:
        with self._database.transaction() as connection:
            client = _client_of(connection, person_id)
            connection.execute(delete(RECOVERY_CODE).where(RECOVERY_CODE.c.person_id == person_id))
            connection.execute(
                insert(RECOVERY_CODE),
                [
                    {"digest": digest, "client_id": client, "person_id": person_id, "created_at": to_micros(at)}
                    for digest in digests
                ],
            )
            append_audit(connection, audit, at=at, epoch=self._epoch)

    def invite(self, invitation: Invitation, *, audit: AuditRecord) -> None:
        with self._database.transaction() as connection:
            client = _client_of(connection, invitation.person_id)
            connection.execute(delete(INVITATION).where(INVITATION.c.person_id == invitation.person_id))
            connection.execute(
                insert(INVITATION).values(
                    digest=invitation.digest,
                    client_id=client,
                    person_id=invitation.person_id,
                    actor=invitation.actor,
                    created_at=to_micros(invitation.created_at),
                    expires_at=to_micros(invitation.expires_at),
                    epoch=self._epoch,
                )
            )
            append_audit(connection, audit, at=invitation.created_at, epoch=self._epoch)

    def invited(self, digest: str, *, at: datetime) -> Invitation | None:
        table = INVITATION
        standing = select(table).where(*self._standing(table, digest, at))
        with self._database.read() as connection:
            row = connection.execute(standing).one_or_none()
        if row is None:
            return None
        return Invitation(
            row.digest, row.person_id, row.actor, from_micros(row.created_at), from_micros(row.expires_at)
        )

    def link_stands(self, digest: str, *, at: datetime) -> bool:
        standing = select(ONE_TIME_LINK.c.digest).where(*self._standing(ONE_TIME_LINK, digest, at))
        with self._database.read() as connection:
            return connection.execute(standing).first() is not None

    # Within a transaction.

    def _standing(self, table: Table, digest: str, at: datetime) -> tuple[ColumnElement[bool], ...]:
        return (
            table.c.digest == digest,
            table.c.used_at.is_(None),
            table.c.expires_at > to_micros(at),
            table.c.epoch == self._epoch,
        )

    def _receiver(self, connection: Connection, attempt: Attempt, at: datetime) -> str | None:
        """Return whom a factor is for, using up what allows it; ``None`` if that allows nothing."""
        if not attempt.invitation:
            return attempt.person_id or None
        table = ONE_TIME_LINK if attempt.upn else INVITATION
        use = update(table).where(*self._standing(table, attempt.invitation, at)).values(used_at=to_micros(at))
        if not connection.execute(use).rowcount:
            return None
        if not attempt.upn:
            return attempt.person_id
        return self._first_administrator(connection, attempt, at)

    def _first_administrator(self, connection: Connection, attempt: Attempt, at: datetime) -> str:
        person_id, added, given = _first_administrator(connection, attempt, at)
        for done, action, data in (
            (added, Action.CHANGE_PEOPLE, {"act": "add"}),
            (given, Action.GRANT_ROLE, {"act": "give", "role": str(Role.ADMINISTRATOR)}),
        ):
            if done:
                record = AuditRecord("one-time-link", str(action), f"person:{person_id}", OWN, data)
                append_audit(connection, record, at=at, epoch=self._epoch)
        return person_id


def _first_administrator(connection: Connection, attempt: Attempt, at: datetime) -> tuple[str, bool, bool]:
    """Return who it is, whether they were added for it, and whether they were given the role."""
    known = connection.execute(select(PERSON).where(PERSON.c.upn == attempt.upn)).one_or_none()
    if known is not None and (known.left_at is not None or known.clients is not None):
        raise ConflictError(
            f"{attempt.upn} is somebody who left, or who sees one client only", mend="Take another name."
        )
    if known is not None and _factors(connection, known.id).strong:
        raise ConflictError(f"{attempt.upn} can sign in already", mend="Take another name.")
    person_id = known.id if known else _add_person(connection, attempt.upn, attempt.display_name, at)
    role = {"person_id": person_id, "role": str(Role.ADMINISTRATOR), "source": str(Source.CONSOLE)}
    given = select(PERSON_ROLE.c.role).filter_by(**role)
    gives = connection.execute(given).first() is None
    if gives:
        client = _client_of(connection, person_id)
        connection.execute(
            insert(PERSON_ROLE).values(**role, client_id=client, actor="one-time-link", at=to_micros(at))
        )
    return str(person_id), known is None, gives


def _add_person(connection: Connection, upn: str, display_name: str, at: datetime) -> str:
    require_client(connection, OWN)
    if connection.execute(select(PERSON.c.id).where(PERSON.c.upn == upn)).first() is not None:
        raise ConflictError(f"{upn} is in the directory already")
    person_id, now = uuid.uuid4().hex, to_micros(at)
    connection.execute(
        insert(PERSON).values(
            id=person_id,
            client_id=OWN,
            upn=upn,
            display_name=display_name,
            sort_name=display_name.casefold(),
            account=str(Account.PERSON),
            source=str(Source.CONSOLE),
            call_roles=json.dumps([]),
            created_at=now,
            changed_at=now,
        )
    )
    return person_id


def _client_of(connection: Connection, person_id: str) -> str | None:
    """Return the client of somebody who is here."""
    found: str | None = connection.execute(
        select(PERSON.c.client_id).where(PERSON.c.id == person_id, PERSON.c.left_at.is_(None))
    ).scalar_one_or_none()
    return found


def _use(connection: Connection, person_id: str, proof: Proof) -> bool:
    """Note a proof as used; false if it is not (any more) theirs, or a passkey's count went back."""
    now = to_micros(proof.at)
    if proof.passkey:
        where = [PASSKEY.c.id == proof.passkey, PASSKEY.c.person_id == person_id]
        same = PASSKEY.c.uses == proof.uses  # it keeps no count, or it was made just now
        grown = or_(PASSKEY.c.uses < proof.uses, same & or_(PASSKEY.c.uses == 0, PASSKEY.c.used_at.is_(None)))
        used = update(PASSKEY).where(*where, grown).values(uses=proof.uses, used_at=now)
    elif proof.code:
        where = [RECOVERY_CODE.c.digest == proof.code, RECOVERY_CODE.c.person_id == person_id]
        used = update(RECOVERY_CODE).where(*where, RECOVERY_CODE.c.used_at.is_(None)).values(used_at=now)
    elif proof.identity is not None:
        issuer, subject = proof.identity
        where = [LINKED_IDENTITY.c.issuer == issuer, LINKED_IDENTITY.c.subject == subject]
        used = update(LINKED_IDENTITY).where(*where, LINKED_IDENTITY.c.person_id == person_id)
        used = used.values(used_at=now)
    else:
        return False
    return bool(connection.execute(used).rowcount)


def _void(connection: Connection, person_id: str, *, keep: str, at: datetime) -> None:
    """End what was opened by the factors of before: open invitations and every other session (DIR-2)."""
    connection.execute(delete(INVITATION).where(INVITATION.c.person_id == person_id))
    theirs = select(SESSION_PERSON.c.session_id).where(SESSION_PERSON.c.person_id == person_id)
    connection.execute(
        update(WEB_SESSION)
        .where(WEB_SESSION.c.id.in_(theirs), WEB_SESSION.c.id != keep, WEB_SESSION.c.ended_at.is_(None))
        .values(ended_at=to_micros(at))
    )


def _holder(connection: Connection, identity: LinkedIdentity) -> str | None:
    found: str | None = connection.execute(
        select(LINKED_IDENTITY.c.person_id).where(
            LINKED_IDENTITY.c.issuer == identity.issuer, LINKED_IDENTITY.c.subject == identity.subject
        )
    ).scalar_one_or_none()
    return found


def _add_identity(connection: Connection, identity: LinkedIdentity, client: str) -> None:
    connection.execute(
        insert(LINKED_IDENTITY).values(
            issuer=identity.issuer,
            subject=identity.subject,
            client_id=client,
            person_id=identity.person_id,
            linked_at=to_micros(identity.linked_at),
        )
    )


def _add_passkey(connection: Connection, passkey: Passkey, client: str) -> None:
    if connection.execute(select(PASSKEY.c.id).where(PASSKEY.c.id == passkey.id)).first() is not None:
        raise _taken()
    connection.execute(
        insert(PASSKEY).values(
            id=passkey.id,
            client_id=client,
            person_id=passkey.person_id,
            name=passkey.name,
            public_key=base64.b64encode(passkey.public_key).decode("ascii"),
            uses=passkey.uses,
            created_at=to_micros(passkey.created_at),
        )
    )


def _factors(connection: Connection, person_id: str) -> Factors:
    passkeys = select(PASSKEY).where(PASSKEY.c.person_id == person_id).order_by(PASSKEY.c.created_at)
    identities = select(LINKED_IDENTITY).where(LINKED_IDENTITY.c.person_id == person_id)
    codes = (
        select(func.count())
        .select_from(RECOVERY_CODE)
        .where(RECOVERY_CODE.c.person_id == person_id, RECOVERY_CODE.c.used_at.is_(None))
    )
    return Factors(
        tuple(_passkey_of(row) for row in connection.execute(passkeys)),
        tuple(
            LinkedIdentity(
                row.issuer, row.subject, row.person_id, from_micros(row.linked_at), _maybe_moment(row.used_at)
            )
            for row in connection.execute(identities.order_by(LINKED_IDENTITY.c.linked_at))
        ),
        connection.execute(codes).scalar_one(),
    )


def _passkey_of(row: Row[Any]) -> Passkey:
    return Passkey(
        id=row.id,
        person_id=row.person_id,
        name=row.name,
        public_key=base64.b64decode(row.public_key),
        uses=row.uses,
        created_at=from_micros(row.created_at),
        used_at=_maybe_moment(row.used_at),
    )


def _maybe_moment(micros: int | None) -> datetime | None:
    return None if micros is None else from_micros(micros)


def _taken() -> ConflictError:
    return ConflictError("that sign-in belongs to somebody already", mend="Use another one.")
