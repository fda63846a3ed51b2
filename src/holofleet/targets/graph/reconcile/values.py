"""The two sides of a comparison: what is wanted, and what was seen in the tenant."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from holofleet.errors import HolofleetError
from holofleet.resources import Address


class Care(StrEnum):
    """What the target may do about a thing."""

    MANAGE = "manage"
    """Make it, change it, delete it."""
    EXPECT = "expect"
    """It belongs to somebody else and has to be there; it is never made, changed or deleted."""
    OFFER = "offer"
    """A setting of the whole tenant: compared, and written only when it is asked for by its address."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """One object as the fleet file wants it.

    Args:
        address: Its stable identity.
        key: Natural key, by which an unmarked object of the same meaning is recognized; compared without regard
            to case. Empty where there is none.
        properties: Flat, by name, JSON values. A name is what a person reads in a plan; the kind knows how it
            becomes a body.
        references: By name, addresses of what it refers to; order means nothing.
        lenient: Names of references that may do without what somebody else has to make and has not: that one
            is left out and told as a problem. Others wait for everything that they name.
        care: What may be done about it.
        formerly: Its old address after a renaming.
        why: For OFFER and EXPECT, a sentence for the plan.
        serials: Headsets that it reaches; for properties that are named by an OMA-URI, the plan shows them.
    """

    address: Address
    key: str = ""
    properties: Mapping[str, Any] = field(default_factory=dict)
    references: Mapping[str, tuple[Address, ...]] = field(default_factory=dict)
    lenient: frozenset[str] = frozenset()
    care: Care = Care.MANAGE
    formerly: Address | None = None
    why: str = ""
    serials: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Seen:
    """One object as it stands in the tenant.

    Args:
        id: Its id in the tenant.
        key: Natural key.
        properties: As in :class:`Wanted`, read back; more than the wanted ones does no harm.
        references: By name, ids of what it refers to.
        address: From its marker; ``None`` for an object that is not ours.
        version: Changes whenever the object does, where the service has such a thing.
        raw: The object as it came, for the kind's own use.
    """

    id: str
    key: str = ""
    properties: Mapping[str, Any] = field(default_factory=dict)
    references: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    address: Address | None = None
    version: str = ""
    raw: Mapping[str, Any] = field(default_factory=dict)

    @property
    def ours(self) -> bool:
        """True when its marker says that this installation made or adopted it."""
        return self.address is not None


class BlockedError(HolofleetError):
    """Something that it refers to could not be made."""

    exit_status = 1


class Ids:
    """Ids in the tenant by address; grows while a plan is carried out."""

    def __init__(self, known: Mapping[Address, str]) -> None:
        self._known = dict(known)

    def __contains__(self, address: object) -> bool:
        return address in self._known

    def __getitem__(self, address: Address) -> str:
        try:
            return self._known[address]
        except KeyError:
            raise BlockedError(f"{address} is not there, and something refers to it") from None

    def of(self, addresses: tuple[Address, ...]) -> tuple[str, ...]:
        """Return the ids of several addresses, in their order."""
        return tuple(self[address] for address in addresses)

    def note(self, address: Address, id_: str) -> None:
        """Remember what was made."""
        self._known[address] = id_
