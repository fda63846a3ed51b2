"""What the nouns of a tenant are made from, and the sheet that they are written on."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final, TypeVar

from holofleet import resources
from holofleet.diagnostics import Finding, Position, Severity
from holofleet.resources import Resource, Undelivered
from holofleet.spec import EffectiveDeployment, Spec
from holofleet.spec.model.headset import Headset

TARGET: Final = "graph"
_R = TypeVar("_R", bound=Resource)


@dataclass(frozen=True, slots=True)
class Placement:
    """Headsets of one deployment that are equal in everything, and the document that they share.

    Args:
        site: Where they are, or ``None``.
        autopilot: The file declares their Autopilot registration.
        account: Each has an account of its own.
        build: Build that the file says they have; empty for none.
        document: Hash of the document.
    """

    deployment: EffectiveDeployment
    site: str | None
    autopilot: bool
    account: bool
    build: str
    document: str
    headsets: tuple[Headset, ...]

    @property
    def place(self) -> str:
        """Stable name of headsets in one place and condition, whatever build they have.

        It tells what the headsets are, not what they get; a condition is named only where the deployment makes
        one expect another. No name of the file holds a dot or a plus, so that no two places share a name.
        """
        settings = self.deployment.settings
        enrollment, accounts = settings.enrollment, settings.accounts
        profile = enrollment is not None and enrollment.autopilot is not None
        users = accounts.users if accounts is not None else None
        own = users == "per-headset" or (users is not None and len(users) == 1)
        name = f"{self.deployment.name}.{self.site}" if self.site else self.deployment.name
        if self.autopilot != profile:
            name += "+registered" if self.autopilot else "+unregistered"
        if self.account != own:
            name += "+account" if self.account else "+no-account"
        return name


@dataclass(frozen=True, slots=True)
class Cohort:
    """Headsets in one place and condition that share a document: what a device group is made of.

    The build that a headset is known to run changes often; it parts headsets only where it changes what they get.
    """

    name: str
    placements: tuple[Placement, ...]

    @property
    def deployment(self) -> EffectiveDeployment:
        """The deployment of all of them."""
        return self.placements[0].deployment

    @property
    def document(self) -> str:
        """Hash of what all of them get."""
        return self.placements[0].document

    @property
    def headsets(self) -> tuple[Headset, ...]:
        """All of them."""
        return tuple(headset for one in self.placements for headset in one.headsets)


def cohorts(placements: Iterable[Placement]) -> tuple[Cohort, ...]:
    """Join placements that differ in nothing but a build that makes no difference."""
    places: dict[str, dict[str, list[Placement]]] = {}
    for one in sorted(placements, key=lambda one: (one.place, one.build)):
        places.setdefault(one.place, {}).setdefault(one.document, []).append(one)
    return tuple(
        Cohort(place if index == 0 else f"{place}+{members[0].build}", tuple(members))
        for place, documents in places.items()
        for index, members in enumerate(documents.values())
    )


@dataclass
class Draft:
    """Collects the nouns of one tenant, one writer after the other.

    Args:
        spec: The fleet file.
        cohorts: Every variant that has headsets, joined where builds make no difference.
        accounts_of: UPNs of the accounts of headsets, by deployment.
        resources: What has been made so far, by address; writers may replace what directory rooms made.
    """

    spec: Spec
    cohorts: tuple[Cohort, ...]
    accounts_of: Mapping[str, frozenset[str]]
    resources: dict[resources.Address, Resource]
    undelivered: dict[Undelivered, None] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    contents: dict[str, bytes] = field(default_factory=dict)

    def add(self, resource: Resource) -> None:
        """Add a noun, or replace the one at its address."""
        self.resources[resource.address] = resource

    def of_kind(self, noun: type[_R]) -> tuple[_R, ...]:
        """Return what has been made of one kind, ordered by name."""
        return tuple(
            sorted((one for one in self.resources.values() if isinstance(one, noun)), key=lambda one: one.key)
        )

    def keep(self, content: bytes) -> str:
        """Keep bytes beside the State and return their SHA-256."""
        digest = hashlib.sha256(content).hexdigest()
        self.contents[digest] = content
        return digest

    def groups_of(self, *deployments: str) -> tuple[str, ...]:
        """Return the names of the device groups of deployments, sorted."""
        return tuple(sorted(one.name for one in self.cohorts if one.deployment.name in deployments))

    def miss(self, deployment: str, key: str, reason: str, *, at: Position | None = None) -> None:
        """Say that a key is not delivered to a tenant."""
        item = Undelivered(
            deployment=deployment,
            key=key,
            reason=reason,
            target=TARGET,
            path=at.path if at else "",
            line=at.line if at else 0,
        )
        self.undelivered[item] = None

    def miss_key(self, deployment: EffectiveDeployment, key: str, reason: str) -> None:
        """Say that a key of a deployment is not delivered to a tenant, with the place that says it."""
        self.miss(deployment.name, key, reason, at=deployment.origin(key).position)

    def fault(self, summary: str, *, detail: str = "", mend: str = "", at: Position | None = None) -> None:
        """Add a finding: the file cannot become a tenant."""
        self.findings.append(Finding("compile/conflict", Severity.MUST, summary, detail, mend, at))

    @cached_property
    def deployments(self) -> tuple[EffectiveDeployment, ...]:
        """Deployments that have headsets, in the order of the file."""
        used = {one.deployment.name for one in self.cohorts}
        return tuple(one for one in self.spec.deployments() if one.name in used)

    @property
    def dynamic(self) -> bool:
        """Whether the tenant may have dynamic groups. Source: Entra ID, editions; they need P1."""
        return self.spec.model.tenant.edition != "free"


def registered(headset: Headset) -> bool:
    """Tell whether a headset is registered for Autopilot, or will be by the hash that the file has."""
    return headset.autopilot or headset.hardware_hash is not None


def tag_of(spec: Spec, headset: Headset) -> str:
    """Return the group tag of a headset: its own, else its deployment's; empty for none."""
    if headset.group_tag is not None:
        return headset.group_tag
    deployment = spec.deployment_of.get(headset.serial)
    enrollment = deployment.settings.enrollment if deployment is not None else None
    profile = enrollment.autopilot if enrollment is not None else None
    return (profile.group_tag or "") if profile is not None else ""


def serials(headsets: Iterable[Headset]) -> tuple[str, ...]:
    """Return serial numbers, sorted."""
    return tuple(sorted(headset.serial for headset in headsets))
