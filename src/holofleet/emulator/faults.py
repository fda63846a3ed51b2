"""What may go wrong on the way: planned by number, or at random from a seed.

A fault strikes a whole HTTP request or one item of a batch. Some strike after the work was done, which is what
makes blind retries dangerous.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from holofleet.errors import InputError


class Fault(StrEnum):
    """Ways to fail."""

    THROTTLED = "429 with Retry-After"
    THROTTLED_SILENTLY = "429 without Retry-After"
    UNAVAILABLE = "503"
    TIMED_OUT_DONE = "504 although it was done"
    SILENT_DONE = "no answer in time although it was done"
    CUT_BEFORE = "connection cut before it was done"
    CUT_AFTER = "connection cut after it was done"


ON_ITEMS = (Fault.THROTTLED, Fault.THROTTLED_SILENTLY, Fault.UNAVAILABLE, Fault.TIMED_OUT_DONE)
"""Faults that can strike an item of a batch."""


class ConnectionCutError(Exception):
    """The connection ends without an answer; the caller cannot know whether the work was done."""


class NoAnswerError(ConnectionCutError):
    """The answer does not come in any time that a client waits."""


@dataclass
class FaultPlan:
    """When which fault strikes.

    Args:
        seed: The same seed and the same requests give the same faults.
        rate: Share of requests, and of items, that a random fault strikes.
        kinds: Which faults are drawn from.
        planned: Faults by number of the HTTP request, from 1; they strike the whole request.
        most: Random faults in all; after them nothing goes wrong any more.
    """

    seed: int = 0
    rate: float = 0.0
    kinds: tuple[Fault, ...] = tuple(Fault)
    planned: Mapping[int, Fault] = field(default_factory=dict)
    most: int | None = None

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)  # noqa: S311 - a plan to repeat, no secret
        self.struck = 0

    def on_request(self, number: int) -> Fault | None:
        """Return what strikes a whole request."""
        return self.planned.get(number) or self._draw(self.kinds)

    def on_item(self) -> Fault | None:
        """Return what strikes an item of a batch."""
        return self._draw(tuple(kind for kind in self.kinds if kind in ON_ITEMS))

    def retry_after(self) -> str:
        """Return how long a throttled client should wait: whole seconds, or a fraction."""
        return self._random.choice(("1", "2", "0.5", "3"))

    def _draw(self, kinds: tuple[Fault, ...]) -> Fault | None:
        if not kinds or not self.rate or (self.most is not None and self.struck >= self.most):
            return None
        if self._random.random() >= self.rate:
            return None
        self.struck += 1
        return self._random.choice(kinds)


def parse_faults(text: str) -> FaultPlan:
    """Read ``SEED:RATE`` of the command line, such as ``7:0.05``.

    Raises:
        InputError: it is not of that form.
    """
    seed, _, rate = text.partition(":")
    try:
        plan = FaultPlan(seed=int(seed), rate=float(rate or "0.05"))
    except ValueError as error:
        raise InputError(f"--faults {text}: not of the form SEED:RATE", mend="Say for example 7:0.05.") from error
    if not 0 <= plan.rate <= 1:
        raise InputError(f"--faults {text}: the rate is a share between 0 and 1")
    return plan
