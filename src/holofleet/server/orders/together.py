"""Orders that were given together, as one thing: which they are, and how far they have come.

What was ordered of several headsets at once carries one moment, to the microsecond, and one kind; that names it,
as in ``reboot-1772438400000000``. A headset that had an open order of that kind keeps the older one, which is of
another giving.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from holofleet.server.compliance import Compliance
from holofleet.server.orders.order import Order, OrderKind, OrderStatus

_NAME = re.compile(r"([a-z]{1,16})-([0-9]{1,18})\Z")
_FIRST = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Given:
    """Which orders: a kind, and the moment."""

    kind: OrderKind
    at: datetime

    @property
    def name(self) -> str:
        """What addresses say."""
        return f"{self.kind}-{(self.at - _FIRST) // timedelta(microseconds=1)}"

    @classmethod
    def parse(cls, name: str) -> Given | None:
        """Read a name; ``None`` if it is none."""
        found = _NAME.match(name)
        if found is None or found[1] not in list(OrderKind):
            return None
        try:
            return cls(OrderKind(found[1]), _FIRST + timedelta(microseconds=int(found[2])))
        except OverflowError:
            return None

    @classmethod
    def of(cls, orders: Sequence[Order]) -> Given | None:
        """Return what names the newest of these orders."""
        newest = max(orders, key=lambda order: order.created_at, default=None)
        return None if newest is None else cls(newest.kind, newest.created_at)


@dataclass(frozen=True, slots=True)
class GivenOrder:
    """One of them, with the headset's name and word now."""

    order: Order
    name: str
    word: Compliance | None

    @property
    def late(self) -> bool:
        """Whether it waits for a headset that has missed its time to come back."""
        return self.order.status is OrderStatus.QUEUED and self.word is Compliance.LATE


@dataclass(frozen=True, slots=True)
class Together:
    """Orders that were given together, by serial."""

    given: Given
    orders: tuple[GivenOrder, ...]

    @property
    def counts(self) -> Mapping[OrderStatus, int]:
        """How many stand where."""
        return Counter(one.order.status for one in self.orders)

    @property
    def late(self) -> int:
        """How many wait for a headset that is late."""
        return sum(one.late for one in self.orders)

    @property
    def closed(self) -> int:
        """How many are over, whatever came of them."""
        return sum(not one.order.open for one in self.orders)
