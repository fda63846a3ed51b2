"""Time as the graph target needs it: a clock, a sleep that tests replace, and chance for jitter."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta

from holofleet.clock import Clock, SetClock, SystemClock


@dataclass(frozen=True, slots=True)
class Waiting:
    """How to know the time and how to wait.

    Args:
        clock: The time.
        sleep: Waits for so many seconds.
        chance: A number from 0 up to 1, for jitter.
    """

    clock: Clock = field(default_factory=SystemClock)
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    chance: Callable[[], float] = random.random

    def now(self) -> float:
        """Return seconds since the epoch, by the clock."""
        return self.clock.now().timestamp()

    @classmethod
    def of(cls, clock: SetClock, *, seed: int = 0) -> Waiting:
        """Return a waiting that moves ``clock`` instead of sleeping: for tests and emulated tenants."""

        async def sleep(seconds: float) -> None:
            clock.advance(timedelta(seconds=max(0.0, seconds)))
            await asyncio.sleep(0)

        return cls(clock, sleep, random.Random(seed).random)  # noqa: S311 - jitter, no secret
