"""The one place that asks the machine for the time.

Everything that needs "now" takes a :class:`Clock`, so that tests give the time instead of sleeping.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

FIRST_YEAR, LAST_YEAR = 1900, 9000
"""Times from elsewhere lie within: a day before or after one is still a time."""


class Clock(Protocol):
    """A source of the present moment, always aware and in UTC."""

    def now(self) -> datetime:
        """Return the present moment, aware, in UTC."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)


@dataclass
class SetClock:
    """A clock that stands still until it is moved: for tests and simulated headsets."""

    moment: datetime

    def now(self) -> datetime:
        return self.moment

    def advance(self, step: timedelta) -> None:
        """Move the clock by ``step``; negative steps set it back, as a bad headset clock does."""
        self.moment += step


def monotonic_s() -> float:
    """Return seconds on a clock that never goes back; only differences mean something."""
    return time.monotonic()


def render_utc(moment: datetime) -> str:
    """Render an aware moment as RFC 3339 in UTC with milliseconds and ``Z``.

    Raises:
        ValueError: ``moment`` is naive: a time without a zone is nobody's time.
    """
    if moment.tzinfo is None:
        raise ValueError("a moment without a time zone cannot be rendered")
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def parse_utc(text: str) -> datetime:
    """Parse what :func:`render_utc` wrote (or any RFC 3339 time with a zone).

    Raises:
        ValueError: not a time, a time without a zone, or one so far away that nobody can reckon with it.
    """
    moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
    if moment.tzinfo is None:
        raise ValueError(f"time without a zone: {text!r}")
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        raise ValueError(f"a year that is none of ours: {text!r}")
    return moment.astimezone(UTC)
