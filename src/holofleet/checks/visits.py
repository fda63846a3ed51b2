"""Visits to the network, laid beside the day on which the month's updates come out."""

from __future__ import annotations

from holofleet.checks.case import Case
from holofleet.checks.rule import NotApplicable

_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_WEEKS = {"first": 0, "second": 1, "third": 2, "fourth": 3}
_TUESDAY = 1
_SHORTEST_MONTH = 28
"""Days between the second Tuesdays of two months, at the least."""


def unplanned(case: Case) -> NotApplicable | None:
    """Excuse a deployment without a schedule."""
    if case.value("reconnect.rule") is None:
        return NotApplicable("there is no schedule to judge (OFF-17 says so)")
    return None


def days_after_updates(case: Case) -> int | None:
    """Return how many days a monthly visit comes after the newest updates, in the month in which it is least.

    Updates come out on the second Tuesday of a month. A visit by interval lies anywhere: ``None``.
    """
    if case.value("reconnect.rule") != "monthly":
        return None
    day = _DAYS.index(case.value("reconnect.day") or "wednesday")
    if case.value("reconnect.after_patch_tuesday"):
        return (day - _TUESDAY - 1) % 7 + 1
    week = _WEEKS[case.value("reconnect.week") or "second"]
    return min(_after(week, day, first) for first in range(7))


def _after(week: int, day: int, first: int) -> int:
    """Return the same for a month that begins on the weekday ``first``."""
    ahead = 7 * week + (day - first) % 7 - (7 + (_TUESDAY - first) % 7)
    return ahead if ahead >= 0 else ahead + _SHORTEST_MONTH
