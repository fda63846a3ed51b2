"""Who asks: principals, their roles, and the clients they may see."""

from __future__ import annotations

from dataclasses import dataclass
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
    """The clients that a principal may see; ``None`` is every client, the empty set is none."""

    clients: frozenset[str] | None

    @classmethod
    def every(cls) -> Scope:
        """Return the scope of the whole installation."""
        return cls(None)

    @classmethod
    def of(cls, *clients: str) -> Scope:
        """Return the scope of the named clients only."""
        return cls(frozenset(clients))

    @property
    def is_every(self) -> bool:
        """Whether no client is left out."""
        return self.clients is None

    def includes(self, client: str) -> bool:
        """Whether things of ``client`` may be seen."""
        return self.clients is None or client in self.clients

    def covers(self, other: Scope) -> bool:
        """Whether everything that ``other`` sees may be seen here too."""
        if self.clients is None:
            return True
        return other.clients is not None and other.clients <= self.clients


@dataclass(frozen=True, slots=True)
class Principal:
    """One who asks, already authenticated.

    Args:
        kind: What proved itself.
        name: A person's name, a token's name, the id of a headset's enrollment, a job's name.
        roles: Only persons and tokens hold roles; other kinds have the fixed acts of their kind.
        scope: The clients it may see.
        id: Id of the token or session behind it, where there is one: what a revocation names.
    """

    kind: PrincipalKind
    name: str
    roles: frozenset[Role]
    scope: Scope
    id: str = ""

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
