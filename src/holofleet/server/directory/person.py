"""People and groups as values."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from holofleet.server.authorization import Role, Scope

CALL_ROLES = frozenset({"expert", "wearer"})
"""What somebody does in a call; no console right comes from it."""


class Source(StrEnum):
    """Who says that somebody is there; only the source takes them away again, or a person who ends them."""

    FILE = "file"
    SCIM = "scim"
    CSV = "csv"
    CONSOLE = "console"


class Account(StrEnum):
    """Whose account it is."""

    PERSON = "person"
    HEADSET = "headset"
    """Of one headset and one wearer."""
    SHARED = "shared"
    """Of one headset, used by many: who wears it is a matter of custody."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody, or the account of a headset.

    Args:
        id: Ours, for ever; never shown to other clients.
        client: Whose person it is: ``own`` or an external client.
        upn: The name to sign in with, in lower case, unique.
        roles: Console roles that hold now.
        call_roles: Of :data:`CALL_ROLES`.
        scope: The clients that the roles hold for.
        external_id: The id that a provider (SCIM) gave.
        left_at: When they left; whoever left has no rights and cannot sign in.
    """

    id: str
    client: str
    upn: str
    display_name: str
    account: Account
    source: Source
    roles: frozenset[Role]
    call_roles: frozenset[str]
    scope: Scope
    created_at: datetime
    changed_at: datetime
    site: str = ""
    email: str = ""
    external_id: str = ""
    left_at: datetime | None = None

    @property
    def active(self) -> bool:
        """Whether they are here."""
        return self.left_at is None


@dataclass(frozen=True, slots=True)
class NewPerson:
    """Somebody about to be added."""

    upn: str
    display_name: str = ""
    client: str = "own"
    account: Account = Account.PERSON
    call_roles: frozenset[str] = frozenset()
    site: str = ""
    email: str = ""
    external_id: str = ""


@dataclass(frozen=True, slots=True)
class Rights:
    """What a person may do now: asked at each request, never remembered (SECURITY AUTHZ-3)."""

    upn: str
    roles: frozenset[Role]
    scope: Scope


@dataclass(frozen=True, slots=True)
class PeopleQuery:
    """Which people; what is empty does not narrow.

    Args:
        text: Beginning of a name or UPN, without regard to case.
        role: A console role or a call role.
        group: Id of a group that they are in.
        here: True for those who are here, False for those who left, ``None`` for both.
    """

    text: str = ""
    client: str = ""
    role: str = ""
    account: str = ""
    source: str = ""
    here: bool | None = True
    group: str = ""


@dataclass(frozen=True, slots=True)
class PersonPage:
    """A page of people by UPN; ``next`` is what to give as ``after``, ``None`` at the end."""

    people: tuple[Person, ...]
    total: int
    next: str | None


@dataclass(frozen=True, slots=True)
class NewGroup:
    """A group about to be added."""

    name: str
    display_name: str = ""
    client: str = "own"
    external_id: str = ""
    members: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Group:
    """A group of people; ``members`` are their ids, ``rule`` is empty for a group whose members are set singly."""

    id: str
    client: str
    name: str
    display_name: str
    source: Source
    changed_at: datetime
    external_id: str = ""
    rule: str = ""
    members: frozenset[str] = field(default=frozenset())


@dataclass(frozen=True, slots=True)
class Ending:
    """What ends when somebody leaves: how many ``sessions``, ``tokens``, ``custody``, ``licenses``, ``groups``."""

    what: str
    count: int
