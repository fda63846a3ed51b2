"""Events: written beside the change that they tell of, read by number."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert

from holofleet.server.events import Event, EventKind, NewEvent
from holofleet.storage.moments import from_micros, to_micros
from holofleet.storage.tables.management import EVENT
from holofleet.storage.webhooks.posting import post_events

_INSERT = insert(EVENT)


def append_events(connection: Connection, *, at: datetime, events: Iterable[NewEvent]) -> None:
    """Write events in the transaction of ``connection``, in order, with one moment for all; webhooks are told."""
    events = tuple(events)
    rows = [
        {
            "at": to_micros(at),
            "kind": str(event.kind),
            "client_id": event.client,
            "deployment": event.deployment,
            "serial": event.serial,
            "enrollment_id": event.enrollment,
            "actor": event.actor,
            "data": json.dumps(dict(event.data), ensure_ascii=False, separators=(",", ":")),
        }
        for event in events
    ]
    if rows:
        connection.execute(_INSERT, rows)
        post_events(connection, events, at=at)


def event_of(row: Row[Any]) -> Event:
    """Return the event of a row of the event table."""
    return Event(
        sequence=row.sequence,
        at=from_micros(row.at),
        kind=EventKind(row.kind),
        client=row.client_id,
        actor=row.actor,
        deployment=row.deployment,
        serial=row.serial,
        enrollment=row.enrollment_id,
        data=json.loads(row.data),
    )
