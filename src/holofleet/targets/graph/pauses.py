"""What a run waits for, in words, and how long at most: a rate and a time left would only mislead then."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Why(StrEnum):
    """Why a request waits; the value is read with a number before it."""

    SILENT = "that the service has not answered yet"
    LOST = "whose answer was lost: looked for before they are sent again"
    NEW = "about something new that the service does not show everywhere yet"
    BUSY = "put off because the service is busy or a limit is reached"
    SLOW = "about work that the service has not finished"


_BOUNDED = frozenset({Why.SILENT, Why.LOST, Why.NEW})


@dataclass(frozen=True, slots=True)
class Pause:
    """One request that waits.

    Args:
        why: For what.
        left_s: How long at most from now; for BUSY and SLOW until it is asked again.
    """

    why: Why
    left_s: float


def said(pauses: Iterable[Pause]) -> str:
    """Return what is waited for, the longest first; empty where nothing is."""
    found: dict[Why, list[float]] = {}
    for pause in pauses:
        found.setdefault(pause.why, []).append(max(0.0, pause.left_s))
    longest = sorted(found.items(), key=lambda one: (-max(one[1]), one[0]))
    return "; ".join(_part(why, len(left), max(left)) for why, left in longest)


def _part(why: Why, count: int, left_s: float) -> str:
    bound = f"at most {left_s:.0f} s more" if why in _BOUNDED else f"asks again within {left_s:.0f} s"
    requests = "1 request" if count == 1 else f"{count} requests"
    return f"waits for {requests} {why}, {bound}"
