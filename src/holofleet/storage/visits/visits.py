"""The port of visits."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, case, false, func, literal, or_, select

from holofleet.resources import Deployment, Document, Site
from holofleet.server.authorization import Scope
from holofleet.server.compliance import Compliance
from holofleet.server.visits.store import DeploymentAt, PlaceCount, Since, Visitor, VisitorPage
from holofleet.storage.database import Database
from holofleet.storage.fleet.counting import Mark, Recent, of_these
from holofleet.storage.fleet.words import HEADSETS, E, H, deployment_facts, shown, word
from holofleet.storage.moments import from_micros, to_micros
from holofleet.storage.scoping import in_scope
from holofleet.storage.tables.management import DEPLOYMENT, DOCUMENT
from holofleet.storage.tables.visits import SITE

GROUP_CACHE = "./Device/Vendor/MSFT/Policy/Config/MixedReality/AADGroupMembershipCacheValidityInDays"
"""For how many days a headset remembers who is in which group."""
_D = DEPLOYMENT.c


class StoredVisits:
    """Implements :class:`holofleet.server.visits.store.VisitStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._places: Recent[tuple[PlaceCount, ...]] = Recent()

    def deployments(self, scope: Scope) -> Sequence[DeploymentAt]:
        statement = (
            select(_D.data, DOCUMENT.c.content)
            .join(DOCUMENT, DOCUMENT.c.hash == _D.common_hash)
            .where(_D.removed_at.is_(None))
            .order_by(_D.name)
        )
        with self._database.read() as connection:
            rows = connection.execute(in_scope(statement, _D.client_id, scope)).all()
        return tuple(
            DeploymentAt(Deployment.model_validate_json(row.data), _cache_days(row.content)) for row in rows
        )

    def sites(self, scope: Scope) -> Mapping[str, Site]:
        statement = in_scope(select(SITE.c.name, SITE.c.data), SITE.c.client_id, scope)
        with self._database.read() as connection:
            return {row.name: Site.model_validate_json(row.data) for row in connection.execute(statement)}

    def places(self, scope: Scope, since: Mapping[str, Since], *, now: datetime) -> Sequence[PlaceCount]:
        with self._database.read() as connection:
            mark = Mark.of(connection, scope)
            found = self._places.of(
                connection,
                (scope, frozenset(since.items())),
                lambda only: _counted(connection, _counting(connection, scope, since, now, only)),
                mark=mark,
                now=now,
            )
        return tuple(place for places in found.values() for place in places)

    def count_ahead(self, scope: Scope, since: Mapping[str, Since], *, now: datetime) -> timedelta:
        with self._database.read() as connection:
            return self._places.ahead(
                (scope, frozenset(since.items())),
                lambda only: _counted(connection, _counting(connection, scope, since, now, only)),
                mark=Mark.of(connection, scope),
                now=now,
            )

    def visitors(
        self, scope: Scope, deployment: str, site: str, *, now: datetime, after: str, limit: int
    ) -> VisitorPage:
        with self._database.read() as connection:
            the_word = word(deployment_facts(connection, scope, now)).label("word")
            statement = (
                select(
                    H.serial,
                    H.name,
                    H.client_id,
                    H.variables,
                    H.document_hash,
                    E.acknowledged_hash,
                    E.open_orders,
                    E.os_build,
                    E.last_seen_at,
                    E.certificate_not_after,
                    the_word,
                )
                .select_from(HEADSETS)
                .where(shown(), H.deployment == deployment, func.coalesce(H.site, "") == site, H.serial > after)
            )
            rows = connection.execute(
                in_scope(statement, H.client_id, scope).order_by(H.serial).limit(limit + 1)
            ).all()
        headsets = tuple(_visitor(row) for row in rows[:limit])
        return VisitorPage(headsets, headsets[-1].serial if len(rows) > limit else None)


def _counted(connection: Connection, statement: Select[Any]) -> dict[str, tuple[PlaceCount, ...]]:
    """Run a counting statement, and return places by deployment."""
    found: dict[tuple[str, str], dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for row in connection.execute(statement).all():
        if row.word == str(Compliance.RETIRED):
            continue
        place = found[row.deployment, row.site]
        place["headsets"] += row.headsets
        place["late"] += row.headsets if row.word == str(Compliance.LATE) else 0
        place["came"] += int(row.came or 0)
        place["running_out"] += int(row.running_out or 0)
    places: dict[str, tuple[PlaceCount, ...]] = {}
    for (deployment, site), numbers in found.items():
        places[deployment] = (*places.get(deployment, ()), PlaceCount(deployment, site, **numbers))
    return places


def _counting(
    connection: Connection,
    scope: Scope,
    since: Mapping[str, Since],
    now: datetime,
    only: Collection[str] | None,
) -> Select[Any]:
    the_word = word(deployment_facts(connection, scope, now)).label("word")
    seen = _by_deployment(
        {name: one.seen_since for name, one in since.items()}, lambda moment: E.last_seen_at >= moment
    )
    ends = _by_deployment(
        {name: one.ends_before for name, one in since.items()}, lambda moment: E.certificate_not_after < moment
    )
    made = in_scope(
        select(
            H.deployment,
            func.coalesce(H.site, "").label("site"),
            the_word,
            case((seen, 1), else_=0).label("came"),
            case((ends, 1), else_=0).label("running_out"),
        )
        .select_from(HEADSETS)
        .where(shown(), *of_these(only)),
        H.client_id,
        scope,
    ).cte("made")
    made = made.prefix_with("MATERIALIZED")  # else SQLite reads rows in the order of their groups, thrice as long
    return select(
        made.c.deployment,
        made.c.site,
        made.c.word,
        func.count().label("headsets"),
        func.sum(made.c.came).label("came"),
        func.sum(made.c.running_out).label("running_out"),
    ).group_by(made.c.deployment, made.c.site, made.c.word)


def _by_deployment(moments: Mapping[str, datetime | None], test: Any) -> ColumnElement[bool]:
    """Return a condition with another moment for each deployment; those with the same one share a branch."""
    alike: dict[int, list[str]] = {}
    for name, moment in moments.items():
        if moment is not None:
            alike.setdefault(to_micros(moment), []).append(name)
    if not alike:
        return false()
    return or_(*(and_(H.deployment.in_(names), test(literal(moment))) for moment, names in alike.items()))


def _visitor(row: Any) -> Visitor:
    variables: dict[str, str] = json.loads(row.variables)
    return Visitor(
        serial=row.serial,
        name=row.name,
        client=row.client_id,
        word=Compliance(row.word),
        settings_wait=row.acknowledged_hash != row.document_hash,
        orders_wait=row.open_orders or 0,
        account=variables.get("account", ""),
        build=row.os_build or "",
        last_seen_at=None if row.last_seen_at is None else from_micros(row.last_seen_at),
        certificate_ends=None if row.certificate_not_after is None else from_micros(row.certificate_not_after),
    )


def _cache_days(content: str) -> int:
    setting = Document.from_json(json.loads(content)).by_uri.get(GROUP_CACHE)
    return int(setting.data) if setting is not None and setting.data.isdecimal() else 0
