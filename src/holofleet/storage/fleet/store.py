"""The port of the fleet's room, joined from publishing and views."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta

from holofleet.resources import State
from holofleet.server.authorization import Scope
from holofleet.server.events import Event
from holofleet.server.fleet.publication import Publication, Told
from holofleet.server.fleet.saved import SavedView
from holofleet.server.fleet.store import NewPublication
from holofleet.server.fleet.views import (
    DriftItem,
    EnrollmentView,
    HeadsetDetail,
    HeadsetQuery,
    Overview,
    Page,
    ReportedPage,
    SettingPlace,
)
from holofleet.storage.database import Database
from holofleet.storage.fleet import saved, views
from holofleet.storage.fleet.counting import RecentCounts
from holofleet.storage.fleet.detail import headset_detail
from holofleet.storage.fleet.publishing import newest, publish, texts_of
from holofleet.storage.fleet.reported import reported
from holofleet.storage.fleet.searching import settings_named
from holofleet.storage.moments import from_micros


class SQLFleetStore:
    """Implements :class:`holofleet.server.fleet.store.FleetStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._counts = RecentCounts()

    def publish(self, new: NewPublication, /) -> Publication:
        with self._database.transaction() as connection:
            return publish(connection, new)

    def told(self) -> Told:
        with self._database.read() as connection:
            row = newest(connection)
        if row is None:
            empty = State()
            return Told(empty.to_json(), empty.hash, None, "")
        return Told(json.loads(row.state), row.state_hash, from_micros(row.at), row.actor)

    def texts(self) -> Mapping[str, str]:
        with self._database.read() as connection:
            return texts_of(newest(connection))

    def overview(self, scope: Scope, /, *, now: datetime) -> Overview:
        with self._database.read() as connection:
            return views.overview(connection, scope, now, self._counts)

    def count_ahead(self, scope: Scope, /, *, now: datetime) -> timedelta:
        with self._database.read() as connection:
            return self._counts.ahead(connection, scope, now)

    def headsets(
        self, scope: Scope, query: HeadsetQuery, /, *, after: str | None, limit: int, now: datetime
    ) -> Page:
        with self._database.read() as connection:
            return views.page(connection, scope, query, after=after, limit=limit, now=now)

    def names(self, scope: Scope, serials: Collection[str], /) -> Mapping[str, str]:
        with self._database.read() as connection:
            return views.names(connection, scope, serials)

    def sites(self, scope: Scope, /) -> Sequence[str]:
        with self._database.read() as connection:
            return views.sites(connection, scope)

    def headset(self, scope: Scope, serial: str, /, *, now: datetime) -> HeadsetDetail | None:
        with self._database.read() as connection:
            return headset_detail(connection, scope, serial, now)

    def settings_named(self, scope: Scope, text: str, /, *, limit: int) -> Sequence[SettingPlace]:
        with self._database.read() as connection:
            return settings_named(connection, scope, text, limit=limit)

    def saved_views(self, upn: str, /) -> tuple[SavedView, ...]:
        with self._database.read() as connection:
            return saved.saved_views(connection, upn)

    def save_view(self, upn: str, view: SavedView, /, *, most: int) -> bool:
        with self._database.transaction() as connection:
            return saved.save_view(connection, upn, view, most=most)

    def drop_view(self, upn: str, name: str, /) -> None:
        with self._database.transaction() as connection:
            saved.drop_view(connection, upn, name)

    def drift(self, scope: Scope, /) -> Sequence[DriftItem]:
        with self._database.read() as connection:
            return views.drift(connection, scope)

    def reported(self, scope: Scope, /, *, after: str | None, limit: int) -> ReportedPage:
        with self._database.read() as connection:
            return reported(connection, scope, after=after, limit=limit)

    def enrollments(self, scope: Scope, /, *, standing: str | None) -> Sequence[EnrollmentView]:
        with self._database.read() as connection:
            return views.enrollments(connection, scope, standing=standing)

    def events_after(self, scope: Scope, /, *, sequence: int, limit: int) -> Sequence[Event]:
        with self._database.read() as connection:
            return views.events_after(connection, scope, sequence=sequence, limit=limit)
