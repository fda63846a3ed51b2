"""Moments as the tables hold them: integer microseconds since the epoch in UTC."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def to_micros(moment: datetime) -> int:
    """Return an aware moment as microseconds since the epoch."""
    return (moment - EPOCH) // _MICROSECOND


def from_micros(value: int) -> datetime:
    """Return the moment that :func:`to_micros` wrote."""
    return EPOCH + timedelta(microseconds=value)
