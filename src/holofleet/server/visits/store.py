"""The port of this room."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from holofleet.resources import Deployment, Site
from holofleet.server.authorization import Scope
from holofleet.server.compliance import Compliance


@dataclass(frozen=True, slots=True)
class DeploymentAt:
    """A deployment, with the days for which its headsets remember who is in which group; 0 where nobody said."""

    deployment: Deployment
    cache_days: int = 0


@dataclass(frozen=True, slots=True)
class Since:
    """What is counted of a deployment: who was seen since a moment, whose certificate ends before another."""

    seen_since: datetime | None
    ends_before: datetime | None


@dataclass(frozen=True, slots=True)
class PlaceCount:
    """Headsets of one deployment at one site (empty: none is said).

    Args:
        headsets: Those that count: retired ones are left out.
        late: That missed their time.
        came: Seen since the moment asked for.
        running_out: Whose certificate ends before the moment asked for.
    """

    deployment: str
    site: str
    headsets: int
    late: int = 0
    came: int = 0
    running_out: int = 0


@dataclass(frozen=True, slots=True)
class Visitor:
    """A headset that is expected, and what waits for it.

    Args:
        settings_wait: The file wants settings that it has not taken yet.
        account: Sign-in name of its own account, where it has one.
        build: Of Windows, as reported.
    """

    serial: str
    name: str
    client: str
    word: Compliance
    settings_wait: bool
    orders_wait: int
    account: str
    build: str
    last_seen_at: datetime | None
    certificate_ends: datetime | None


@dataclass(frozen=True, slots=True)
class VisitorPage:
    """Headsets by serial; ``next`` is the ``after`` of the next page, or ``None``."""

    headsets: tuple[Visitor, ...]
    next: str | None


class VisitStore(Protocol):
    """Every read takes a scope (SECURITY ISO-1)."""

    def deployments(self, scope: Scope) -> Sequence[DeploymentAt]:
        """Return the published deployments, by name."""
        ...

    def sites(self, scope: Scope) -> Mapping[str, Site]:
        """Return the published sites, by name."""
        ...

    def places(self, scope: Scope, since: Mapping[str, Since], *, now: datetime) -> Sequence[PlaceCount]:
        """Count headsets by deployment and site; one statement, however many there are."""
        ...

    def count_ahead(self, scope: Scope, since: Mapping[str, Since], *, now: datetime) -> timedelta:
        """Count what :meth:`places` returns before anybody asks, and return when to do it again."""
        ...

    def visitors(
        self, scope: Scope, deployment: str, site: str, *, now: datetime, after: str, limit: int
    ) -> VisitorPage:
        """Return the headsets of a deployment at a site, by serial."""
        ...
