"""Webhooks and their deliveries as values."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

MOST: Final = 20
"""Webhooks of one server. Ours."""
FORMER_LIVES: Final = timedelta(days=1)
"""How long both secrets sign after a new one was made."""


class NoticeKind(StrEnum):
    """The closed set of what can be told; the values are the ``type`` of messages."""

    CALL_STARTED = "call.started"
    CALL_ENDED = "call.ended"
    CALL_MISSED = "call.missed"
    HEADSET_ENROLLED = "headset.enrolled"
    HEADSET_DOUBTED = "headset.doubted"
    HEADSET_DRIFTED = "headset.drifted"
    HEADSET_MENDED = "headset.mended"
    HEADSET_LOST = "headset.lost"
    HEADSET_LEFT = "headset.left"
    HEADSET_RETIRED = "headset.retired"
    ORDER_FAILED = "order.failed"
    ORDER_UNKNOWN = "order.unknown"
    ORDERS_FROZEN = "orders.frozen"
    APPROVAL_ASKED = "approval.asked"
    LOAN_OVERDUE = "loan.overdue"
    TEST = "webhook.test"
    """Somebody asked for it here; goes to one webhook, whatever it takes."""


CHOSEN: Final = tuple(kind for kind in NoticeKind if kind is not NoticeKind.TEST)
"""What a webhook can be asked to take."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants a webhook to be.

    Args:
        name: For people and for the record.
        url: Where to; ``https`` only.
        kinds: What it takes; at least one.
        clients: Whose; ``None`` for every client.
    """

    name: str
    url: str
    kinds: frozenset[NoticeKind]
    clients: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Webhook:
    """A webhook as it stands.

    Args:
        why_off: Why it is off; empty while it is on.
        former_until: Until when the secret before this one signs too.
        waiting: Deliveries that are still to be made.
        given_up: Deliveries that were given up since one arrived last.
        arrived_at: When one arrived last.
    """

    id: str
    name: str
    url: str
    kinds: frozenset[NoticeKind]
    clients: frozenset[str] | None
    why_off: str
    maker: str
    created_at: datetime
    former_until: datetime | None = None
    waiting: int = 0
    given_up: int = 0
    arrived_at: datetime | None = None

    @property
    def is_on(self) -> bool:
        """Whether anything is told to it."""
        return not self.why_off


class DeliveryState(StrEnum):
    """What became of a delivery."""

    WAITING = "waiting"
    ARRIVED = "arrived"
    GIVEN_UP = "given-up"


class Trouble(StrEnum):
    """Why a delivery did not arrive."""

    NAME = "name"
    """The host has no address."""
    ADDRESS = "address"
    """An address of the host is not a public one, and is not allowed."""
    CONNECTION = "connection"
    TLS = "tls"
    """The certificate does not prove the name."""
    SLOW = "slow"
    """No answer within the time of a delivery."""
    ANSWER = "answer"
    """What answered does not speak HTTP, or says too much."""
    REDIRECT = "redirect"
    """The answer leads elsewhere; nobody follows."""
    STATUS = "status"
    """The answer says that it was not taken."""
    GONE = "gone"
    """The answer says that nothing is taken there any more (410)."""
    SECRET = "secret"  # noqa: S105 - the name of a trouble
    """The secret cannot be opened with the keys of this server."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message to one webhook. ``status``: what was answered last; ``due_at``: when it is tried next."""

    id: str
    webhook: str
    client: str
    kind: NoticeKind
    body: str
    at: datetime
    state: DeliveryState
    attempts: int
    due_at: datetime
    tried_at: datetime | None
    status: int | None
    trouble: Trouble | None


@dataclass(frozen=True, slots=True)
class WebhookDetail:
    """A webhook with its newest deliveries."""

    webhook: Webhook
    deliveries: tuple[Delivery, ...]


@dataclass(frozen=True, slots=True)
class Secrets:
    """Sealed secrets, the newest first."""

    sealed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Added:
    """A webhook whose secret was just made: it is shown here and never again."""

    id: str
    secret: str


@dataclass(frozen=True, slots=True)
class Due:
    """A delivery that this process has taken upon itself for a while. ``attempt`` counts from 1."""

    id: str
    webhook: str
    url: str
    body: str
    at: datetime
    attempt: int
    secrets: Secrets


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of one attempt; no trouble: it arrived."""

    status: int | None = None
    trouble: Trouble | None = None


@dataclass(frozen=True, slots=True)
class Settled:
    """What is to be kept of one attempt. ``due_at``: when it is tried again; ``None`` where it is not."""

    delivery: str
    webhook: str
    attempt: int
    state: DeliveryState
    answer: Answer
    at: datetime
    due_at: datetime | None = None
    off: str = ""
    """Why the webhook is switched off by this; empty where it is not."""


def sorted_kinds(kinds: Iterable[NoticeKind]) -> tuple[NoticeKind, ...]:
    """Return kinds in their order on pages."""
    there = frozenset(kinds)
    return tuple(kind for kind in NoticeKind if kind in there)
