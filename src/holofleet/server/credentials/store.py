"""The port through which credentials are kept."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Protocol

from holofleet.server.audit import AuditRecord
from holofleet.server.authorization import Scope
from holofleet.server.credentials.credential import Credential, NewCredential


class CredentialStore(Protocol):
    """Keeps credentials. Each call is one transaction."""

    def client_of_deployment(self, scope: Scope, name: str) -> str | None:
        """Return the client of a published deployment that was not removed, or ``None``."""
        ...

    def add(self, credential: NewCredential, audit: AuditRecord) -> None:
        """Store a credential and its audit record.

        Raises:
            ConflictError: the user name is taken, or the deployment is not one of that client.
        """
        ...

    def by_username(self, username: str) -> Credential | None:
        """Return the credential with this normal user name. Unscoped: it is asked before anybody is known."""
        ...

    def count_failure(
        self, credential_id: str, *, at: datetime, window: timedelta, limit: int, pause: timedelta
    ) -> bool:
        """Count a wrong password; when ``limit`` fall into ``window``, pause for ``pause``. True if that began."""
        ...

    def listed(self, scope: Scope) -> tuple[Credential, ...]:
        """Return the credentials of the clients in ``scope``, newest first."""
        ...

    def get(self, scope: Scope, credential_id: str) -> Credential | None:
        """Return one credential inside ``scope``, or ``None``."""
        ...

    def revoke(self, scope: Scope, credential_id: str, *, at: datetime, audit: AuditRecord) -> bool:
        """Revoke with an audit record; false if there is none in ``scope`` that still stands."""
        ...
