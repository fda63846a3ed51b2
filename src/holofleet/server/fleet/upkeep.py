"""Upkeep: what time alone changes, done every few minutes by one process."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from holofleet.clock import Clock
from holofleet.server.fleet.decisions import RevocationLog

KEPT_EVENTS = timedelta(days=400)
"""A year and a month, so that last year's reconnects can be seen. Ours."""
KEPT_ANSWERS = timedelta(days=1)
LOST_LIFE = timedelta(days=30)
"""After that the certificate of a lost headset is revoked, wiped or not (SECURITY D3)."""
GRACE = timedelta(minutes=15)
"""How long a headset that was wiped or left may repeat its last message. Ours."""


@dataclass(frozen=True, slots=True)
class Swept:
    """What was done: orders expired, enrollments retired, certificates revoked, events deleted."""

    orders: int
    retired: int
    revoked: int
    events: int


class UpkeepStore(Protocol):
    """The port of upkeep."""

    def expire_orders(self, now: datetime, /) -> int: ...
    def retire_released(self, before: datetime, now: datetime, /) -> int: ...
    def lost_to_revoke(self, *, released_before: datetime, lost_before: datetime) -> dict[str, str]:
        """Return lost enrollments that were wiped, or are lost for too long, with their certificates (SHA-256)."""
        ...

    def revoke(self, enrollment: str, now: datetime, /) -> None: ...
    def delete_old(self, *, events_before: datetime, answers_before: datetime) -> int: ...


class Upkeep:
    """Expires orders, ends what has left, revokes what stays lost, and forgets what is old."""

    def __init__(
        self,
        *,
        store: UpkeepStore,
        revocations: RevocationLog,
        clock: Clock,
        chores: Sequence[Callable[[], object]] = (),
    ) -> None:
        """Take the ports, and what other rooms do from time to time."""
        self._chores = tuple(chores)
        self._store = store
        self._revocations = revocations
        self._clock = clock

    def run(self) -> Swept:
        """Do it once; safe to run twice and in two processes."""
        now = self._clock.now()
        orders = self._store.expire_orders(now)
        retired = self._store.retire_released(now - GRACE, now)
        lost = self._store.lost_to_revoke(released_before=now - GRACE, lost_before=now - LOST_LIFE)
        for enrollment, certificate in lost.items():
            self._revocations.revoke_certificate(certificate, at=now, reason="lost")
            self._store.revoke(enrollment, now)
        events = self._store.delete_old(events_before=now - KEPT_EVENTS, answers_before=now - KEPT_ANSWERS)
        for chore in self._chores:
            chore()
        return Swept(orders, retired, len(lost), events)
