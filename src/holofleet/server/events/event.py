"""Events: what a headset did or what was decided about it, with its time, actor and scope."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any

_EMPTY: Mapping[str, Any] = MappingProxyType({})


class EventKind(StrEnum):
    """The closed set of kinds; the words are those of the console and of the API."""

    PUBLISHED = "published"
    ENROLLED = "enrolled"
    CONFLICT = "conflict"
    RECOGNIZED = "recognized"
    QUARANTINED = "quarantined"
    INVENTORY = "inventory"
    CONVERGED = "converged"
    DRIFTED = "drifted"
    MENDED = "mended"
    REFUSED = "refused"
    CANNOT_REVERT = "cannot-revert"
    VALUE_MISSING = "value-missing"
    LOCK_RELEASED = "lock-released"
    ORDER_CREATED = "order-created"
    ORDER_SENT = "order-sent"
    ORDER_DONE = "order-done"
    ORDER_FAILED = "order-failed"
    ORDER_UNKNOWN = "order-outcome-unknown"
    ORDER_EXPIRED = "order-expired"
    ORDER_CANCELLED = "order-cancelled"
    ORDERS_FROZEN = "orders-frozen"
    ORDERS_THAWED = "orders-thawed"
    APPROVAL_ASKED = "approval-asked"
    APPROVAL_GIVEN = "approval-given"
    APPROVAL_REFUSED = "approval-refused"
    REPORTED = "reported"
    LEFT = "left"
    LOST = "lost"
    RETIRED = "retired"
    REVOKED = "revoked"
    PAIRING_COPIED = "pairing-copied"


@dataclass(frozen=True, slots=True)
class NewEvent:
    """An event about to be written.

    Args:
        kind: What happened.
        client: Whose (``own`` for the organization itself).
        actor: Who did it: ``headset:SERIAL``, ``headset``, ``token:ci``, ``person:...``, ``server``.
        deployment, serial, enrollment: What it is about; empty where it is about none.
        data: Plain values for people and programs; never a secret.
    """

    kind: EventKind
    client: str
    actor: str
    deployment: str = ""
    serial: str = ""
    enrollment: str = ""
    data: Mapping[str, Any] = field(default_factory=lambda: _EMPTY)


@dataclass(frozen=True, slots=True)
class Event:
    """An event as it was stored: numbered in the order of the database, with its moment."""

    sequence: int
    at: datetime
    kind: EventKind
    client: str
    actor: str
    deployment: str
    serial: str
    enrollment: str
    data: Mapping[str, Any]
