"""Who asks: principals, their roles, and the part of the fleet that they may see."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Role(StrEnum):
    """A console role; what each may do stands in ``table.py``."""

    VIEWER = "viewer"
    HELPDESK = "helpdesk"
    DEPLOYER = "deployer"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"
    PROVISIONER = "provisioner"
    """Of tokens only: a provider pushes people by SCIM, and may do nothing else (SECURITY DIR-3)."""


class PrincipalKind(StrEnum):
    """What proved itself. One kind never opens the doors of another (SECURITY WEB-1)."""

    STRANGER = "stranger"
    HEADSET = "headset"
    PERSON = "person"
    TOKEN = "token"  # noqa: S105 - a kind of principal, not a secret
    LOCAL_ADMIN = "local-admin"
    JOB = "job"


@dataclass(frozen=True, slots=True)
class Scope:
    """The part of the fleet that a principal may see: what stands in one of the clients, at one of the sites and
    in one of the deployments, each where it is limited.

    Whatever reads takes it and filters in its statement; that is the only place where sites and deployments are
    looked at, so what was found is within.

    Args:
        clients: ``None`` is every client, the empty set is none.
        sites: Limits to what stands at these sites; ``None`` does not.
        deployments: Limits to what belongs to these deployments; ``None`` does not.
        apart: Groups and clients from which an information barrier keeps whoever asks, now. It limits records of
            calls and what hangs on them, not the rest of the fleet (SECURITY AST-1).
    """

    clients: frozenset[str] | None
    sites: frozenset[str] | None = None
    deployments: frozenset[str] | None = None
    apart: frozenset[str] = field(default=frozenset(), kw_only=True)

    @classmethod
    def every(cls) -> Scope:
        """Return the scope of the whole installation."""
        return cls(None)

    @classmethod
    def of(cls, *clients: str) -> Scope:
        """Return the scope of the named clients only."""
        return cls(frozenset(clients))

    def names(self) -> dict[str, list[str] | None]:
        """Return what it is limited to, as records and programs are told: clients always, the rest where it is."""
        parts = {"clients": self.clients, "sites": self.sites, "deployments": self.deployments}
        told = {part: None if names is None else sorted(names) for part, names in parts.items()}
        return {part: names for part, names in told.items() if part == "clients" or names is not None}

    @property
    def is_every(self) -> bool:
        """Whether nothing is left out."""
        return self.clients is None and not self.is_narrowed

    @property
    def is_narrowed(self) -> bool:
        """Whether it is limited to sites or deployments, so that no client is seen whole."""
        return self.sites is not None or self.deployments is not None

    def includes(self, client: str) -> bool:
        """Whether things of ``client`` may be seen at all; narrowed, only those of its sites and deployments."""
        return self.clients is None or client in self.clients

    def covers(self, other: Scope) -> bool:
        """Whether everything that ``other`` sees may be seen here too."""
        return (
            _covers(self.clients, other.clients)
            and _covers(self.sites, other.sites)
            and _covers(self.deployments, other.deployments)
        )


def _covers(mine: frozenset[str] | None, other: frozenset[str] | None) -> bool:
    return mine is None or (other is not None and other <= mine)


@dataclass(frozen=True, slots=True)
class Principal:
    """One who asks, already authenticated.

    Args:
        kind: What proved itself.
        name: A person's name, a token's name, the id of a headset's enrollment, a job's name.
        roles: Only persons and tokens hold roles; other kinds have the fixed acts of their kind.
        scope: The part of the fleet that it may see.
        id: Id of the token or session behind it, where there is one: what a revocation names.
        stale: A person who has not proved within five minutes that they are there (SECURITY WIPE-2). Only sessions
            of people go stale: nobody could prove it again for a token, a one-time link or this machine. It does
            not make them somebody else.
    """

    kind: PrincipalKind
    name: str
    roles: frozenset[Role]
    scope: Scope
    id: str = ""
    stale: bool = field(default=False, compare=False)

    @property
    def actor(self) -> str:
        """The one spelling in events, orders and audit: ``token:ci``, ``headset:4f0c...``, ``local-admin``."""
        return f"{self.kind}:{self.name}" if self.name else str(self.kind)


STRANGER = Principal(PrincipalKind.STRANGER, "", frozenset(), Scope.of())
"""Whoever has shown nothing yet."""
LOCAL_ADMIN = Principal(PrincipalKind.LOCAL_ADMIN, "", frozenset({Role.ADMINISTRATOR}), Scope.every())
"""Whoever can read the data folder on this machine."""
JOB = Principal(PrincipalKind.JOB, "", frozenset(), Scope.every())
"""The server's own periodic work."""
