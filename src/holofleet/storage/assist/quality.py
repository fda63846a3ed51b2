"""Calls counted by site: one statement for the media, one for the calls, one for the checks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, func, select

from holofleet.server.assist.quality import GOOD, PoorCheck, SiteQuality
from holofleet.server.authorization import Scope
from holofleet.storage.database import Database
from holofleet.storage.moments import from_micros, to_micros
from holofleet.storage.scoping import in_scope, not_apart
from holofleet.storage.tables.assist import CALL, CALL_CHECK, CALL_MEDIA
from holofleet.storage.tables.management import HEADSET

_C, _H, _K, _M = CALL.c, HEADSET.c, CALL_CHECK.c, CALL_MEDIA.c
_SITE = func.coalesce(_H.site, "").label("site")


class StoredQuality:
    """Implements :class:`holofleet.server.assist.quality.QualityStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def sites(self, scope: Scope, *, since: datetime, relayed: bool | None) -> Sequence[SiteQuality]:
        begun = to_micros(since)
        seconds: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
        through: dict[str, float] = defaultdict(float)
        calls: dict[str, tuple[int, int]] = {}
        checks: dict[str, dict[str, int]] = defaultdict(dict)
        with self._database.read() as connection:
            for row in connection.execute(_media(scope, begun, relayed)):
                seconds[row.site][row.grade] += row.seconds
                through[row.site] += row.seconds if row.relayed else 0.0
            for row in connection.execute(_calls(scope, begun)):
                calls[row.site] = (row.calls, row.connected)
            for row in connection.execute(_checks(scope, begun)):
                checks[row.site][row.grade] = row.headsets
        return tuple(
            SiteQuality(
                site,
                dict(seconds.get(site, {})),
                through.get(site, 0.0),
                *calls.get(site, (0, 0)),
                checks.get(site, {}),
            )
            for site in sorted({*seconds, *calls, *checks})
        )

    def poor_checks(self, scope: Scope, *, since: datetime, limit: int) -> Sequence[PoorCheck]:
        last = _last(to_micros(since))
        statement = (
            select(_H.serial, _H.name, _SITE, _K.grade, _K.at)
            .join(last, last.c.sequence == _K.sequence)
            .join(HEADSET, and_(_H.serial == _K.serial, _H.client_id == _K.client_id))
            .where(_K.grade.not_in(sorted(GOOD)), _K.grade != "")
        )
        ordered = in_scope(statement, _H.client_id, scope).order_by(_K.at.desc(), _H.serial).limit(limit)
        with self._database.read() as connection:
            return tuple(
                PoorCheck(row.serial, row.name, row.site, row.grade, from_micros(row.at))
                for row in connection.execute(ordered)
            )


def _media(scope: Scope, begun: int, relayed: bool | None) -> Select[Any]:
    # By headset first: few rows are left to be looked up where each stands.
    each = select(_M.client_id, _M.serial, _M.grade, _M.relayed, func.sum(_M.seconds).label("seconds"))
    each = each.where(_M.at >= begun, *not_apart(_M.client_id, scope))
    if relayed is not None:
        each = each.where(_M.relayed == int(relayed))
    summed = each.group_by(_M.client_id, _M.serial, _M.grade, _M.relayed).cte("summed")
    found = (
        select(_SITE, summed.c.grade, summed.c.relayed, func.sum(summed.c.seconds).label("seconds"))
        .select_from(summed)
        .join(HEADSET, and_(_H.serial == summed.c.serial, _H.client_id == summed.c.client_id))
        .group_by(_SITE, summed.c.grade, summed.c.relayed)
    )
    scoped: Select[Any] = in_scope(found, _H.client_id, scope)
    return scoped


def _calls(scope: Scope, begun: int) -> Select[Any]:
    each = select(
        _C.client_id, _C.serial, func.count().label("calls"), func.count(_C.started_at).label("connected")
    )
    seen = each.where(_C.created_at >= begun, *not_apart(_C.client_id, scope))
    counted = seen.group_by(_C.client_id, _C.serial).cte("counted")
    found = (
        select(_SITE, func.sum(counted.c.calls).label("calls"), func.sum(counted.c.connected).label("connected"))
        .select_from(counted)
        .join(HEADSET, and_(_H.serial == counted.c.serial, _H.client_id == counted.c.client_id))
        .group_by(_SITE)
    )
    scoped: Select[Any] = in_scope(found, _H.client_id, scope)
    return scoped


def _checks(scope: Scope, begun: int) -> Select[Any]:
    last = _last(begun)
    found = (
        select(_SITE, _K.grade, func.count().label("headsets"))
        .select_from(CALL_CHECK)
        .join(last, last.c.sequence == _K.sequence)
        .join(HEADSET, and_(_H.serial == _K.serial, _H.client_id == _K.client_id))
        .where(_K.grade != "")
        .group_by(_SITE, _K.grade)
    )
    scoped: Select[Any] = in_scope(found, _H.client_id, scope)
    return scoped


def _last(begun: int) -> Any:
    """The last check of each headset."""
    return (
        select(func.max(_K.sequence).label("sequence")).where(_K.at >= begun).group_by(_K.client_id, _K.serial)
    ).cte("last_check")
