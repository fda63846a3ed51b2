"""Licenses as they would be with a fleet file, before anything is applied."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.responses import Response

from holofleet.errors import InputError
from holofleet.resources import State
from holofleet.server.authorization import Action
from holofleet.server.licenses import PoolStanding, Report
from holofleet.web.console.licenses import ERRORS, answer_of_report
from holofleet.web.console.slices import page_of
from holofleet.web.console.visit import Visit
from holofleet.web.console.words import problem_of
from holofleet.web.declaration import declares

PATH = "/licenses/forecast"


@dataclass(frozen=True, slots=True)
class Change:
    """What becomes of the seats of one product: now, and then."""

    title: str
    needed: tuple[int, int]
    owned: tuple[int, int]
    short: int


@declares(Action.READ_LICENSES)
def forecast_page(visit: Visit) -> Response:
    """``GET /licenses/forecast``: with the fleet file that was published last, and a field for another one."""
    visit.require(Action.READ_LICENSES)
    told = visit.services.fleet.told()
    if told.published_at is None or not visit.scope.is_every:
        return _page(visit, None)
    return _page(visit, visit.services.licenses.forecast(visit.principal, State.from_json(dict(told.state))))


@declares(Action.PUBLISH_STATE)
def forecast_given(visit: Visit) -> Response:
    """``POST /licenses/forecast``: with the text of a fleet file, which is read and forgotten."""
    visit.require(Action.PUBLISH_STATE)
    text = visit.form.get("text", "").replace("\r\n", "\n")
    try:
        if not text.strip():
            raise InputError("give a fleet file", mend="Paste its text.")
        found = visit.services.licenses.forecast_of(visit.principal, text)
    except InputError as error:
        said = problem_of(error)
        return _page(visit, None, errors={"text": said}, status=422)
    return _page(visit, found)


def changes_of(before: Report, after: Report) -> tuple[Change, ...]:
    """Return what becomes of seats, product by product; those that stay as they are are left out."""
    then = {pool.sku: pool for pool in after.pools}
    now = {pool.sku: pool for pool in before.pools}
    found = []
    for sku in sorted({*then, *now}):
        one, other = now.get(sku), then.get(sku)
        title = (other or one or before.pools[0]).title
        change = Change(
            title, (_needed(one), _needed(other)), (_owned(one), _owned(other)), other.short if other else 0
        )
        if change.needed[0] != change.needed[1] or change.owned[0] != change.owned[1]:
            found.append(change)
    return tuple(found)


def _needed(pool: PoolStanding | None) -> int:
    return pool.used + pool.waiting if pool else 0


def _owned(pool: PoolStanding | None) -> int:
    return pool.seats if pool else 0


def _page(
    visit: Visit, report: Report | None, *, errors: dict[str, str] | None = None, status: int = 200
) -> Response:
    now = visit.services.licenses.report(visit.principal)
    shown = report or now
    return visit.render(
        "licenses_forecast.html",
        status,
        here="licenses",
        report=report,
        answer=answer_of_report(report) if report else "",
        changes=changes_of(now, report) if report else (),
        given=bool(visit.form.get("text")),
        text=visit.form.get("text", ""),
        errors=errors or {},
        published_at=visit.services.fleet.told().published_at,
        may_give=visit.may(Action.PUBLISH_STATE) and visit.scope.is_every,
        sees_seats=visit.scope.is_every,
        errors_in_words=ERRORS,
        groups=(),
        asked_plan="",
        paged=False,
        lacking=page_of(visit, shown.lacking, "lacking"),
        problems=page_of(visit, shown.problems, "problems"),
        wasted=page_of(visit, shown.wasted, "wasted"),
    )
