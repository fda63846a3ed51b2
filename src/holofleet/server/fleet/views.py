"""What is shown of the fleet: values for console, API and command line, in the words of the waist."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from holofleet.server.compliance import Compliance, SettingStatus
from holofleet.server.events import Event
from holofleet.server.orders import Order

NOBODY = "nobody"
"""Stands for a holder where nobody has the headset."""
SIGNS: Mapping[str, Callable[[tuple[int, ...], tuple[int, ...]], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    "=": operator.eq,
    ">=": operator.ge,
    ">": operator.gt,
}


class Sorting(StrEnum):
    """What a list is sorted by; each has an index, so that the first page costs as little as the last."""

    SERIAL = "serial"
    NAME = "name"


@dataclass(frozen=True, slots=True)
class BuildBound:
    """OS builds: all that compare so with ``parts``, as far as these go: 22621 means every 22621.x.

    Args:
        sign: One of ``<``, ``<=``, ``=``, ``>=``, ``>``.
        parts: The numbers after ``10.0.``.
    """

    sign: str
    parts: tuple[int, ...]

    def includes(self, os_build: str) -> bool:
        """Whether a build that a headset reported is meant; one that it never said is not."""
        numbers = os_build.removeprefix("10.0.").split(".")
        if not all(number.isascii() and number.isdigit() for number in numbers):
            return False
        return SIGNS[self.sign](tuple(int(number) for number in numbers)[: len(self.parts)], self.parts)


@dataclass(frozen=True, slots=True)
class Between:
    """Moments after ``after`` and before ``before``; ``None`` does not limit."""

    after: datetime | None = None
    before: datetime | None = None


@dataclass(frozen=True, slots=True)
class SettingSaid:
    """A setting with the value that headsets report: ``name`` is a whole LocURI, or how one ends."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class HeadsetQuery:
    """A filter; ``None`` and an empty text let everything through. ``text`` is looked for in serial and name.

    Args:
        held_by: A UPN, or how a name begins; :data:`NOBODY` for headsets that nobody has.
        seen: When the last check-in was; headsets that never had one are out.
        never_seen: Only headsets that never checked in.
        certificate: When the certificate of the headset ends.
        sort: What the list is sorted by.
    """

    compliance: Compliance | None = None
    deployment: str | None = None
    client: str | None = None
    site: str | None = None
    text: str = ""
    build: BuildBound | None = None
    held_by: str = ""
    seen: Between | None = None
    never_seen: bool = False
    certificate: Between | None = None
    setting: SettingSaid | None = None
    sort: Sorting = Sorting.SERIAL


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
    certificate_not_after: datetime | None = None
    enrolled_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the list, in the order asked for. ``next`` is the ``after`` of the next page, or ``None``."""

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
