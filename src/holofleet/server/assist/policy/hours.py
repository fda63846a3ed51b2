"""Hours of a week in a zone: open now, and when next."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from holofleet.resources import WeekHours

_DAY_MIN = 24 * 60


def is_open(hours: WeekHours, at: datetime) -> bool:
    """Whether a moment is inside the hours; always, where they name no span."""
    if not hours.spans:
        return True
    local = at.astimezone(ZoneInfo(hours.timezone))
    minute = local.weekday() * _DAY_MIN + local.hour * 60 + local.minute
    return any(start <= minute < end for start, end in hours.spans)


def opens_at(hours: WeekHours, at: datetime) -> datetime:
    """Return the first moment from ``at`` on that is inside the hours; ``at`` itself where it is.

    A span that begins in an hour which the change to summer time leaves out begins when the clock has moved.
    """
    if is_open(hours, at):
        return at
    zone = ZoneInfo(hours.timezone)
    today = at.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
    starts = sorted(
        moment
        for day in range(9)
        for start, _ in hours.spans
        if start // _DAY_MIN == (today + timedelta(days=day)).weekday()
        and (moment := _moment(today + timedelta(days=day, minutes=start % _DAY_MIN), zone, at)) > at
    )
    return starts[0]


def _moment(wall: datetime, zone: ZoneInfo, like: datetime) -> datetime:
    return wall.replace(tzinfo=zone).astimezone(like.tzinfo)
