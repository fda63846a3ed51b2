"""Everything about one headset: settings with their origins, timeline, orders, inventory, certificate."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Subquery, select, union

from holofleet.catalog import Node, nodes
from holofleet.resources import Document, Format, Setting
from holofleet.server.authorization import Scope
from holofleet.server.compliance import Entry, Phase, SettingStatus, parse_overlay, reason_of
from holofleet.server.events import Event
from holofleet.server.fleet.views import HeadsetDetail, SettingView
from holofleet.server.orders import Order
from holofleet.storage.events import event_of
from holofleet.storage.fleet.views import SUMMARY_COLUMNS, summary_of
from holofleet.storage.fleet.words import HEADSETS, E, H, deployment_facts, word
from holofleet.storage.management import order_of
from holofleet.storage.moments import from_micros
from holofleet.storage.scoping import in_scope
from holofleet.storage.tables.management import DEPLOYMENT, DOCUMENT, EVENT, ORDER, ORIGIN

TIMELINE = 200
ORDERS = 50
"""Newest events and orders that a headset's page carries. Ours."""
HIDDEN = "(hidden: may hold a secret)"


def headset_detail(connection: Connection, scope: Scope, serial: str, now: datetime) -> HeadsetDetail | None:
    """Return everything about a headset, or ``None`` if there is none with this serial in scope."""
    the_word = word(deployment_facts(connection, scope, now)).label("word")
    statement = select(
        *SUMMARY_COLUMNS,
        the_word,
        E.inventory,
        E.enrolled_at,
        E.verified_at,
        E.certificate_sha256,
        E.certificate_not_after,
        E.tenant_lock,
    ).select_from(HEADSETS)
    row = connection.execute(in_scope(statement.where(H.serial == serial), H.client_id, scope)).one_or_none()
    if row is None:
        return None
    undelivered = connection.execute(
        select(DEPLOYMENT.c.undelivered).where(DEPLOYMENT.c.name == row.deployment)
    ).scalar_one()
    return HeadsetDetail(
        summary=summary_of(row),
        settings=_settings(connection, row),
        undelivered=tuple(json.loads(undelivered)),
        inventory=json.loads(row.inventory or "{}"),
        orders=_orders(connection, row),
        timeline=_timeline(connection, row),
        document=row.document_hash,
        acknowledged=row.acknowledged_hash,
        enrolled_at=_moment(row.enrolled_at),
        verified_at=_moment(row.verified_at),
        certificate_sha256=row.certificate_sha256 or "",
        certificate_not_after=_moment(row.certificate_not_after),
        standing=row.standing or "",
        standing_reason=row.standing_reason or "",
        tenant_lock=row.tenant_lock or "",
    )


def _settings(connection: Connection, row: Row[Any]) -> tuple[SettingView, ...]:
    """Settings of the published document, judged by the overlay; nodes that are to go come last."""
    wanted = _document(connection, row.document_hash)
    given = _document(connection, row.acknowledged_hash)
    overlay = parse_overlay(row.overlay or "{}")
    origins = {
        origin.oma_uri: tuple(json.loads(origin.chain))
        for origin in connection.execute(select(ORIGIN).where(ORIGIN.c.deployment == row.deployment))
    }
    verified = _moment(row.verified_at)
    shown = []
    for setting in wanted.settings:
        entry = overlay.get(setting.oma_uri)
        if given.by_uri.get(setting.oma_uri) != setting:
            reported = entry.reported if entry is not None else None
            entry = Entry(SettingStatus.PENDING, Phase.WRITE, 0, reported=reported)
        shown.append(_view(setting, entry, origins.get(setting.oma_uri, ()), verified))
    for uri, entry in sorted(overlay.items()):
        if uri not in wanted.by_uri:
            former = given.by_uri.get(uri)
            gone = Setting(uri, former.format if former else Format.CHR, "")
            shown.append(_view(gone, entry, (), verified))
    return tuple(shown)


def _view(
    setting: Setting, entry: Entry | None, origins: tuple[Any, ...], verified: datetime | None
) -> SettingView:
    node = nodes().find(setting.oma_uri)
    secret = node is not None and node.secret
    readable = node is None or node.readable
    compliant = entry is None or entry.status is SettingStatus.COMPLIANT
    reported = entry.reported if entry is not None else None
    if entry is None and readable and not setting.variables and verified is not None:
        reported = setting.data
    reason = reason_of(entry) if entry is not None and not compliant else ""
    if compliant and (not readable or entry is not None):
        reason = "accepted, cannot be read back"
    return SettingView(
        oma_uri=setting.oma_uri,
        name=node.name if node is not None else setting.oma_uri.rpartition("/")[2],
        format=str(setting.format),
        desired=HIDDEN if secret and not setting.variables else setting.data,
        reported=None if secret else reported,
        status=SettingStatus.COMPLIANT if entry is None else entry.status,
        since=from_micros(entry.since) if entry is not None and entry.since else None,
        reason=reason,
        readable=readable,
        origins=origins,
        evidence=_evidence(node),
    )


def _evidence(node: Node | None) -> str:
    return str(node.evidence) if node is not None else "not in the catalog"


def _orders(connection: Connection, row: Row[Any]) -> tuple[Order, ...]:
    if row.enrollment is None:
        return ()
    found = connection.execute(
        select(ORDER)
        .where(ORDER.c.enrollment_id == row.enrollment)
        .order_by(ORDER.c.created_at.desc(), ORDER.c.id)
        .limit(ORDERS)
    )
    return tuple(order_of(order, serial=row.serial) for order in found)


def _timeline(connection: Connection, row: Row[Any]) -> tuple[Event, ...]:
    """Return the newest events of the headset and of its enrollment.

    Each is asked for by itself: of "one or the other" databases make a walk through all events of the client.
    """
    parts = [_newest(EVENT.c.serial == row.serial, row.client_id)]
    if row.enrollment is not None:
        parts.append(_newest(EVENT.c.enrollment_id == row.enrollment, row.client_id))
    sequences = union(*(select(part.c.sequence) for part in parts)).subquery()
    found = connection.execute(
        select(EVENT)
        .where(EVENT.c.sequence.in_(select(sequences.c.sequence)))
        .order_by(EVENT.c.sequence.desc())
        .limit(TIMELINE)
    )
    return tuple(event_of(event) for event in found)


def _newest(about: ColumnElement[bool], client: str) -> Subquery:
    return (
        select(EVENT.c.sequence)
        .where(about, EVENT.c.client_id == client)
        .order_by(EVENT.c.sequence.desc())
        .limit(TIMELINE)
        .subquery()
    )


def _document(connection: Connection, hash_: str | None) -> Document:
    if not hash_:
        return Document(())
    content = connection.execute(select(DOCUMENT.c.content).where(DOCUMENT.c.hash == hash_)).scalar_one()
    return Document.from_json(json.loads(content))


def _moment(value: int | None) -> datetime | None:
    return None if value is None else from_micros(value)
