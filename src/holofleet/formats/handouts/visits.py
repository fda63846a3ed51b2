"""The days on which headsets of a deployment come back to the network.

Source: 'Common scenarios: near offline or isolated environments' (Microsoft, 2024-06-27), sections 'Governance
processes for User Enrollment and Updates' and 'Deploy and maintain'.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from holofleet.resources import Reconnect

_TUESDAY = 1
_SECOND = 2
_DECEMBER = 12


@dataclass(frozen=True, slots=True)
class Visit:
    """One visit: its first day, the first day after it, and a name that stays when the day moves.

    Args:
        label: ``2027-01`` with a monthly rule, ``visit-3`` with an interval.
        first: First day.
        end: The day after the last one.
    """

    label: str
    first: date
    end: date


def visits(rule: Reconnect, *, since: date, until: date) -> Iterator[Visit]:
    """Yield the visits that begin on a day from ``since`` to ``until``, both included, in order.

    With an interval the headsets leave on ``since``: the first visit is one interval later.
    """
    length = timedelta(days=rule.window_days)
    if rule.rule == "interval":
        number = 1
        while (first := since + timedelta(days=rule.interval_days * number)) <= until:
            yield Visit(f"visit-{number}", first, first + length)
            number += 1
        return
    year, month = since.year, since.month
    while (year, month) <= (until.year, until.month):
        first = day_of_month(rule, year, month)
        if since <= first <= until:
            yield Visit(f"{year:04}-{month:02}", first, first + length)
        year, month = (year + 1, 1) if month == _DECEMBER else (year, month + 1)


def day_of_month(rule: Reconnect, year: int, month: int) -> date:
    """Return the day that a monthly rule means in a month."""
    if not rule.after_patch_tuesday:
        return _nth(year, month, rule.ordinal, rule.weekday)
    tuesday = _nth(year, month, _SECOND, _TUESDAY)
    return tuesday + timedelta(days=(rule.weekday - _TUESDAY - 1) % 7 + 1)


def _nth(year: int, month: int, ordinal: int, weekday: int) -> date:
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (ordinal - 1))
