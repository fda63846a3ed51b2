"""Enrollments as issuing needs them: a new row with its event, and who lives under a hardware id.

These functions take the caller's connection: the certificate, the credential's countdown and the row belong
into one transaction.
"""

from __future__ import annotations

import json
from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from holofleet.server.events import EventKind, NewEvent
from holofleet.server.ports import LivingEnrollment, NewEnrollment
from holofleet.server.standing import Standing
from holofleet.storage.events import append_events
from holofleet.storage.moments import to_micros
from holofleet.storage.tables.management import ENROLLMENT

_INSERT = insert(ENROLLMENT)
"""Built once: naming each column anew costs as much as the rest of the statement."""


def insert_enrollment(connection: Connection, new: NewEnrollment, *, at: datetime, actor: str) -> None:
    """Write a new enrollment and its event.

    Raises:
        ConflictError: the certificate or the public key is known already, or the deployment is not one of
            that client. Raised by the transaction around it.
    """
    row = {
        "id": new.id,
        "client_id": new.client,
        "deployment": new.deployment,
        "device_id": new.device_id,
        "hardware_id": new.hardware_id,
        "certificate_sha256": new.certificate_sha256,
        "public_key_sha256": new.public_key_sha256,
        "certificate_not_after": to_micros(new.certificate_not_after),
        "credential_id": new.credential_id,
        "upn": new.upn,
        "device_name": new.device_name,
        "claims": json.dumps(dict(new.claims), ensure_ascii=False, sort_keys=True),
        "enrolled_at": to_micros(at),
        "epoch": new.epoch,
        "standing": str(new.standing),
        "standing_reason": new.standing_reason,
        "compliance": "quarantined" if new.standing is Standing.CONFLICT else "pending",
    }
    connection.execute(_INSERT, row)
    kind = EventKind.CONFLICT if new.standing is Standing.CONFLICT else EventKind.ENROLLED
    event = NewEvent(
        kind,
        new.client,
        actor,
        deployment=new.deployment,
        enrollment=new.id,
        data={"device_id": new.device_id, "upn": new.upn, "reason": new.standing_reason},
    )
    append_events(connection, at=at, events=[event])


def living_by_hardware_id(connection: Connection, hardware_id: str) -> tuple[LivingEnrollment, ...]:
    """Return the enrollments that still count as the headset with this hardware id, oldest first.

    An enrollment that accepted a wipe or left is not among them: its hardware id is free (SECURITY ENR-4).
    """
    statement = (
        select(
            ENROLLMENT.c.id,
            ENROLLMENT.c.client_id,
            ENROLLMENT.c.deployment,
            ENROLLMENT.c.standing,
            ENROLLMENT.c.credential_id,
            ENROLLMENT.c.last_seen_at,
        )
        .where(ENROLLMENT.c.hardware_id == hardware_id, ENROLLMENT.c.released_at.is_(None))
        .where(ENROLLMENT.c.standing.in_([str(s) for s in Standing if s.living]))
        .order_by(ENROLLMENT.c.enrolled_at, ENROLLMENT.c.id)
    )
    return tuple(
        LivingEnrollment(
            id=row.id,
            client=row.client_id,
            deployment=row.deployment,
            standing=Standing(row.standing),
            credential_id=row.credential_id,
            seen=row.last_seen_at is not None,
        )
        for row in connection.execute(statement)
    )


def end_enrollment(
    connection: Connection, enrollment_id: str, *, at: datetime, actor: str, standing: Standing, reason: str
) -> bool:
    """Set a living enrollment to ``retired`` or ``revoked`` with its event; false if it was not living."""
    row = connection.execute(
        update(ENROLLMENT)
        .where(ENROLLMENT.c.id == enrollment_id)
        .where(ENROLLMENT.c.standing.in_([str(s) for s in Standing if s.living]))
        .values(
            standing=str(standing),
            standing_reason=reason,
            ended_at=to_micros(at),
            compliance="retired",
            version=ENROLLMENT.c.version + 1,
        )
        .returning(ENROLLMENT.c.client_id, ENROLLMENT.c.deployment, ENROLLMENT.c.serial)
    ).one_or_none()
    if row is None:
        return False
    kind = EventKind.REVOKED if standing is Standing.REVOKED else EventKind.RETIRED
    event = NewEvent(
        kind,
        row.client_id,
        actor,
        deployment=row.deployment,
        serial=row.serial or "",
        enrollment=enrollment_id,
        data={"reason": reason},
    )
    append_events(connection, at=at, events=[event])
    return True
