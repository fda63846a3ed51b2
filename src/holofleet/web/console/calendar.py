"""The calendar: who reconnects when, and did they come?

A deployment whose headsets reconnect on an agreed day has a window each month; where they come back every so many
days there are no days to show, and the page says so.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from starlette.responses import Response

from holofleet.resources import Deployment, State
from holofleet.server.authorization import Action
from holofleet.server.fleet.lateness import window_day
from holofleet.server.fleet.views import HeadsetQuery
from holofleet.web.console.visit import Visit
from holofleet.web.declaration import declares

MONTHS = 6
MOST = 500
"""Headsets of one deployment that are counted one by one; more are counted by their word only. Ours."""
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_ORDINALS = ("", "first", "second", "third", "fourth")


@dataclass(frozen=True, slots=True)
class Window:
    """One time to reconnect.

    Args:
        came: How many were seen since it began; ``None`` for one that is still to come.
    """

    first: date
    last: date
    came: int | None


@dataclass(frozen=True, slots=True)
class Row:
    """A deployment, its rule in words and its windows: the last one, and those ahead."""

    deployment: Deployment
    rule: str
    headsets: int
    late: int
    last: Window | None
    ahead: tuple[Window, ...]
    cut: bool = False


@declares(Action.READ_HEADSETS)
def calendar_page(visit: Visit) -> Response:
    """``/calendar``: deployments by their next window."""
    visit.require(Action.READ_HEADSETS)
    rows = sorted(
        rows_of(visit), key=lambda row: (row.ahead[0].first if row.ahead else date.max, row.deployment.name)
    )
    return visit.render(
        "calendar.html",
        here="calendar",
        monthly=[row for row in rows if row.ahead],
        others=[row for row in rows if not row.ahead],
        late=sum(row.late for row in rows),
    )


def _next(row: Row) -> date:
    return row.ahead[0].first if row.ahead else date.max


def rows_of(visit: Visit) -> Iterable[Row]:
    """Read the published deployments of the clients that are seen."""
    told = visit.services.fleet.told()
    state = State.from_json(told.state) if told.published_at is not None else State([])
    counts = {one.name: one.counts for one in visit.services.fleet.overview(visit.scope).deployments}
    for address, deployment in sorted(state.resources.items(), key=lambda item: str(item[0])):
        if not isinstance(deployment, Deployment) or address.kind != Deployment.kind:
            continue
        if not visit.scope.includes(deployment.client):
            continue
        number = counts.get(deployment.name, {})
        managed = sum(number.values()) - number.get("retired", 0)
        seen, cut = last_seen(visit, deployment.name)
        last, ahead = windows(deployment, visit.now, seen)
        yield Row(deployment, rule_in_words(deployment), managed, number.get("late", 0), last, ahead, cut)


def last_seen(visit: Visit, deployment: str) -> tuple[list[datetime], bool]:
    """Return when headsets of a deployment were last seen, and whether there are more than were read."""
    page = visit.services.fleet.headsets(visit.scope, HeadsetQuery(deployment=deployment), after=None, limit=MOST)
    times = [one.last_seen_at for one in page.headsets if one.last_seen_at is not None]
    return times, page.next is not None


def windows(
    deployment: Deployment, now: datetime, seen: Iterable[datetime]
) -> tuple[Window | None, tuple[Window, ...]]:
    """Return the window that began last, with how many came since, and the next ones."""
    rule = deployment.reconnect
    if rule.rule != "monthly":
        return None, ()
    length, today = timedelta(days=rule.window_days - 1), now.astimezone(UTC).date()
    begun: date | None = None
    ahead: list[Window] = []
    year, month = (today.year, today.month - 1) if today.month > 1 else (today.year - 1, 12)
    for _ in range(MONTHS + 2):
        first = window_day(rule, year, month)
        if first <= today:
            begun = first
        elif len(ahead) < MONTHS:
            ahead.append(Window(first, first + length, None))
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    if begun is None:
        return None, tuple(ahead)
    start = datetime.combine(begun, time(), tzinfo=UTC)
    return Window(begun, begun + length, sum(1 for at in seen if at >= start)), tuple(ahead)


def rule_in_words(deployment: Deployment) -> str:
    """Say when headsets of a deployment are expected."""
    rule = deployment.reconnect
    if rule.rule != "monthly":
        return f"at least every {rule.interval_days} days"
    day = _WEEKDAYS[rule.weekday]
    if rule.after_patch_tuesday:
        return f"the first {day} after the second Tuesday of each month"
    return f"the {_ORDINALS[rule.ordinal]} {day} of each month"
