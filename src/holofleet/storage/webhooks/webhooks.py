"""Which webhooks there are."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from holofleet.errors import ConflictError
from holofleet.server.audit import AuditRecord
from holofleet.server.webhooks import (
    Delivery,
    DeliveryState,
    Notice,
    NoticeKind,
    Trouble,
    Webhook,
    WebhookDetail,
    Wish,
)
from holofleet.storage.database import Database
from holofleet.storage.identity.audit import append_audit
from holofleet.storage.moments import from_micros, to_micros
from holofleet.storage.tables.webhooks import WEBHOOK, WEBHOOK_DELIVERY
from holofleet.storage.webhooks.posting import delivery

_W, _D = WEBHOOK.c, WEBHOOK_DELIVERY.c
_WAITING: Final = str(DeliveryState.WAITING)
_GIVEN_UP: Final = str(DeliveryState.GIVEN_UP)
_ARRIVED: Final = str(DeliveryState.ARRIVED)


class StoredWebhooks:
    """Implements :class:`holofleet.server.webhooks.store.WebhookStore`."""

    def __init__(self, database: Database, *, epoch: int) -> None:
        self._database = database
        self._epoch = epoch

    def listed(self) -> Sequence[Webhook]:
        with self._database.read() as connection:
            rows = connection.execute(select(WEBHOOK).order_by(_W.name)).all()
            standing = _standing(connection)
        return tuple(_webhook(row, standing.get(row.id, {})) for row in rows)

    def detail(self, webhook: str, *, limit: int) -> WebhookDetail | None:
        newest = (
            select(WEBHOOK_DELIVERY).where(_D.webhook_id == webhook).order_by(_D.at.desc(), _D.id).limit(limit)
        )
        with self._database.read() as connection:
            row = connection.execute(select(WEBHOOK).where(_W.id == webhook)).one_or_none()
            if row is None:
                return None
            standing = _standing(connection, webhook).get(webhook, {})
            return WebhookDetail(
                _webhook(row, standing), tuple(_delivery(one) for one in connection.execute(newest))
            )

    def add(
        self, webhook: str, wish: Wish, sealed: str, maker: str, *, at: datetime, most: int, audit: AuditRecord
    ) -> None:
        with self._database.transaction() as connection:
            if connection.execute(select(func.count()).select_from(WEBHOOK)).scalar_one() >= most:
                raise ConflictError(f"there are {most} webhooks already", mend="Remove one that nobody needs.")
            _require_own_name(connection, webhook, wish.name)
            values = {"id": webhook, "maker": maker, "created_at": to_micros(at), "sealed": sealed}
            connection.execute(insert(WEBHOOK).values(**values, **_wished(wish)))
            append_audit(connection, audit, at=at, epoch=self._epoch)

    def change(self, webhook: str, wish: Wish, *, why_off: str, at: datetime, audit: AuditRecord) -> None:
        with self._database.transaction() as connection:
            _require_own_name(connection, webhook, wish.name)
            connection.execute(update(WEBHOOK).where(_W.id == webhook).values(why_off=why_off, **_wished(wish)))
            if why_off:
                waiting = (_D.webhook_id == webhook) & (_D.state == _WAITING)
                connection.execute(update(WEBHOOK_DELIVERY).where(waiting).values(state=_GIVEN_UP))
            append_audit(connection, audit, at=at, epoch=self._epoch)

    def rotate(
        self, webhook: str, sealed: str, *, at: datetime, former_until: datetime, audit: AuditRecord
    ) -> None:
        values = {"former": _W.sealed, "former_until": to_micros(former_until), "sealed": sealed}
        with self._database.transaction() as connection:
            connection.execute(update(WEBHOOK).where(_W.id == webhook).values(values))
            append_audit(connection, audit, at=at, epoch=self._epoch)

    def remove(self, webhook: str, *, at: datetime, audit: AuditRecord) -> None:
        with self._database.transaction() as connection:
            connection.execute(delete(WEBHOOK).where(_W.id == webhook))
            append_audit(connection, audit, at=at, epoch=self._epoch)

    def put(self, webhook: str, notice: Notice, *, audit: AuditRecord) -> str:
        row = delivery(notice, webhook)
        with self._database.transaction() as connection:
            connection.execute(insert(WEBHOOK_DELIVERY).values(row))
            append_audit(connection, audit, at=notice.at, epoch=self._epoch)
        return str(row["id"])


def _require_own_name(connection: Connection, webhook: str, name: str) -> None:
    there = connection.execute(select(_W.id).where(_W.name == name, _W.id != webhook)).first()
    if there is not None:
        raise ConflictError(f"a webhook is called {name} already", mend="Give it another name.")


def _wished(wish: Wish) -> dict[str, Any]:
    return {
        "name": wish.name,
        "url": wish.url,
        "kinds": json.dumps(sorted(wish.kinds)),
        "clients": None if wish.clients is None else json.dumps(sorted(wish.clients)),
    }


def _standing(connection: Connection, webhook: str | None = None) -> dict[str, dict[str, int]]:
    """Return by webhook: how many wait, when one arrived last, and how many were given up since."""
    only = () if webhook is None else (_D.webhook_id == webhook,)
    found: dict[str, dict[str, int]] = {}
    waiting = select(_D.webhook_id, func.count().label("n")).where(_D.state == _WAITING, *only)
    for row in connection.execute(waiting.group_by(_D.webhook_id)):
        found.setdefault(row.webhook_id, {})["waiting"] = row.n
    arrived = select(_D.webhook_id, func.max(_D.tried_at).label("last")).where(_D.state == _ARRIVED, *only)
    last = arrived.group_by(_D.webhook_id).subquery()
    for row in connection.execute(select(last)):
        found.setdefault(row.webhook_id, {})["arrived_at"] = row.last
    since = (
        select(_D.webhook_id, func.count().label("n"))
        .outerjoin(last, last.c.webhook_id == _D.webhook_id)
        .where(_D.state == _GIVEN_UP, _D.tried_at.is_not(None), _D.tried_at > func.coalesce(last.c.last, 0), *only)
    )
    for row in connection.execute(since.group_by(_D.webhook_id)):
        found.setdefault(row.webhook_id, {})["given_up"] = row.n
    return found


def _webhook(row: Row[Any], standing: Mapping[str, int]) -> Webhook:
    arrived = standing.get("arrived_at")
    return Webhook(
        id=row.id,
        name=row.name,
        url=row.url,
        kinds=frozenset(NoticeKind(kind) for kind in json.loads(row.kinds)),
        clients=None if row.clients is None else frozenset(json.loads(row.clients)),
        why_off=row.why_off,
        maker=row.maker,
        created_at=from_micros(row.created_at),
        former_until=None if row.former_until is None else from_micros(row.former_until),
        waiting=standing.get("waiting", 0),
        given_up=standing.get("given_up", 0),
        arrived_at=None if arrived is None else from_micros(arrived),
    )


def _delivery(row: Row[Any]) -> Delivery:
    return Delivery(
        id=row.id,
        webhook=row.webhook_id,
        client=row.client_id,
        kind=NoticeKind(row.kind),
        body=row.body,
        at=from_micros(row.at),
        state=DeliveryState(row.state),
        attempts=row.attempts,
        due_at=from_micros(row.due_at),
        tried_at=None if row.tried_at is None else from_micros(row.tried_at),
        status=row.status,
        trouble=Trouble(row.trouble) if row.trouble else None,
    )
