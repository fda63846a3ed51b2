"""What has a text in it: the condition, and settings by their LocURI with the deployments that say something."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, collate, select

from holofleet.server.authorization import Scope
from holofleet.server.fleet.views import SettingPlace
from holofleet.storage.scoping import in_scope
from holofleet.storage.tables.management import ORIGIN


def has_text(connection: Connection, column: Column[Any], text: str) -> ColumnElement[bool]:
    """Return the condition that a column has a text, whatever its case.

    Case means that of ASCII on both databases, as ``LIKE`` of SQLite has it: without ``lower``, and without the
    rules of a language, a walk through all names takes less than half of the time.
    """
    escaped = text.replace("/", "//").replace("%", "/%").replace("_", "/_")
    pattern = f"%{escaped}%"
    if connection.dialect.name == "postgresql":
        return collate(column, "C").ilike(pattern, "/")
    return column.like(pattern, "/")


def settings_named(connection: Connection, scope: Scope, text: str, *, limit: int) -> tuple[SettingPlace, ...]:
    """Return them by LocURI and deployment; the line is that of the strongest layer that has one."""
    statement = select(ORIGIN).where(has_text(connection, ORIGIN.c.oma_uri, text))
    rows = connection.execute(
        in_scope(statement, ORIGIN.c.client_id, scope).order_by(ORIGIN.c.oma_uri, ORIGIN.c.deployment).limit(limit)
    )
    found = []
    for row in rows:
        chain: list[dict[str, Any]] = json.loads(row.chain)
        written: dict[str, Any] = next((layer for layer in reversed(chain) if layer.get("path")), {})
        place = SettingPlace(
            row.oma_uri, row.deployment, row.client_id, written.get("path", ""), written.get("line", 0)
        )
        found.append(place)
    return tuple(found)
