"""A request for a second person as a value, and what may become of it.

    waiting -> approved | refused | expired
    approved -> done | refused | expired

A second, different person approves it by its hash, which covers everything it would do. A request of another epoch
is void: after a restore nothing that was meant before it is done.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from holofleet.server.authorization import Action
from holofleet.server.orders import OrderKind

LIFE = timedelta(hours=24)
"""How long a request waits for its second person, and then to be carried out (SECURITY WIPE-2)."""
COOLING = timedelta(minutes=15)
"""After the approval of orders that destroy: until then anyone who may give them can stop them."""


class Subject(StrEnum):
    """What a second person is asked for."""

    WIPE = "wipe"
    UNENROLL = "unenroll"
    PUBLISH = "publish"

    @property
    def action(self) -> Action:
        """What asking needs, and stopping it."""
        return _ACTIONS[self]

    @property
    def decision(self) -> Action:
        """What approving and carrying out need: more than a helpdesk has."""
        return Action.PUBLISH_STATE if self is Subject.PUBLISH else Action.APPROVE_ORDERS

    @property
    def order(self) -> OrderKind | None:
        """The kind of its orders; ``None`` for a plan."""
        return None if self is Subject.PUBLISH else OrderKind(self.value)

    @property
    def cooling(self) -> timedelta:
        """How long after its approval it can be carried out."""
        return timedelta(0) if self is Subject.PUBLISH else COOLING


_ACTIONS = {
    Subject.WIPE: Action.ORDER_WIPE,
    Subject.UNENROLL: Action.ORDER_UNENROLL,
    Subject.PUBLISH: Action.PUBLISH_STATE,
}


class Status(StrEnum):
    """Where a request stands."""

    WAITING = "waiting"
    APPROVED = "approved"
    REFUSED = "refused"
    EXPIRED = "expired"
    VOID = "void"
    DONE = "done"


OPEN = frozenset({Status.WAITING, Status.APPROVED})


@dataclass(frozen=True, slots=True)
class Asked:
    """One headset of the exact list: the enrollment that is meant, and its serial for people."""

    serial: str
    enrollment: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """A State and the texts that it was compiled from, as they would be published."""

    state: Mapping[str, Any]
    texts: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Approval:
    """One request. ``author_person`` and ``decider_person``: who answers for author and decider.

    Args:
        plan: For a proposal, the plan that the server made of it, as JSON.
        told_hash: For a proposal, the State that it was planned against; nothing else may stand there.
    """

    id: str
    client: str
    subject: Subject
    status: Status
    hash: str
    author: str
    author_person: str
    reason: str
    epoch: int
    created_at: datetime
    expires_at: datetime
    headsets: tuple[Asked, ...] = ()
    told_hash: str = ""
    state_hash: str = ""
    plan_hash: str = ""
    plan: Mapping[str, Any] = field(default_factory=dict)
    decider: str = ""
    decider_person: str = ""
    decision_reason: str = ""
    decided_at: datetime | None = None
    carrier: str = ""
    carried_at: datetime | None = None

    @property
    def ready_at(self) -> datetime | None:
        """From when on it can be carried out; ``None`` unless it is approved."""
        if self.status is not Status.APPROVED or self.decided_at is None:
            return None
        return self.decided_at + self.subject.cooling

    def standing(self, now: datetime, epoch: int) -> Status:
        """Return where it stands now: an open one may have expired, or be void since a restore."""
        if self.status not in OPEN:
            return self.status
        if self.epoch != epoch:
            return Status.VOID
        return Status.EXPIRED if now >= self.expires_at else self.status


def hash_of(*parts: object) -> str:
    """Return the SHA-256 (hex) of plain values in one canonical form."""
    canonical = json.dumps(parts, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()
