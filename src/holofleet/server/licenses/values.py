"""Pools, holders, what they are to get, and what they got."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

DIRECT = ""
"""The source of a license that is assigned to its holder and to no group."""


class LicenseError(StrEnum):
    """Why a license did not arrive, in the words of Microsoft Graph (``licenseAssignmentState``)."""

    COUNT = "CountViolation"
    """No seat is left."""
    EXCLUSIVE = "MutuallyExclusiveViolation"
    """Two service plans that cannot be on together."""
    DEPENDENCY = "DependencyViolation"
    """A service plan without the one that it needs."""
    LOCATION = "ProhibitedInUsageLocationViolation"
    """Not sold where the holder is, or nobody said where that is."""
    OTHER = "Other"
    """Another product of the same group could not be assigned, so none of the group was."""


@dataclass(frozen=True, slots=True)
class Pool:
    """Seats of a product that were bought; ``trial_until`` is the last day of a trial."""

    sku: str
    seats: int
    trial_until: date | None = None


@dataclass(frozen=True, slots=True)
class Holder:
    """Somebody who can have a license: a person, or the account of a headset.

    Args:
        key: Ours: the id of a person, or the UPN where there is no database.
        account: ``person``, ``headset`` or ``shared``.
        roles: Console roles and call roles.
        location: Usage location as two letters; empty where there is none, ``None`` where it is not known.
        here: False for whoever left.
    """

    key: str
    upn: str
    client: str = "own"
    account: str = "person"
    roles: frozenset[str] = frozenset()
    location: str | None = None
    here: bool = True


@dataclass(frozen=True, slots=True)
class Demand:
    """A product that somebody is to get.

    Args:
        holder: Key of the holder.
        source: :data:`DIRECT`, or the group that gives it.
        disabled: Service plans that stay off.
        order: Which was first; whoever was first is served first.
    """

    holder: str
    sku: str
    source: str = DIRECT
    disabled: frozenset[str] = frozenset()
    order: int = 0


@dataclass(frozen=True, slots=True)
class Grant:
    """What became of a demand; ``error`` is ``None`` where the license is there."""

    holder: str
    sku: str
    source: str = DIRECT
    disabled: frozenset[str] = frozenset()
    error: LicenseError | None = None

    @property
    def active(self) -> bool:
        """Whether the holder has it."""
        return self.error is None


@dataclass(frozen=True, slots=True)
class Standing:
    """Everything about licenses at one moment.

    Args:
        holders: By key; whoever is named by a grant is among them.
        groups: Names of groups by what grants call them.
        headset_accounts: Whether there are accounts of headsets, also beside the holders here.
    """

    pools: tuple[Pool, ...] = ()
    holders: dict[str, Holder] = field(default_factory=dict)
    grants: tuple[Grant, ...] = ()
    groups: dict[str, str] = field(default_factory=dict)
    headset_accounts: bool = False
