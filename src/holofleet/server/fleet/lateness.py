"""Who is late: by the calendar of the deployment, not by an interval of polls.

A headset in a drawer sends nothing and nothing is wrong; a headset that missed its reconnect day is late.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from holofleet.resources import Deployment, Reconnect

PATCH_TUESDAY = (2, 1)
"""The second Tuesday of a month, on which the vendor publishes its updates."""


def late_before(deployment: Deployment, now: datetime) -> datetime:
    """Return the moment such that a headset which was last seen before it is late at ``now``.

    Source: 'Common scenarios: near offline or isolated environments' (Microsoft, 2024-06-27), section 'Deploy and
    maintain': devices reconnect on a date that is agreed.
    """
    rule = deployment.reconnect
    if rule.rule == "interval":
        return now - timedelta(days=rule.interval_days + rule.window_days + rule.grace_days)
    zone = _zone(deployment.timezone)
    local = now.astimezone(zone)
    past = timedelta(days=rule.window_days + rule.grace_days)
    year, month = local.year, local.month
    while True:
        begins = datetime.combine(window_day(rule, year, month), time(), tzinfo=zone)
        if begins + past <= local:
            return begins
        year, month = (year - 1, 12) if month == 1 else (year, month - 1)


def window_day(rule: Reconnect, year: int, month: int) -> date:
    """Return the first day of the reconnect window of a month."""
    if not rule.after_patch_tuesday:
        return _nth(year, month, rule.ordinal, rule.weekday)
    tuesday = _nth(year, month, *PATCH_TUESDAY)
    ahead = (rule.weekday - tuesday.weekday() - 1) % 7 + 1
    return tuesday + timedelta(days=ahead)


def _nth(year: int, month: int, ordinal: int, weekday: int) -> date:
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (ordinal - 1))


def _zone(name: str) -> tzinfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")
