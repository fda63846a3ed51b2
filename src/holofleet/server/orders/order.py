"""An order as a value, and what may become of it.

    queued -> sent -> done | failed | outcome-unknown
    queued -> cancelled | expired
    sent -> queued                  only when the headset said that it did not run it (215)

An Exec that was sent is never sent again by itself: a wipe that may have run must not run on whoever holds the
headset next. ``outcome-unknown`` is shown, and a person decides.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

LIFE = timedelta(days=30)
"""An order that was not sent by then is not sent any more (SECURITY WIPE-1)."""


class OrderKind(StrEnum):
    """What can be ordered. ``retire`` has no command: it waits until the tenant lock is confirmed off."""

    SYNC = "sync"
    REBOOT = "reboot"
    WIPE = "wipe"
    UNENROLL = "unenroll"
    RETIRE = "retire"


class OrderStatus(StrEnum):
    """Where an order stands."""

    QUEUED = "queued"
    SENT = "sent"
    DONE = "done"
    FAILED = "failed"
    OUTCOME_UNKNOWN = "outcome-unknown"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


OPEN = frozenset({OrderStatus.QUEUED, OrderStatus.SENT})
"""Statuses in which a session still has to look at an order."""
DESTRUCTIVE = frozenset({OrderKind.WIPE, OrderKind.UNENROLL, OrderKind.RETIRE})
"""Kinds after which the headset is no longer ours: the tenant lock must be confirmed off before."""


@dataclass(frozen=True, slots=True)
class Order:
    """One order. ``enrollment`` and ``epoch`` bind it; ``outcome`` says in words what came of it."""

    id: str
    client: str
    enrollment: str
    kind: OrderKind
    status: OrderStatus
    actor: str
    reason: str
    epoch: int
    created_at: datetime
    expires_at: datetime
    sent_at: datetime | None = None
    closed_at: datetime | None = None
    outcome: str = ""
    serial: str = ""

    @property
    def open(self) -> bool:
        """Whether a session still has to look at it."""
        return self.status in OPEN


@dataclass(frozen=True, slots=True)
class OrderUpdate:
    """A step of an order: stored only if it still stands at ``before``."""

    id: str
    before: OrderStatus
    after: OrderStatus
    outcome: str = ""
