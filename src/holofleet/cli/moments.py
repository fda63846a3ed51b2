"""Moments as people type them and as they are printed: UTC, to the minute."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from holofleet.clock import Clock, SystemClock, render_utc
from holofleet.errors import InputError

_SPAN = re.compile(r"(\d{1,5})([mhd])\Z")
_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}


def moment(text: str, *, past: bool, clock: Clock | None = None) -> str:
    """Return a moment for the API; nothing for nothing.

    Args:
        text: ``2026-11-24T10:00`` with or without seconds and zone (UTC without), ``2026-11-24``, or a span from
            now such as ``4h``.
        past: Whether a span goes back.
        clock: For tests.

    Raises:
        InputError: no moment.
    """
    if not text:
        return ""
    span = _SPAN.match(text)
    if span is not None:
        step = int(span[1]) * _UNITS[span[2]]
        now = (clock or SystemClock()).now()
        return render_utc(now - step if past else now + step)
    try:
        found = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError as error:
        raise InputError(
            f"{text[:40]!r} is no moment", mend="Write it as 2026-11-24T10:00 (UTC), or as a span: 30m, 4h, 2d."
        ) from error
    return render_utc(found if found.tzinfo is not None else found.replace(tzinfo=UTC))


def minute(text: str) -> str:
    """Return a moment of the API as it is printed."""
    return f"{text[:16].replace('T', ' ')} UTC"
