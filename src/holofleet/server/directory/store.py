"""The port through which people are kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from holofleet.errors import RefusedError
from holofleet.server.audit import AuditRecord
from holofleet.server.authorization import Role, Scope
from holofleet.server.directory.beside import Beside
from holofleet.server.directory.person import (
    Ending,
    Group,
    NewGroup,
    NewPerson,
    PeopleQuery,
    Person,
    PersonPage,
    Rights,
    Source,
)


@dataclass(frozen=True, slots=True)
class PersonChange:
    """What changes of a person; ``None`` stays as it is.

    Args:
        seen: The clients that roles hold for.
        source: Who says from now on whether they are here.
    """

    upn: str | None = None
    display_name: str | None = None
    email: str | None = None
    site: str | None = None
    call_roles: frozenset[str] | None = None
    external_id: str | None = None
    seen: Scope | None = None
    source: Source | None = None


@dataclass(frozen=True, slots=True)
class LeavingBound:
    """How many people of a source may be ended since a moment: one in ``share``, and ``few`` in any case."""

    since: datetime
    few: int
    share: int

    def allows(self, ended: int, known: int) -> bool:
        """Whether ``ended`` may have ended, of ``known`` who were there before."""
        return ended <= max(self.few, known // self.share)


class TooManyLeaveError(RefusedError):
    """One more would be above the bound.

    Args:
        ended: How many were ended already.
        known: Of how many.
    """

    def __init__(self, ended: int, known: int) -> None:
        super().__init__(
            f"{ended} of {known} people ended in a day; more are refused",
            detail="A provider that ends this many is often set up wrong.",
            mend="Look at it; then end them with `holofleet users leave`, or wait a day.",
        )
        self.ended = ended
        self.known = known


class DirectoryStore(Protocol):
    """Keeps people, groups and roles. Each call is one transaction; changes carry their audit record."""

    def page(self, scope: Scope, query: PeopleQuery, *, after: str | None, limit: int) -> PersonPage:
        """Return people of the clients in ``scope``, by UPN."""
        ...

    def person(self, scope: Scope, key: str) -> Person | None:
        """Return somebody by id or by UPN, inside ``scope``."""
        ...

    def beside(self, scope: Scope, people: Sequence[str]) -> Mapping[str, Beside]:
        """Return what a list says beside people, by their ids."""
        ...

    def by_external_id(self, external_id: str) -> Person | None:
        """Return somebody by a provider's id; for SCIM, whose token sees the whole directory."""
        ...

    def rights(self, person_id: str) -> Rights | None:
        """Return what somebody may do now; ``None`` for the unknown and for those who left."""
        ...

    def sign_in_name(self, upn: str) -> Person | None:
        """Return who signs in by this name. Unscoped: it is asked before anybody is known."""
        ...

    def add(self, new: NewPerson, *, source: Source, at: datetime, audit: AuditRecord) -> Person:
        """Add somebody; whoever left and comes back by the same UPN and client is the same person, without roles.

        Raises:
            ConflictError: the UPN or the external id is taken.
        """
        ...

    def change(self, person_id: str, change: PersonChange, *, at: datetime, audit: AuditRecord) -> Person | None:
        """Change somebody; ``None`` where nobody has this id.

        Raises:
            ConflictError: the UPN or the external id is taken.
        """
        ...

    def endings(self, person_id: str) -> tuple[Ending, ...]:
        """Return what would end if they left now."""
        ...

    def tokens_of(self, person_id: str) -> tuple[str, ...]:
        """Return the digests of the living tokens that they made."""
        ...

    def leave(
        self,
        person_id: str,
        *,
        source: Source,
        at: datetime,
        audit: AuditRecord,
        bound: LeavingBound | None = None,
    ) -> tuple[Ending, ...]:
        """Let somebody leave: with them end their sessions, tokens, custody, licenses, roles and memberships.

        They are of ``source`` from now on, so that a fleet file which still names them does not bring them back.

        Raises:
            ConflictError: they are the last administrator.
            TooManyLeaveError: one more than the bound allows; nothing was done.
        """
        ...

    def give_role(self, person_id: str, role: Role, *, source: Source, at: datetime, audit: AuditRecord) -> bool:
        """Give a role; false where they have it from that source."""
        ...

    def take_role(self, person_id: str, role: Role, *, at: datetime, audit: AuditRecord) -> bool:
        """Take a role that was given here; false where they have none from here.

        Raises:
            ConflictError: nobody would be administrator any more.
        """
        ...

    def note(self, audit: AuditRecord, *, at: datetime) -> None:
        """Write a record of something that was refused."""
        ...

    def groups(self, scope: Scope) -> tuple[Group, ...]:
        """Return groups of the clients in ``scope`` with their members."""
        ...

    def group(self, scope: Scope, key: str) -> Group | None:
        """Return a group by id or name, inside ``scope``."""
        ...

    def add_group(self, new: NewGroup, *, source: Source, at: datetime, audit: AuditRecord) -> Group:
        """Add a group.

        Raises:
            ConflictError: the name or the external id is taken.
            NotFoundError: a member is not one of the client.
        """
        ...

    def set_members(
        self, group_id: str, *, add: frozenset[str], remove: frozenset[str], at: datetime, audit: AuditRecord
    ) -> None:
        """Change who is in a group.

        Raises:
            NotFoundError: a member is not one of the group's client.
        """
        ...

    def rename_group(self, group_id: str, display_name: str, *, at: datetime, audit: AuditRecord) -> None:
        """Give a group another name for people."""
        ...

    def remove_group(self, group_id: str, *, at: datetime, audit: AuditRecord) -> None:
        """Remove a group; its members stay."""
        ...
