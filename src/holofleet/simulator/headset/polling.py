"""When a headset asks its server by itself: the three sets of retries of the DMClient CSP.

Source: DMClient CSP, node Poll (Microsoft). That 0 first retries with an interval give an endless schedule was
measured on Windows 11 by another implementer.
"""

from __future__ import annotations

from collections.abc import Callable

from holofleet.simulator.headset.markup import is_number

Read = Callable[[str], str | None]
_SETS = (
    ("NumberOfFirstRetries", "IntervalForFirstSetOfRetries"),
    ("NumberOfSecondRetries", "IntervalForSecondSetOfRetries"),
    ("NumberOfRemainingScheduledRetries", "IntervalForRemainingScheduledRetries"),
)


def next_interval_min(read: Read, *, polls: int) -> int | None:
    """Return the minutes until the next poll, None if no further poll is scheduled.

    Args:
        read: Returns a value below the server's DMClient node, such as ``Poll/NumberOfFirstRetries``.
        polls: Scheduled polls since the enrollment.
    """
    left = polls
    for count_name, interval_name in _SETS:
        interval = _number(read(f"Poll/{interval_name}"))
        if interval <= 0:
            continue
        count = _number(read(f"Poll/{count_name}"))
        if count == 0 or left < count:
            return interval
        left -= count
    return None


def _number(text: str | None) -> int:
    return int(text) if text and is_number(text) else 0
