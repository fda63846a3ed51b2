"""The draft: one enrollment while one message is worked on, and the one change that comes of it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from holofleet.catalog import Build
from holofleet.server.compliance import Compliance, parse_overlay, render_overlay, word_of_overlay
from holofleet.server.events import EventKind, NewEvent
from holofleet.server.management.cursor import Cursor
from holofleet.server.management.exchange import Change, StoredAnswer
from holofleet.server.management.filling import Filling
from holofleet.server.management.ledger import Ledger
from holofleet.server.management.prepared import PreparedDocument
from holofleet.server.management.row import DesiredHeadset, EnrollmentRow, TenantLock
from holofleet.server.orders import OrderKind, OrderStatus, OrderUpdate
from holofleet.server.ports import SecretResolver
from holofleet.server.standing import Standing


@dataclass
class Draft:
    """What is known and decided so far about one enrollment. Nothing of it is stored before :meth:`change`."""

    row: EnrollmentRow
    now: datetime
    now_us: int
    cursor: Cursor
    ledger: Ledger
    filling: Filling
    headset: DesiredHeadset | None
    inventory: dict[str, str]
    fingerprints: dict[str, str]
    standing: Standing
    lock: TenantLock
    build: Build | None
    values: dict[str, Any] = field(default_factory=dict)
    events: list[NewEvent] = field(default_factory=list)
    orders: dict[str, OrderUpdate] = field(default_factory=dict)
    closed_orders: int = 0
    take_over: str | None = None
    serial_said: str | None = None
    strays: int = 0

    @classmethod
    def of(
        cls,
        row: EnrollmentRow,
        document: PreparedDocument,
        *,
        cursor: Cursor,
        now: datetime,
        now_us: int,
        resolver: SecretResolver,
    ) -> Draft:
        """Begin with a row as it was read."""
        headset = row.headset
        filling = Filling(headset.variables if headset else {}, resolver, f"{row.id}/{cursor.key}")
        build = _build(row.os_build)
        entries = parse_overlay(row.overlay)
        ledger = Ledger(document, entries, now_us, filling.expected, build)
        inventory: dict[str, str] = json.loads(row.inventory)
        fingerprints: dict[str, str] = {} if row.secrets == "{}" else json.loads(row.secrets)
        return cls(
            row=row,
            now=now,
            now_us=now_us,
            cursor=cursor,
            ledger=ledger,
            filling=filling,
            headset=headset,
            inventory=inventory,
            fingerprints=fingerprints,
            standing=row.standing,
            lock=row.tenant_lock,
            build=build,
        )

    @property
    def serial(self) -> str | None:
        """The serial that the headset said, if it did."""
        value: str | None = self.values.get("serial", self.row.serial)
        return value

    @property
    def released(self) -> bool:
        """Whether it accepted a wipe or left, so that nothing more is sent."""
        return self.row.released_at is not None or "released_at" in self.values

    def tell(self, kind: EventKind, **data: Any) -> None:
        """Add an event about this enrollment, done by the headset."""
        row = self.row
        deployment = self.headset.deployment if self.headset else row.deployment
        actor = f"headset:{row.id}"
        self.events.append(NewEvent(kind, row.client, actor, deployment, self.serial or "", row.id, data))

    def take_events(self) -> None:
        """Take over what the ledger told so far, so that later events come after it."""
        for kind, data in self.ledger.events:
            self.tell(kind, **data)
        self.ledger.events.clear()

    def move_order(
        self, order: str, kind: str, before: OrderStatus, after: OrderStatus, outcome: str = ""
    ) -> None:
        """Let an order take a step, with its event."""
        known = self.orders.get(order)
        self.orders[order] = OrderUpdate(order, known.before if known else before, after, outcome)
        if after not in (OrderStatus.QUEUED, OrderStatus.SENT):
            self.closed_orders += 1
        told = _ORDER_EVENTS.get(after)
        if told is not None:
            self.tell(told, order=order, order_kind=kind, outcome=outcome)

    def release(self, reason: str) -> None:
        """Note that the headset is ours no longer: its hardware id and serial are free for a newcomer."""
        self.values["released_at"] = self.now
        self.values["standing_reason"] = reason

    def set_build(self, text: str) -> None:
        """Take the OS build; what was set aside because of the old one gets another chance."""
        if text == self.row.os_build:
            return
        self.values["os_build"] = text
        self.build = self.ledger.build = _build(text)
        if self.row.os_build:
            self.tell(EventKind.INVENTORY, os_build=text, before=self.row.os_build)

    def change(self, answer: StoredAnswer | None) -> Change:
        """Return everything as one change."""
        row, ledger = self.row, self.ledger
        self.take_events()
        values = dict(self.values)
        if ledger.changed:
            values["overlay"] = render_overlay(ledger.entries)
            values["acknowledged_hash"] = ledger.document.hash or None
        values["inventory"] = _json(self.inventory)
        values["secrets"] = _json(self.fingerprints)
        values["cursor"] = self.cursor.render()
        values["tenant_lock"] = self.lock
        values["standing"] = self.standing
        values["open_orders"] = max(row.open_orders - self.closed_orders, 0)
        values["compliance"] = self.word
        return Change(
            row, self.now, values, answer, tuple(self.orders.values()), tuple(self.events), self.take_over
        )

    @property
    def word(self) -> Compliance:
        """The word that its standing and its settings give."""
        if self.released or not self.standing.living:
            return Compliance.RETIRED
        if self.standing in (Standing.QUARANTINED, Standing.CONFLICT):
            return Compliance.QUARANTINED
        return word_of_overlay(self.ledger.entries)


_ORDER_EVENTS = {
    OrderStatus.SENT: EventKind.ORDER_SENT,
    OrderStatus.DONE: EventKind.ORDER_DONE,
    OrderStatus.FAILED: EventKind.ORDER_FAILED,
    OrderStatus.OUTCOME_UNKNOWN: EventKind.ORDER_UNKNOWN,
    OrderStatus.EXPIRED: EventKind.ORDER_EXPIRED,
}

OUTCOME_OF = {
    OrderKind.WIPE: "wipe accepted",
    OrderKind.UNENROLL: "unenrollment accepted",
    OrderKind.REBOOT: "restart accepted",
}


def _build(text: str) -> Build | None:
    try:
        return Build.parse(text)
    except ValueError:
        return None


def _json(value: dict[str, str]) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
