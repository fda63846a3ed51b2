"""Quotas: one token bucket for each service and direction, so that a tenant's other users are not starved.

Source: 'Microsoft Graph service-specific throttling limits' (Microsoft). Where a tenant's size decides, the
smallest is assumed; where an interface of Intune is not listed, the numbers of device configuration are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from holofleet.targets.graph.operations import Effect, Operation, Service

_WARNED_FROM = 0.8


@dataclass(frozen=True, slots=True)
class Limit:
    """So many requests (or resource units) at once, and so many a second after that."""

    capacity: float
    per_s: float


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of a service."""

    read: Limit
    write: Limit


_INTUNE = Limits(read=Limit(800, 40), write=Limit(80, 4))
LIMITS: Mapping[Service, Limits] = MappingProxyType(
    {
        Service.IDENTITY: Limits(read=Limit(3500, 350), write=Limit(3000, 20)),
        Service.CONDITIONAL_ACCESS: Limits(read=Limit(1, 1 / 1.1), write=Limit(1, 1 / 1.1)),
        Service.CONFIGURATION: _INTUNE,
        Service.ENROLLMENT: _INTUNE,
        Service.APPS: _INTUNE,
        Service.DEVICES: Limits(read=Limit(1600, 80), write=Limit(160, 8)),
        Service.LOGS: Limits(read=Limit(5, 0.5), write=Limit(5, 0.5)),
        Service.EXPORTS: Limits(read=Limit(48, 0.8), write=Limit(48, 0.8)),
    }
)
_ONE_BUCKET = frozenset({Service.CONDITIONAL_ACCESS, Service.LOGS, Service.EXPORTS})


class Bucket:
    """What is left of one limit; times in seconds."""

    def __init__(self, limit: Limit, now: float) -> None:
        self.limit = limit
        self._left = limit.capacity
        self._at = now
        self._closed_until = 0.0

    def take(self, cost: float, now: float) -> bool:
        """Take ``cost`` if it is there; a single cost above the capacity takes all of it."""
        self._refill(now)
        cost = min(cost, self.limit.capacity)
        if now < self._closed_until or self._left < cost - 1e-9:
            return False
        self._left -= cost
        return True

    def wait_s(self, cost: float, now: float) -> float:
        """Return how long until ``cost`` is there."""
        self._refill(now)
        missing = min(cost, self.limit.capacity) - self._left
        return max(self._closed_until - now, missing / self.limit.per_s, 0.0)

    def close(self, until: float) -> None:
        """Stop until a moment: the service said so."""
        self._closed_until = max(self._closed_until, until)

    def hear(self, share: float, now: float) -> None:
        """Believe the service about how much of the limit is used (``x-ms-throttle-limit-percentage``)."""
        if share >= _WARNED_FROM:
            self._refill(now)
            self._left = min(self._left, self.limit.capacity * max(0.0, 1.0 - share))

    def _refill(self, now: float) -> None:
        passed = max(0.0, now - self._at)
        self._left = min(self.limit.capacity, self._left + passed * self.limit.per_s)
        self._at = now


class Quotas:
    """All buckets of one tenant."""

    def __init__(self, now: float, limits: Mapping[Service, Limits] = LIMITS) -> None:
        self._buckets: dict[tuple[Service, bool], Bucket] = {}
        for service, limit in limits.items():
            read = Bucket(limit.read, now)
            self._buckets[service, False] = read
            self._buckets[service, True] = read if service in _ONE_BUCKET else Bucket(limit.write, now)

    def of(self, operation: Operation) -> Bucket:
        """Return the bucket that an operation counts against."""
        return self._buckets[operation.service, operation.effect is not Effect.READ]
