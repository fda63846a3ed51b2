"""What headsets reported last, many at once: the document they took, and where they say something else."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import Connection, Row, select

from holofleet.catalog import nodes
from holofleet.resources import Document
from holofleet.server.authorization import Scope
from holofleet.server.compliance import parse_overlay
from holofleet.server.fleet.views import Otherwise, ReportedHeadset, ReportedPage
from holofleet.server.standing import Standing
from holofleet.storage.fleet.words import HEADSETS, E, H
from holofleet.storage.moments import from_micros
from holofleet.storage.scoping import in_scope
from holofleet.storage.tables.management import DOCUMENT


def reported(connection: Connection, scope: Scope, *, after: str | None, limit: int) -> ReportedPage:
    """Return headsets after a serial, by serial, whose identity is beyond doubt and that took a document."""
    statement = (
        select(
            H.serial,
            H.client_id,
            H.deployment,
            H.variables,
            E.acknowledged_hash,
            E.overlay,
            E.last_seen_at,
        )
        .select_from(HEADSETS)
        .where(
            H.removed_at.is_(None),
            E.standing == str(Standing.ACTIVE),
            E.released_at.is_(None),
            E.acknowledged_hash.is_not(None),
            E.last_seen_at.is_not(None),
        )
    )
    if after is not None:
        statement = statement.where(H.serial > after)
    rows = connection.execute(in_scope(statement, H.client_id, scope).order_by(H.serial).limit(limit + 1)).all()
    found = tuple(_headset(row) for row in rows[:limit])
    hashes = sorted({headset.document for headset in found})
    documents = connection.execute(select(DOCUMENT).where(DOCUMENT.c.hash.in_(hashes)))
    return ReportedPage(
        found,
        {row.hash: _settings(row.content) for row in documents},
        found[-1].serial if len(rows) > limit else None,
    )


def _headset(row: Row[Any]) -> ReportedHeadset:
    return ReportedHeadset(
        serial=row.serial,
        client=row.client_id,
        deployment=row.deployment,
        document=row.acknowledged_hash,
        variables=json.loads(row.variables),
        otherwise={
            uri: Otherwise(entry.status, None if _secret(uri) else entry.reported)
            for uri, entry in parse_overlay(row.overlay).items()
        },
        last_seen_at=from_micros(row.last_seen_at),
    )


def _settings(content: str) -> tuple[tuple[str, str, str], ...]:
    """Return what a document says, without nodes that may hold a secret."""
    document = Document.from_json(json.loads(content))
    return tuple((s.oma_uri, str(s.format), s.data) for s in document.settings if not _secret(s.oma_uri))


def _secret(uri: str) -> bool:
    node = nodes().find(uri)
    return node is not None and node.secret
