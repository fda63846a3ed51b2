"""What is shown of the fleet: values for console, API and command line, in the words of the waist."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from holofleet.server.compliance import Compliance, SettingStatus
from holofleet.server.events import Event
from holofleet.server.orders import Order


@dataclass(frozen=True, slots=True)
class HeadsetQuery:
    """A filter; ``None`` and an empty text let everything through. ``text`` is looked for in serial and name."""

    compliance: Compliance | None = None
    deployment: str | None = None
    client: str | None = None
    site: str | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class HeadsetSummary:
    """One line of the list of headsets. ``reasons`` say why the word is what it is, for a person."""

    serial: str
    name: str
    client: str
    deployment: str
    site: str | None
    compliance: Compliance
    reasons: tuple[str, ...]
    last_seen_at: datetime | None
    os_build: str
    enrollment: str | None
    removed: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the list, ordered by serial. ``next`` is the ``after`` of the next page, or ``None``."""

    headsets: tuple[HeadsetSummary, ...]
    next: str | None


@dataclass(frozen=True, slots=True)
class SettingView:
    """One setting of one headset: what it shall be, what it is, and who says so.

    Args:
        desired: The value as the document has it, variables not filled in; empty for a node to be removed.
        reported: What differs from it; for a compliant setting the value itself, ``None`` if it was never said.
        reason: Why the status is what it is, in words; empty where the status says it all.
        origins: From weakest to strongest: layer, key, path, line, rule.
    """

    oma_uri: str
    name: str
    format: str
    desired: str
    reported: str | None
    status: SettingStatus
    since: datetime | None
    reason: str
    readable: bool
    origins: tuple[Mapping[str, Any], ...]
    evidence: str


@dataclass(frozen=True, slots=True)
class HeadsetDetail:
    """Everything about one headset."""

    summary: HeadsetSummary
    settings: tuple[SettingView, ...]
    undelivered: tuple[Mapping[str, Any], ...]
    inventory: Mapping[str, str]
    orders: tuple[Order, ...]
    timeline: tuple[Event, ...]
    document: str
    acknowledged: str | None
    enrolled_at: datetime | None
    verified_at: datetime | None
    certificate_sha256: str
    certificate_not_after: datetime | None
    standing: str
    standing_reason: str
    tenant_lock: str


@dataclass(frozen=True, slots=True)
class DriftItem:
    """A setting that is not as it was told, of one headset."""

    serial: str
    client: str
    deployment: str
    oma_uri: str
    desired: str
    reported: str | None
    status: SettingStatus
    reason: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Otherwise:
    """A setting that is not, or not yet known to be, as the document of its headset says."""

    status: SettingStatus
    reported: str | None


@dataclass(frozen=True, slots=True)
class ReportedHeadset:
    """What one headset reported last.

    Args:
        document: Hash of the document that it took.
        variables: What differs between equal headsets: fills the variables of the document.
        otherwise: Per LocURI, what is not as the document says; every other setting is proved to be.
    """

    serial: str
    client: str
    deployment: str
    document: str
    variables: Mapping[str, str]
    otherwise: Mapping[str, Otherwise]
    last_seen_at: datetime


@dataclass(frozen=True, slots=True)
class ReportedPage:
    """Reports by serial, with the settings (``oma_uri``, ``format``, ``data``) of the documents they name.

    ``next`` is the ``after`` of the next page, or ``None``. Nodes that may hold a secret are left out.
    """

    headsets: tuple[ReportedHeadset, ...]
    documents: Mapping[str, tuple[tuple[str, str, str], ...]]
    next: str | None


@dataclass(frozen=True, slots=True)
class EnrollmentView:
    """An enrollment as a person has to judge it: what it said of itself, and why it is not served."""

    id: str
    client: str
    deployment: str
    standing: str
    reason: str
    serial: str | None
    device_name: str
    hardware_id: str
    upn: str
    enrolled_at: datetime
    last_seen_at: datetime | None


@dataclass(frozen=True, slots=True)
class SettingPlace:
    """A setting that a deployment says something about, and where: empty and 0 where a preset speaks."""

    uri: str
    deployment: str
    client: str
    path: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True)
class DeploymentCount:
    """A deployment with its headsets counted by word."""

    name: str
    client: str
    scenarios: tuple[str, ...]
    counts: Mapping[str, int]
    undelivered: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Overview:
    """The fleet at a glance.

    Args:
        counts: Headsets by word; every word is there.
        needs_person: Enrollments that wait for a decision, and headsets whose outcome nobody knows.
        unknown_orders: Orders whose outcome is unknown, and those that nobody answered for an hour.
        frozen: Whether all orders are frozen.
    """

    counts: Mapping[str, int]
    total: int
    deployments: tuple[DeploymentCount, ...]
    needs_person: tuple[EnrollmentView, ...]
    unknown_orders: tuple[Order, ...]
    frozen: bool
    published_at: datetime | None
    newest_event: int
    cut: bool = field(default=False)
