"""What other rooms add to the overview: what waits for a person there, and what comes up.

These reads look at people, licenses and loans; the overview is made once a second while events come. So what they
found is kept for a minute for each scope, and very large fleets leave licenses to their own page.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from threading import Lock
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import quote

from holofleet.server.approvals import Status
from holofleet.server.authorization import Action, Scope
from holofleet.server.loans import Stage
from holofleet.web.console.calendar import site_of, window_href
from holofleet.web.console.words import count

if TYPE_CHECKING:
    from holofleet.web.console.visit import Visit

T = TypeVar("T")
KEPT_FOR = timedelta(seconds=60)
MOST_KEPT = 32
LARGE = 20_000
"""Headsets beyond which the overview does not work out who lacks a license. Ours."""
AHEAD = timedelta(days=21)
SHOWN = 6
PLANS = "/plans"
"""Address of the requests for a second person."""


@dataclass(frozen=True, slots=True)
class Need:
    """Something that waits for a person: what, why, and the one thing to do."""

    tone: str
    icon: str
    kind: str
    what: str
    why: str
    verb: str
    href: str
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Coming:
    """Something that happens on a day."""

    day: date
    what: str
    detail: str
    href: str
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Joined:
    """What the rooms add, in the order in which it is worst."""

    approvals: tuple[Need, ...] = ()
    security: tuple[Need, ...] = ()
    late: tuple[Need, ...] = ()
    licenses: tuple[Need, ...] = ()
    coming: tuple[Coming, ...] = ()


@dataclass
class RecentlyJoined:
    """What was joined within the last minute, by scope. Safe for use from several threads."""

    _made: OrderedDict[tuple[Scope, frozenset[Action]], tuple[datetime, object, Joined]] = field(
        default_factory=OrderedDict
    )
    _lock: Lock = field(default_factory=Lock)

    def of(self, visit: Visit, mark: object, headsets: int) -> Joined:
        """Return what stands; ``mark`` changes with what somebody waits to see at once."""
        rights = frozenset(action for action in _READS if visit.may(action))
        key = (visit.scope, rights)
        with self._lock:
            known = self._made.get(key)
        if known is not None and known[1] == mark and timedelta(0) <= visit.now - known[0] < KEPT_FOR:
            return known[2]
        joined = join(visit, headsets)
        with self._lock:
            self._made[key] = (visit.now, mark, joined)
            self._made.move_to_end(key)
            while len(self._made) > MOST_KEPT:
                self._made.popitem(last=False)
        return joined


_READS = (Action.READ_ORDERS, Action.READ_HEADSETS, Action.READ_LICENSES, Action.READ_LOANS, Action.READ_SETTINGS)


def join(visit: Visit, headsets: int) -> Joined:
    """Ask every room that the person may see."""
    coming = [*_if(visit, Action.READ_HEADSETS, _windows), *_if(visit, Action.READ_LOANS, _loans)]
    coming += _if(visit, Action.READ_SETTINGS, _certificates)
    licenses: list[Need] = []
    if headsets <= LARGE and visit.may(Action.READ_LICENSES):
        licenses, ending = _licenses(visit)
        coming += ending
    return Joined(
        approvals=tuple(_if(visit, Action.READ_ORDERS, _approvals)),
        security=tuple(_if(visit, Action.READ_HEADSETS, _running_out)),
        late=tuple(_if(visit, Action.READ_LOANS, _overdue)),
        licenses=tuple(licenses),
        coming=tuple(sorted(coming, key=lambda one: one.day)[:SHOWN]),
    )


def _if(visit: Visit, action: Action, read: Callable[[Visit], Iterator[T]]) -> list[T]:
    return list(read(visit)) if visit.may(action) else []


def _approvals(visit: Visit) -> Iterator[Need]:
    for one in visit.services.approvals.requests.listed(visit.principal):
        if one.status is Status.WAITING:
            yield Need(
                "pending",
                "person",
                "Approval",
                f"{one.subject.value.capitalize()} waits for a second person",
                f"{one.author} asked for it: {one.reason or 'no reason was given'}.",
                "Look",
                f"{PLANS}/{quote(one.id)}",
                one.created_at,
            )


def _running_out(visit: Visit) -> Iterator[Need]:
    for place in visit.services.visits.places(visit.scope):
        if place.count.running_out and place.ahead:
            ends = count(place.count.running_out, "certificate ends", "certificates end")
            yield Need(
                "late",
                "key",
                "Security due",
                f"{ends} before {site_of(place)} reconnects",
                "Such a headset cannot check in any more: it has to enroll again.",
                "See who",
                window_href(place, place.ahead[0]),
            )


def _overdue(visit: Visit) -> Iterator[Need]:
    for one in visit.services.loans.board(visit.principal):
        href = f"/loans/{quote(one.loan.id)}"
        stopped = [line.what for headset in one.headsets for line in headset.lines if line.stops]
        soon = one.loan.ships - visit.now.date() <= timedelta(days=3)
        if one.overdue:
            why = f"It was due on {one.loan.returns}." if one.loan.returns else "Its day has passed."
            yield Need("late", "retired", "Loan", f"{one.loan.name} is overdue", why, "Open", href)
        elif one.stage is Stage.PREPARE and soon and stopped:
            what = f"{one.loan.name} ships on {one.loan.ships} and is not ready"
            yield Need("late", "retired", "Loan", what, f"Open: {stopped[0]}.", "Open", href)


def _licenses(visit: Visit) -> tuple[list[Need], list[Coming]]:
    report = visit.services.licenses.report(visit.principal)
    needs, ending = [], []
    lacking = len({lack.upn for lack in report.lacking if lack.need.required})
    if lacking:
        what = f"{count(lacking, 'person lacks', 'people lack')} a license that the job needs"
        needs.append(
            Need("drifted", "key", "Licenses", what, "Calls or sign-in fail for them.", "See who", "/licenses")
        )
    short = sum(pool.short for pool in report.pools)
    if short:
        what = f"{count(short, 'seat is', 'seats are')} short"
        needs.append(
            Need("drifted", "key", "Licenses", what, "More are to be given than were bought.", "Look", "/licenses")
        )
    for pool in report.pools:
        if pool.expiring and pool.trial_until is not None:
            ended = (pool.ends_in_days or 0) < 0
            words = "trial has ended" if ended else "trial ends"
            ending.append(Coming(pool.trial_until, f"{pool.title}: {words}", "", "/licenses", "late"))
    return needs, ending


def _windows(visit: Visit) -> Iterator[Coming]:
    until = (visit.now + AHEAD).date()
    for place in visit.services.visits.places(visit.scope):
        if place.ahead and place.ahead[0].first <= until and place.count.headsets:
            first = place.ahead[0]
            detail = f"{place.deployment.name}, {count(place.count.headsets, 'headset')}"
            yield Coming(first.first, f"{site_of(place)} reconnects", detail, window_href(place, first))


def _loans(visit: Visit) -> Iterator[Coming]:
    today, until = visit.now.date(), (visit.now + AHEAD).date()
    for one in visit.services.loans.board(visit.principal):
        href, number = f"/loans/{quote(one.loan.id)}", count(len(one.headsets), "headset")
        if one.stage in (Stage.PREPARE, Stage.READY) and today <= one.loan.ships <= until:
            yield Coming(one.loan.ships, f"{one.loan.name} ships", number, href)
        elif one.stage in (Stage.SHIPPED, Stage.AT_CLIENT) and one.loan.returns and one.loan.returns <= until:
            yield Coming(one.loan.returns, f"{one.loan.name} comes back", number, href)


def _certificates(visit: Visit) -> Iterator[Coming]:
    for section in visit.console.settings.setup:
        for fact in section.facts:
            if fact.ends is not None and fact.ends - visit.now < AHEAD:
                yield Coming(fact.ends.date(), f"{fact.title} ends", fact.note, f"/settings/{section.key}", "late")


def moment_of(day: date) -> datetime:
    """Return the beginning of a day, for the element of a time."""
    return datetime.combine(day, time(), tzinfo=UTC)
