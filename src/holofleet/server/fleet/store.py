"""The ports of this room: publications and the read models. Every read takes a scope (SECURITY ISO-1)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from holofleet.server.audit import AuditRecord
from holofleet.server.authorization import Decision, Scope
from holofleet.server.events import Event
from holofleet.server.fleet.publication import Publication, PublishedFleet, Told
from holofleet.server.fleet.saved import SavedViewStore
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


@dataclass(frozen=True, slots=True)
class NewPublication:
    """A publication to be stored, all of it or nothing.

    Args:
        expect_told_hash: Hash of the State that the plan was made against; ``None`` to publish whatever stands.
        may_grant: Whether the publisher may also change what people may do in the console.
    """

    id: str
    at: datetime
    actor: str
    state_hash: str
    state: str
    texts: str
    plan_hash: str
    expect_told_hash: str | None
    fleet: PublishedFleet
    audit: AuditRecord
    epoch: int
    may_grant: Decision


class FleetStore(SavedViewStore, Protocol):
    """Publications and read models."""

    def publish(self, new: NewPublication, /) -> Publication:
        """Store a publication with everything that follows from it, in one transaction.

        Publishing what was told last changes nothing and returns that publication.

        Raises:
            ConflictError: another State was told in between, or a deployment would change its client.
        """
        ...

    def told(self) -> Told:
        """Return what was told last (unscoped: the caller must may read every client)."""
        ...

    def texts(self) -> Mapping[str, str]:
        """Return the texts of the fleet file that was told last (unscoped, as :meth:`told`)."""
        ...

    def overview(self, scope: Scope, /, *, now: datetime) -> Overview: ...

    def count_ahead(self, scope: Scope, /, *, now: datetime) -> timedelta:
        """Count what an overview shows before anybody asks for it, and return when to do it again."""
        ...

    def headsets(
        self, scope: Scope, query: HeadsetQuery, /, *, after: str | None, limit: int, now: datetime
    ) -> Page: ...

    def names(self, scope: Scope, serials: Collection[str], /) -> Mapping[str, str]:
        """Return the names of headsets by serial; those without a name, and those of others, are left out."""
        ...

    def sites(self, scope: Scope, /) -> Sequence[str]:
        """Return the sites at which headsets stand, in order."""
        ...

    def headset(self, scope: Scope, serial: str, /, *, now: datetime) -> HeadsetDetail | None: ...

    def settings_named(self, scope: Scope, text: str, /, *, limit: int) -> Sequence[SettingPlace]:
        """Return settings whose LocURI has a text, with the deployments that say something about them."""
        ...

    def drift(self, scope: Scope, /) -> Sequence[DriftItem]: ...

    def reported(self, scope: Scope, /, *, after: str | None, limit: int) -> ReportedPage: ...

    def enrollments(self, scope: Scope, /, *, standing: str | None) -> Sequence[EnrollmentView]: ...

    def events_after(self, scope: Scope, /, *, sequence: int, limit: int) -> Sequence[Event]: ...
