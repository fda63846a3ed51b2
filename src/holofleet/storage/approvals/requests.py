"""Requests for a second person, with their lists and proposals."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, insert, select, update

from holofleet.errors import ConflictError
from holofleet.server.approvals import Approval, Asked, Proposal, Status, Subject
from holofleet.server.audit import AuditRecord
from holofleet.server.authorization import Principal, Scope
from holofleet.server.events import EventKind, NewEvent
from holofleet.storage.approvals.counting import close_request
from holofleet.storage.database import Database
from holofleet.storage.events import append_events
from holofleet.storage.identity.audit import append_audit
from holofleet.storage.moments import from_micros, to_micros
from holofleet.storage.scoping import within
from holofleet.storage.tables.approvals import APPROVAL, APPROVAL_HEADSET

CHUNK = 500
MOST_PROPOSALS = 20
"""Open at one time; each holds a whole State."""
_A = APPROVAL.c
_LISTED = [column for column in _A if column not in (_A.plan, _A.proposal)]


class StoredApprovals:
    """Implements :class:`holofleet.server.approvals.ApprovalStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, approval: Approval, proposal: Proposal | None, audit: AuditRecord, /) -> None:
        kept = "" if proposal is None else _json({"state": proposal.state, "texts": proposal.texts})
        with self._database.transaction() as connection:
            if proposal is not None:
                _make_room(connection, to_micros(approval.created_at))
            connection.execute(
                insert(APPROVAL).values(
                    id=approval.id,
                    client_id=approval.client,
                    subject=str(approval.subject),
                    status=str(approval.status),
                    hash=approval.hash,
                    author=approval.author,
                    author_person=approval.author_person,
                    reason=approval.reason,
                    epoch=approval.epoch,
                    created_at=to_micros(approval.created_at),
                    expires_at=to_micros(approval.expires_at),
                    told_hash=approval.told_hash,
                    state_hash=approval.state_hash,
                    plan_hash=approval.plan_hash,
                    plan=_json(approval.plan) if approval.plan else "",
                    proposal=kept,
                )
            )
            rows = [
                {
                    "approval_id": approval.id,
                    "enrollment_id": one.enrollment,
                    "client_id": approval.client,
                    "serial": one.serial,
                }
                for one in approval.headsets
            ]
            for start in range(0, len(rows), CHUNK):
                connection.execute(insert(APPROVAL_HEADSET), rows[start : start + CHUNK])
            _tell(connection, EventKind.APPROVAL_ASKED, approval, approval.author, approval.created_at, audit)

    def approval(self, scope: Scope, approval_id: str, /) -> Approval | None:
        listed = select(APPROVAL_HEADSET).where(APPROVAL_HEADSET.c.approval_id == approval_id)
        with self._database.read() as connection:
            named = select(*_LISTED, _A.plan).where(_A.id == approval_id, *within(_A.client_id, scope))
            row = connection.execute(named).one_or_none()
            if row is None:
                return None
            headsets = tuple(
                Asked(one.serial, one.enrollment_id)
                for one in connection.execute(listed.order_by(APPROVAL_HEADSET.c.serial))
            )
        return replace(_approval(row), headsets=headsets, plan=json.loads(row.plan) if row.plan else {})

    def listed(self, scope: Scope, /, *, plans: bool, limit: int) -> Sequence[Approval]:
        statement = select(*_LISTED).where(*within(_A.client_id, scope))
        if not plans:
            statement = statement.where(_A.subject != str(Subject.PUBLISH))
        with self._database.read() as connection:
            rows = connection.execute(statement.order_by(_A.created_at.desc(), _A.id).limit(limit))
            return tuple(_approval(row) for row in rows)

    def proposal(self, approval_id: str, /) -> Proposal | None:
        with self._database.read() as connection:
            kept = connection.execute(select(_A.proposal).where(_A.id == approval_id)).scalar_one_or_none()
        if not kept:
            return None
        found = json.loads(kept)
        return Proposal(found["state"], found["texts"])

    def decide(
        self,
        before: Approval,
        to: Status,
        principal: Principal,
        person: str,
        reason: str,
        /,
        *,
        at: datetime,
        expires_at: datetime,
        audit: AuditRecord,
    ) -> Approval:
        values: dict[str, Any] = {
            "status": str(to),
            "decider": principal.actor,
            "decider_person": person,
            "decision_reason": reason,
            "decided_at": to_micros(at),
            "expires_at": to_micros(expires_at),
        }
        if to is Status.REFUSED:
            values["proposal"] = ""
        kind = EventKind.APPROVAL_GIVEN if to is Status.APPROVED else EventKind.APPROVAL_REFUSED
        with self._database.transaction() as connection:
            done = connection.execute(
                update(APPROVAL).where(_A.id == before.id, _A.status == str(before.status)).values(values)
            )
            if done.rowcount != 1:
                raise ConflictError("somebody decided about this in between", mend="Look at it again.")
            _tell(connection, kind, before, principal.actor, at, audit)
        return replace(
            before,
            status=to,
            decider=principal.actor,
            decider_person=person,
            decision_reason=reason,
            decided_at=at,
            expires_at=expires_at,
        )

    def done(self, approval: Approval, actor: str, /, *, at: datetime, audit: AuditRecord) -> None:
        with self._database.transaction() as connection:
            close_request(connection, approval.id, actor, at)
            append_audit(connection, audit, at=at, epoch=approval.epoch)


def _make_room(connection: Connection, now: int) -> None:
    connection.execute(update(APPROVAL).where(_A.proposal != "", _A.expires_at <= now).values(proposal=""))
    kept = connection.execute(select(func.count()).select_from(APPROVAL).where(_A.proposal != "")).scalar_one()
    if kept >= MOST_PROPOSALS:
        raise ConflictError(
            f"{MOST_PROPOSALS} proposals wait already", mend="Decide about those first: holofleet approvals list."
        )


def _tell(
    connection: Connection, kind: EventKind, approval: Approval, actor: str, at: datetime, audit: AuditRecord
) -> None:
    data = {"approval": approval.id, "subject": str(approval.subject)}
    append_events(connection, at=at, events=[NewEvent(kind, approval.client, actor, data=data)])
    append_audit(connection, audit, at=at, epoch=approval.epoch)


def _approval(row: Any) -> Approval:
    return Approval(
        id=row.id,
        client=row.client_id,
        subject=Subject(row.subject),
        status=Status(row.status),
        hash=row.hash,
        author=row.author,
        author_person=row.author_person,
        reason=row.reason,
        epoch=row.epoch,
        created_at=from_micros(row.created_at),
        expires_at=from_micros(row.expires_at),
        told_hash=row.told_hash,
        state_hash=row.state_hash,
        plan_hash=row.plan_hash,
        decider=row.decider,
        decider_person=row.decider_person,
        decision_reason=row.decision_reason,
        decided_at=None if row.decided_at is None else from_micros(row.decided_at),
        carrier=row.carrier,
        carried_at=None if row.carried_at is None else from_micros(row.carried_at),
    )


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
