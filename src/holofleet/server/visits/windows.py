"""Windows to reconnect, counted from the rule of a deployment in its own time zone. Pure.

A deployment whose headsets come back on an agreed day has a window each month; where they come back every so many
days there are no days to show.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from holofleet.resources import Deployment
from holofleet.server.fleet.lateness import window_day

MONTHS = 6
"""Windows ahead that are shown."""
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_ORDINALS = ("", "first", "second", "third", "fourth")


@dataclass(frozen=True, slots=True)
class Window:
    """One time to reconnect: its first and last day, and the moments between which it lies."""

    first: date
    last: date
    begins: datetime
    ends: datetime


def zone_of(deployment: Deployment) -> tzinfo:
    """Return the time zone of a deployment; UTC where it is none."""
    try:
        return ZoneInfo(deployment.timezone)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def windows(deployment: Deployment, now: datetime) -> tuple[Window | None, tuple[Window, ...]]:
    """Return the window that began last, and the next :data:`MONTHS` ones."""
    rule = deployment.reconnect
    if rule.rule != "monthly":
        return None, ()
    today = now.astimezone(zone_of(deployment)).date()
    begun: Window | None = None
    ahead: list[Window] = []
    year, month = (today.year, today.month - 1) if today.month > 1 else (today.year - 1, 12)
    for _ in range(MONTHS + 2):
        window = _window(deployment, window_day(rule, year, month))
        if window.first <= today:
            begun = window
        elif len(ahead) < MONTHS:
            ahead.append(window)
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    return begun, tuple(ahead)


def window_of(deployment: Deployment, first: date) -> Window | None:
    """Return the window that begins on a day; ``None`` where none does."""
    rule = deployment.reconnect
    if rule.rule != "monthly" or window_day(rule, first.year, first.month) != first:
        return None
    return _window(deployment, first)


def rule_in_words(deployment: Deployment) -> str:
    """Say when headsets of a deployment are expected."""
    rule = deployment.reconnect
    if rule.rule != "monthly":
        return f"at least every {rule.interval_days} days"
    day = _WEEKDAYS[rule.weekday]
    if rule.after_patch_tuesday:
        return f"the first {day} after the second Tuesday of each month"
    return f"the {_ORDINALS[rule.ordinal]} {day} of each month"


def _window(deployment: Deployment, first: date) -> Window:
    zone, length = zone_of(deployment), timedelta(days=deployment.reconnect.window_days)
    begins = datetime.combine(first, time(), tzinfo=zone)
    after = datetime.combine(first + length, time(), tzinfo=zone)
    return Window(first, first + length - timedelta(days=1), begins, after)
