"""The word of a headset as an expression of the database, so that lists can filter and counts can group by it.

The order of the branches is the order of :class:`holofleet.server.compliance.Compliance`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, FromClause, Row, and_, case, literal, or_, select

from holofleet.resources import Deployment
from holofleet.server.authorization import Scope
from holofleet.server.compliance import Compliance, SettingStatus, parse_overlay
from holofleet.server.fleet.lateness import late_before
from holofleet.server.standing import Standing
from holofleet.storage.moments import to_micros
from holofleet.storage.scoping import in_scope
from holofleet.storage.tables.management import DEPLOYMENT, ENROLLMENT, HEADSET

E, H = ENROLLMENT.c, HEADSET.c

HEADSETS: FromClause = HEADSET.outerjoin(ENROLLMENT, and_(E.held_serial == H.serial, E.client_id == H.client_id))
"""Every published headset with the enrollment that holds its serial."""


@dataclass(frozen=True, slots=True)
class DeploymentFacts:
    """A deployment with the moment (microseconds) before which a last check-in means late."""

    deployment: Deployment
    late_before: int
    undelivered: tuple[Mapping[str, Any], ...]
    removed: bool


def deployment_facts(connection: Connection, scope: Scope, now: datetime) -> dict[str, DeploymentFacts]:
    """Return the deployments in scope by name."""
    statement = in_scope(select(DEPLOYMENT), DEPLOYMENT.c.client_id, scope).order_by(DEPLOYMENT.c.name)
    facts = {}
    for row in connection.execute(statement):
        deployment = Deployment.model_validate_json(row.data)
        late = to_micros(late_before(deployment, now))
        facts[row.name] = DeploymentFacts(
            deployment, late, tuple(json.loads(row.undelivered)), row.removed_at is not None
        )
    return facts


def shown() -> ColumnElement[bool]:
    """Headsets of the file, and those that are no longer in it while their enrollment lives."""
    living = [str(standing) for standing in Standing if standing.living]
    return or_(H.removed_at.is_(None), and_(E.standing.in_(living), E.released_at.is_(None)))


def word(facts: Mapping[str, DeploymentFacts]) -> ColumnElement[str]:
    """Return the expression for the word."""
    late = _late(facts)
    waiting = or_(
        E.compliance == str(Compliance.PENDING),
        E.acknowledged_hash.is_(None),
        E.acknowledged_hash != H.document_hash,
        H.undelivered != "[]",
    )
    return case(
        (E.compliance == str(Compliance.RETIRED), str(Compliance.RETIRED)),
        (E.compliance == str(Compliance.QUARANTINED), str(Compliance.QUARANTINED)),
        (E.standing == str(Standing.LOST), str(Compliance.QUARANTINED)),
        (E.id.is_(None), str(Compliance.EXPECTED)),
        (E.last_seen_at < late, str(Compliance.LATE)),
        (E.compliance == str(Compliance.REFUSED), str(Compliance.REFUSED)),
        (E.compliance == str(Compliance.DRIFTED), str(Compliance.DRIFTED)),
        (waiting, str(Compliance.PENDING)),
        else_=str(Compliance.COMPLIANT),
    )


def _late(facts: Mapping[str, DeploymentFacts]) -> ColumnElement[Any]:
    """Return the moment before which a last check-in means late; deployments with the same one share a branch."""
    alike: dict[int, list[str]] = {}
    for name, fact in facts.items():
        alike.setdefault(fact.late_before, []).append(name)
    if not alike:
        return literal(0)
    if len(alike) == 1:
        return literal(next(iter(alike)))
    return case(*((H.deployment.in_(names), literal(limit)) for limit, names in alike.items()), else_=literal(0))


REASON_COLUMNS = (
    E.standing,
    E.standing_reason,
    E.overlay,
    E.acknowledged_hash,
    H.document_hash,
    H.undelivered,
    H.removed_at,
)


def reasons(found: Compliance, row: Row[Any]) -> tuple[str, ...]:
    """Say why a headset has its word, for a person."""
    told: list[str] = []
    if row.removed_at is not None:
        told.append("it is no longer in the fleet file")
    match found:
        case Compliance.RETIRED | Compliance.QUARANTINED:
            told.append("it is reported lost" if row.standing == str(Standing.LOST) else row.standing_reason)
        case Compliance.EXPECTED:
            told.append("it has not enrolled yet")
        case Compliance.LATE:
            told.append("it missed its time to reconnect")
        case _:
            told.extend(_setting_reasons(row))
    return tuple(part for part in told if part)


def _setting_reasons(row: Row[Any]) -> list[str]:
    told = []
    entries = parse_overlay(row.overlay or "{}").values()
    for status, words in _STATUS_WORDS.items():
        count = sum(entry.status is status for entry in entries)
        if count:
            told.append(words.format(f"{count} setting{'s' if count > 1 else ''}"))
    if row.acknowledged_hash != row.document_hash:
        told.append("its newest settings were not sent yet")
    told.extend(f"undelivered: {key}" for key in json.loads(row.undelivered))
    return told


_STATUS_WORDS = {
    SettingStatus.REFUSED: "{} refused",
    SettingStatus.DRIFTED: "{} drifted",
    SettingStatus.PENDING: "{} pending",
    SettingStatus.LEFT_BEHIND: "{} cannot be reverted",
}
