"""The transaction that issues an identity: enrollment, event, use, countdown and audit, all or nothing."""

from __future__ import annotations

import json
from datetime import datetime

from pydantic import ValidationError
from sqlalchemy import Connection, and_, bindparam, insert, or_, select, text, update

from holofleet.errors import ConflictError, StorageError
from holofleet.resources import Deployment
from holofleet.server.credentials import Credential
from holofleet.server.enrollment import Claim, Decide, Earlier, Issue, Situation
from holofleet.server.events import EventKind, NewEvent
from holofleet.server.ports import NewEnrollment
from holofleet.server.standing import Standing
from holofleet.storage.database import Database
from holofleet.storage.enrollments import insert_enrollment
from holofleet.storage.events import append_events
from holofleet.storage.identity.audit import append_audit
from holofleet.storage.identity.credentials import credential_of
from holofleet.storage.moments import to_micros
from holofleet.storage.tables.identity import CREDENTIAL, CREDENTIAL_USE
from holofleet.storage.tables.management import DEPLOYMENT, ENROLLMENT

_UNUSED = and_(
    ENROLLMENT.c.standing.in_([str(Standing.ACTIVE), str(Standing.CONFLICT)]),
    ENROLLMENT.c.last_seen_at.is_(None),
    ENROLLMENT.c.cursor == "",
    ENROLLMENT.c.inventory == "{}",
    ENROLLMENT.c.serial.is_(None),
    ENROLLMENT.c.acknowledged_hash.is_(None),
    ENROLLMENT.c.verified_at.is_(None),
    ENROLLMENT.c.open_orders == 0,
)
"""Nothing was ever heard from it and nothing waits for it: only its answer can have been lost. An order that
waits is for that enrollment alone, so it keeps it from being replaced (SECURITY WIPE-1)."""


class StoredIssuing:
    """Implements :class:`holofleet.server.enrollment.IssuingStore`."""

    def __init__(self, database: Database, *, epoch: int) -> None:
        self._database = database
        self._epoch = epoch

    def issue(self, claim: Claim, decide: Decide, *, at: datetime) -> Issue:
        with self._database.transaction() as connection:
            if self._database.dialect == "postgresql":
                _queue(connection, claim.hardware_key)
            issue = decide(_situation(connection, claim, at))
            enrollment = issue.enrollment
            actor = issue.audit.actor
            if issue.replaces_unused:
                _replace(connection, enrollment, at=at, actor=actor)
            else:
                insert_enrollment(connection, enrollment, at=at, actor=actor)
            _count(connection, claim, issue, at)
            append_audit(connection, issue.audit, at=at, epoch=self._epoch)
        return issue


def _queue(connection: Connection, hardware_key: str) -> None:
    """Let requests for one hardware come one after the other until the commit; SQLite has one writer anyway."""
    connection.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))"), {"key": hardware_key})


_CREDENTIAL = select(CREDENTIAL).where(CREDENTIAL.c.id == bindparam("credential_id")).with_for_update()
_DEPLOYMENT = select(DEPLOYMENT.c.data).where(
    DEPLOYMENT.c.name == bindparam("deployment"),
    DEPLOYMENT.c.client_id == bindparam("client"),
    DEPLOYMENT.c.removed_at.is_(None),
)
_USE = and_(
    CREDENTIAL_USE.c.credential_id == bindparam("credential"),
    CREDENTIAL_USE.c.hardware_key == bindparam("hardware"),
)
_EARLIER = (
    select(CREDENTIAL_USE.c.enrollment_id, _UNUSED.label("unused"))
    .join(ENROLLMENT, ENROLLMENT.c.id == CREDENTIAL_USE.c.enrollment_id)
    .where(_USE)
    .with_for_update()
)
_CLAIMED = (
    select(ENROLLMENT.c.id)
    .where(ENROLLMENT.c.hardware_id == bindparam("hardware_id"), ENROLLMENT.c.released_at.is_(None))
    .where(ENROLLMENT.c.standing.in_([str(standing) for standing in Standing if standing.living]))
    .where(
        or_(
            ENROLLMENT.c.certificate_not_after >= bindparam("now"),
            ENROLLMENT.c.standing == str(Standing.LOST),
        )
    )
    .order_by(ENROLLMENT.c.standing == str(Standing.CONFLICT), ENROLLMENT.c.enrolled_at, ENROLLMENT.c.id)
)
"""Who holds a hardware id: living, not released; an expired one only while it counts as lost. Those that are in
conflict themselves come last: the first one is the one that a newcomer is told of."""
_KEY_OWNER = select(ENROLLMENT.c.id).where(ENROLLMENT.c.public_key_sha256 == bindparam("key"))
_COUNT_DOWN = (
    update(CREDENTIAL)
    .where(CREDENTIAL.c.id == bindparam("credential"), CREDENTIAL.c.uses_left > 0)
    .values(uses_left=CREDENTIAL.c.uses_left - 1)
)
_USED_AGAIN = (
    update(CREDENTIAL_USE).where(_USE).values(enrollment_id=bindparam("newest"), last_at=bindparam("now"))
)
_USED_FIRST = insert(CREDENTIAL_USE)


def _situation(connection: Connection, claim: Claim, at: datetime) -> Situation:
    row = connection.execute(_CREDENTIAL, {"credential_id": claim.credential_id}).one_or_none()
    if row is None:
        raise ConflictError("the credential is gone")
    credential = credential_of(row)
    holders = {"hardware_id": claim.hardware_id, "now": to_micros(at)}
    return Situation(
        credential=credential,
        deployment=_deployment(connection, credential),
        earlier=_earlier(connection, claim),
        claimed=tuple(connection.execute(_CLAIMED, holders).scalars()) if claim.hardware_id else (),
        key_owner=connection.execute(_KEY_OWNER, {"key": claim.key_sha256}).scalar_one_or_none(),
    )


def _deployment(connection: Connection, credential: Credential) -> Deployment | None:
    names = {"deployment": credential.deployment, "client": credential.client}
    data = connection.execute(_DEPLOYMENT, names).scalar_one_or_none()
    try:
        return Deployment.model_validate_json(data) if data is not None else None
    except ValidationError as error:
        raise StorageError(f"deployment {credential.deployment!r} cannot be read from the database") from error


def _earlier(connection: Connection, claim: Claim) -> Earlier | None:
    use = {"credential": claim.credential_id, "hardware": claim.hardware_key}
    row = connection.execute(_EARLIER, use).one_or_none()
    return Earlier(row.enrollment_id, bool(row.unused)) if row is not None else None


def _replace(connection: Connection, enrollment: NewEnrollment, *, at: datetime, actor: str) -> None:
    conflict = enrollment.standing is Standing.CONFLICT
    changed = connection.execute(
        update(ENROLLMENT)
        .where(ENROLLMENT.c.id == enrollment.id, _UNUSED)
        .values(
            device_id=enrollment.device_id,
            certificate_sha256=enrollment.certificate_sha256,
            public_key_sha256=enrollment.public_key_sha256,
            certificate_not_after=to_micros(enrollment.certificate_not_after),
            device_name=enrollment.device_name,
            claims=json.dumps(dict(enrollment.claims), ensure_ascii=False, sort_keys=True),
            enrolled_at=to_micros(at),
            epoch=enrollment.epoch,
            standing=str(enrollment.standing),
            standing_reason=enrollment.standing_reason,
            compliance="quarantined" if conflict else "pending",
            version=ENROLLMENT.c.version + 1,
        )
    ).rowcount
    if not changed:
        raise ConflictError("the enrollment was used in between")
    event = NewEvent(
        EventKind.CONFLICT if conflict else EventKind.ENROLLED,
        enrollment.client,
        actor,
        deployment=enrollment.deployment,
        enrollment=enrollment.id,
        data={
            "device_id": enrollment.device_id,
            "upn": enrollment.upn,
            "reason": enrollment.standing_reason
            or "came again before it was ever used; its first answer was lost",
        },
    )
    append_events(connection, at=at, events=[event])


def _count(connection: Connection, claim: Claim, issue: Issue, at: datetime) -> None:
    now = to_micros(at)
    if not issue.costs_use:
        use = {"credential": claim.credential_id, "hardware": claim.hardware_key}
        connection.execute(_USED_AGAIN, use | {"newest": issue.enrollment.id, "now": now})
        return
    if not connection.execute(_COUNT_DOWN, {"credential": claim.credential_id}).rowcount:
        raise ConflictError("the credential was used up in between")
    first = {
        "credential_id": claim.credential_id,
        "hardware_key": claim.hardware_key,
        "client_id": issue.enrollment.client,
        "enrollment_id": issue.enrollment.id,
        "first_at": now,
        "last_at": now,
    }
    connection.execute(_USED_FIRST, first)
