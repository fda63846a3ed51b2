"""Into the outbox, in the transaction of what happened: told to whom it was asked for, or not at all."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select

from holofleet.server.events import NewEvent
from holofleet.server.webhooks.notices import OF_EVENTS, Notice, notice_of_event
from holofleet.storage.moments import to_micros
from holofleet.storage.tables.webhooks import WEBHOOK, WEBHOOK_DELIVERY

_TAKEN = select(WEBHOOK.c.id, WEBHOOK.c.kinds, WEBHOOK.c.clients).where(WEBHOOK.c.why_off == "")
_INSERT = insert(WEBHOOK_DELIVERY)


def post_events(connection: Connection, events: Iterable[NewEvent], *, at: datetime) -> None:
    """Put what is told of events into the outbox."""
    if any(event.kind in OF_EVENTS for event in events):
        post(connection, (found for event in events if (found := notice_of_event(event, at)) is not None))


def post(connection: Connection, notices: Iterable[Notice]) -> int:
    """Put notices into the outbox for every webhook that takes them; return how many deliveries that makes."""
    takers = [
        (
            row.id,
            frozenset(json.loads(row.kinds)),
            None if row.clients is None else frozenset(json.loads(row.clients)),
        )
        for row in connection.execute(_TAKEN)
    ]
    if not takers:
        return 0
    rows = [
        delivery(notice, webhook)
        for notice in notices
        for webhook, kinds, clients in takers
        if str(notice.kind) in kinds and (clients is None or notice.client in clients)
    ]
    if rows:
        connection.execute(_INSERT, rows)
    return len(rows)


def delivery(notice: Notice, webhook: str) -> Mapping[str, Any]:
    """Return the row of a delivery that is due at once."""
    return {
        "id": f"msg_{uuid.uuid4().hex}",
        "webhook_id": webhook,
        "client_id": notice.client,
        "kind": str(notice.kind),
        "body": notice.body,
        "at": to_micros(notice.at),
        "due_at": to_micros(notice.at),
    }
