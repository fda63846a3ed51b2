"""What is shown of many headsets. Everything is filtered by scope in the statement (SECURITY ISO-2)."""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, func, literal, or_, select, tuple_

from holofleet.resources import Document
from holofleet.server.authorization import Scope
from holofleet.server.compliance import Compliance, SettingStatus, parse_overlay, reason_of
from holofleet.server.events import Event
from holofleet.server.fleet.views import (
    DeploymentCount,
    DriftItem,
    EnrollmentView,
    HeadsetQuery,
    HeadsetSummary,
    Overview,
    Page,
    Sorting,
)
from holofleet.server.orders import OrderStatus
from holofleet.server.standing import Standing
from holofleet.storage.events import event_of
from holofleet.storage.fleet.counting import Mark, RecentCounts
from holofleet.storage.fleet.filtering import conditions, distinct
from holofleet.storage.fleet.words import (
    HEADSETS,
    REASON_COLUMNS,
    E,
    H,
    deployment_facts,
    reasons,
    shown,
    word,
)
from holofleet.storage.management import is_frozen, order_of
from holofleet.storage.moments import from_micros, to_micros
from holofleet.storage.scoping import in_scope, within
from holofleet.storage.tables.management import DEPLOYMENT, DOCUMENT, ENROLLMENT, EVENT, ORDER, PUBLICATION

NEEDS_PERSON = 100
"""Enrollments and orders that the overview lists; more are cut, and said to be. Ours."""
NAMES_AT_ONCE = 500
"""Parameters of one statement. Ours."""
SILENCE = timedelta(hours=1)
"""How long after an order was sent an answer is still awaited: twice the longest session (SECURITY 5.5)."""
WAITING = (str(Standing.QUARANTINED), str(Standing.CONFLICT))

SUMMARY_COLUMNS = (
    H.serial,
    H.name,
    H.client_id,
    H.deployment,
    H.site,
    E.last_seen_at,
    E.os_build,
    E.enrolled_at,
    E.certificate_not_after,
    E.id.label("enrollment"),
    *REASON_COLUMNS,
)


def overview(connection: Connection, scope: Scope, now: datetime, recent: RecentCounts) -> Overview:
    """Count the fleet by word and deployment, and list what waits for a person."""
    facts = deployment_facts(connection, scope, now)
    published_at = connection.execute(select(func.max(PUBLICATION.c.at))).scalar_one()
    mark = Mark.of(connection, scope)
    counts = recent.of(connection, scope, facts, mark=mark, now=now)
    none = {str(part): 0 for part in Compliance}
    total = {str(part): sum(words[str(part)] for words in counts.values()) for part in Compliance}
    waiting = enrollments(connection, scope, standing=None, limit=NEEDS_PERSON + 1)
    unknown = connection.execute(
        in_scope(_orders_with_serial(), ORDER.c.client_id, scope)
        .where(
            or_(
                ORDER.c.status == str(OrderStatus.OUTCOME_UNKNOWN),
                # A headset that never came back cannot have its session abandoned: silence says as little.
                and_(ORDER.c.status == str(OrderStatus.SENT), ORDER.c.sent_at < to_micros(now - SILENCE)),
            )
        )
        .order_by(ORDER.c.sent_at.desc())
        .limit(NEEDS_PERSON)
    ).all()
    return Overview(
        counts=total,
        total=sum(total.values()),
        deployments=tuple(
            DeploymentCount(
                name,
                fact.deployment.client,
                fact.deployment.scenarios,
                dict(counts.get(name, none)),
                fact.undelivered,
            )
            for name, fact in facts.items()
            if not fact.removed or name in counts
        ),
        needs_person=waiting[:NEEDS_PERSON],
        unknown_orders=tuple(order_of(row, serial=row.serial or "") for row in unknown),
        frozen=is_frozen(connection),
        published_at=_moment(published_at),
        newest_event=mark.event,
        cut=len(waiting) > NEEDS_PERSON,
    )


def page(
    connection: Connection,
    scope: Scope,
    query: HeadsetQuery,
    *,
    after: str | None,
    limit: int,
    now: datetime,
) -> Page:
    """Return headsets after the one with a serial, in the order that is asked for."""
    the_word = word(deployment_facts(connection, scope, now)).label("word")
    statement: Select[Any] = select(*SUMMARY_COLUMNS, the_word).select_from(HEADSETS).where(shown())
    statement = in_scope(statement, H.client_id, scope).where(*conditions(connection, query))
    if query.compliance is not None:
        statement = statement.where(the_word == str(query.compliance))
    order = (H.serial,) if query.sort is Sorting.SERIAL else (H.name, H.serial)
    if after is not None:
        statement = statement.where(_behind(connection, scope, query.sort, after))
    rows = connection.execute(statement.order_by(*order).limit(limit + 1)).all()
    found = tuple(summary_of(row) for row in rows[:limit])
    return Page(found, found[-1].serial if len(rows) > limit else None)


def names(connection: Connection, scope: Scope, serials: Collection[str]) -> dict[str, str]:
    """Return the names of headsets by serial."""
    found: dict[str, str] = {}
    wanted = sorted(serials)
    for start in range(0, len(wanted), NAMES_AT_ONCE):
        some = wanted[start : start + NAMES_AT_ONCE]
        statement = select(H.serial, H.name).where(H.serial.in_(some), H.name != "")
        found |= {row.serial: row.name for row in connection.execute(in_scope(statement, H.client_id, scope))}
    return found


def summary_of(row: Row[Any]) -> HeadsetSummary:
    """Return the line of a headset."""
    found = Compliance(row.word)
    return HeadsetSummary(
        serial=row.serial,
        name=row.name,
        client=row.client_id,
        deployment=row.deployment,
        site=row.site,
        compliance=found,
        reasons=reasons(found, row),
        last_seen_at=_moment(row.last_seen_at),
        os_build=row.os_build or "",
        enrollment=row.enrollment,
        removed=row.removed_at is not None,
        certificate_not_after=_moment(row.certificate_not_after),
        enrolled_at=_moment(row.enrolled_at),
    )


def sites(connection: Connection, scope: Scope) -> tuple[str, ...]:
    """Return the sites at which headsets of the scope stand, in order.

    A deployment is of one client, so that a walk through one index is enough for a part of the fleet.
    """
    if scope.is_every:
        return distinct(connection, H.site)
    if scope.sites is not None:
        return tuple(sorted(scope.sites))
    theirs = select(DEPLOYMENT.c.name).where(*within(DEPLOYMENT.c.client_id, scope))
    deployments = frozenset(connection.execute(theirs).scalars())
    pairs = connection.execute(select(H.site, H.deployment).where(H.site.is_not(None)).distinct())
    return tuple(sorted({row.site for row in pairs if row.deployment in deployments}))


def drift(connection: Connection, scope: Scope) -> tuple[DriftItem, ...]:
    """Return what headsets report otherwise than they were told, by serial and node.

    Only settings that were told count: what waits to be sent is no drift, and a setting that is not for this
    headset differs from nothing.
    """
    statement = (
        select(H.serial, H.client_id, H.deployment, E.overlay, E.acknowledged_hash)
        .select_from(HEADSETS)
        .where(E.overlay != "{}", E.standing == str(Standing.ACTIVE), E.released_at.is_(None))
        .order_by(H.serial)
    )
    documents: dict[str, Document] = {}
    items = []
    for row in connection.execute(in_scope(statement, H.client_id, scope)).all():
        document = _document(connection, row.acknowledged_hash, documents)
        for uri, entry in sorted(parse_overlay(row.overlay).items()):
            if entry.status not in _DRIFT:
                continue
            setting = document.by_uri.get(uri)
            items.append(
                DriftItem(
                    row.serial,
                    row.client_id,
                    row.deployment,
                    uri,
                    setting.data if setting else "",
                    entry.reported,
                    entry.status,
                    reason_of(entry),
                    from_micros(entry.since),
                )
            )
    return tuple(items)


def enrollments(
    connection: Connection, scope: Scope, *, standing: str | None, limit: int = 500
) -> tuple[EnrollmentView, ...]:
    """Return enrollments of a standing, newest first; those that wait for a decision where none is given."""
    statement = select(ENROLLMENT).where(E.standing.in_(WAITING) if standing is None else E.standing == standing)
    rows = connection.execute(
        in_scope(statement, E.client_id, scope).order_by(E.enrolled_at.desc(), E.id).limit(limit)
    )
    return tuple(
        EnrollmentView(
            id=row.id,
            client=row.client_id,
            deployment=row.deployment,
            standing=row.standing,
            reason=row.standing_reason,
            serial=row.serial,
            device_name=row.device_name,
            hardware_id=row.hardware_id,
            upn=row.upn,
            enrolled_at=from_micros(row.enrolled_at),
            last_seen_at=_moment(row.last_seen_at),
        )
        for row in rows
    )


def events_after(connection: Connection, scope: Scope, *, sequence: int, limit: int) -> tuple[Event, ...]:
    """Return events after a number, oldest first."""
    statement = in_scope(select(EVENT).where(EVENT.c.sequence > sequence), EVENT.c.client_id, scope)
    return tuple(event_of(row) for row in connection.execute(statement.order_by(EVENT.c.sequence).limit(limit)))


def _orders_with_serial() -> Select[Any]:
    return select(ORDER, E.serial).join(ENROLLMENT, E.id == ORDER.c.enrollment_id)


def _behind(connection: Connection, scope: Scope, sort: Sorting, after: str) -> ColumnElement[bool]:
    """Return what stands behind a headset in the order of the list."""
    if sort is Sorting.SERIAL:
        return H.serial > after
    named = in_scope(select(H.name).where(H.serial == after), H.client_id, scope)
    return tuple_(H.name, H.serial) > tuple_(literal(connection.execute(named).scalar() or ""), literal(after))


def _document(connection: Connection, hash_: str | None, known: dict[str, Document]) -> Document:
    if not hash_:
        return Document(())
    if hash_ not in known:
        content = connection.execute(select(DOCUMENT.c.content).where(DOCUMENT.c.hash == hash_)).scalar_one()
        known[hash_] = Document.from_json(json.loads(content))
    return known[hash_]


def _moment(value: int | None) -> datetime | None:
    return None if value is None else from_micros(value)


_DRIFT = (SettingStatus.DRIFTED, SettingStatus.REFUSED, SettingStatus.LEFT_BEHIND)
