"""Quotas: one sliding window for each service and direction, so that a tenant's other users are not starved.

A limit of so many requests in so many seconds is kept as that: a token bucket of the same numbers would let
twice as many through in the first window, and be refused.

Source: 'Microsoft Graph service-specific throttling limits' (Microsoft). Where a tenant's size decides, the
smallest is assumed; where an interface of Intune is not listed, the numbers of device configuration are; of
Intune's limits a fifth is left to others.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from holofleet.targets.graph.operations import Effect, Operation, Service

_WARNED_FROM = 0.8
_MARGIN_S = 0.001


@dataclass(frozen=True, slots=True)
class Limit:
    """So many requests (or resource units) in so many seconds."""

    most: int
    within_s: float


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of a service."""

    read: Limit
    write: Limit


def _both(most: int, within_s: float) -> Limits:
    return Limits(Limit(most, within_s), Limit(most, within_s))


_INTUNE = Limits(read=Limit(800, 20), write=Limit(80, 20))
LIMITS: Mapping[Service, Limits] = MappingProxyType(
    {
        Service.IDENTITY: Limits(read=Limit(3500, 10), write=Limit(3000, 150)),
        Service.CONDITIONAL_ACCESS: _both(1, 1.1),
        Service.CONFIGURATION: _INTUNE,
        Service.ENROLLMENT: _INTUNE,
        Service.APPS: _INTUNE,
        Service.DEVICES: Limits(read=Limit(1600, 20), write=Limit(160, 20)),
        Service.LOGS: _both(5, 10),
        Service.EXPORTS: _both(48, 60),
    }
)
_ONE_WINDOW = frozenset({Service.CONDITIONAL_ACCESS, Service.LOGS, Service.EXPORTS})
"""Services whose reads and writes count together."""


class Window:
    """What is used of one limit; times in seconds."""

    def __init__(self, limit: Limit) -> None:
        self.limit = limit
        self._spent: deque[tuple[float, float]] = deque()
        self._used = 0.0
        self._closed_until = 0.0

    def take(self, cost: float, now: float) -> bool:
        """Take ``cost`` if it is there; a single cost above the limit takes all of it."""
        self._forget(now)
        cost = min(cost, self.limit.most)
        if now < self._closed_until or self._used + cost > self.limit.most + 1e-9:
            return False
        self._spend(cost, now)
        return True

    def wait_s(self, cost: float, now: float) -> float:
        """Return how long until ``cost`` is there."""
        self._forget(now)
        missing = self._used + min(cost, self.limit.most) - self.limit.most
        free_at = now
        for at, spent in self._spent:
            if missing <= 1e-9:
                break
            missing -= spent
            free_at = at + self.limit.within_s + 2 * _MARGIN_S
        return max(self._closed_until, free_at, now) - now

    def close(self, until: float) -> None:
        """Stop until a moment: the service said so."""
        self._closed_until = max(self._closed_until, until)

    def hear(self, share: float, now: float) -> None:
        """Believe the service when it says how much of the limit is used (``x-ms-throttle-limit-percentage``)."""
        self._forget(now)
        unseen = min(share, 1.0) * self.limit.most - self._used
        if share >= _WARNED_FROM and unseen > 0:
            self._spend(unseen, now)

    def _spend(self, cost: float, now: float) -> None:
        self._spent.append((now, cost))
        self._used += cost

    def _forget(self, now: float) -> None:
        while self._spent and self._spent[0][0] + self.limit.within_s + _MARGIN_S <= now:
            self._used -= self._spent.popleft()[1]
        if not self._spent:
            self._used = 0.0


class Quotas:
    """All windows of one tenant."""

    def __init__(self, limits: Mapping[Service, Limits] = LIMITS) -> None:
        self._windows: dict[tuple[Service, bool], Window] = {}
        for service, limit in limits.items():
            read = Window(limit.read)
            self._windows[service, False] = read
            self._windows[service, True] = read if service in _ONE_WINDOW else Window(limit.write)

    def of(self, operation: Operation) -> Window:
        """Return the window that an operation counts against."""
        return self._windows[operation.service, operation.effect is not Effect.READ]
