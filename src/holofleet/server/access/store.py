"""The port through which tokens, sessions and links are kept."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from holofleet.server.access.values import NewSession, NewToken, SessionRecord, TokenRecord
from holofleet.server.audit import AuditRecord


class AccessStore(Protocol):
    """Keeps digests, never secrets. Each call is one transaction; changes carry their audit record."""

    def add_token(self, token: NewToken, audit: AuditRecord) -> None:
        """Store a token.

        Raises:
            ConflictError: a living token has this name.
        """
        ...

    def token_by_digest(self, digest: str) -> TokenRecord | None:
        """Return the token with this digest, whatever its state."""
        ...

    def tokens(self) -> tuple[TokenRecord, ...]:
        """Return all tokens, newest first."""
        ...

    def revoke_token(self, token_id: str, *, at: datetime, audit: AuditRecord) -> None:
        """Revoke a token; one that was revoked before keeps its time and gets no second record."""
        ...

    def replace_link(self, digest: str, *, at: datetime, expires_at: datetime, epoch: int) -> None:
        """Store a one-time link and void all earlier ones."""
        ...

    def redeem_link(
        self, digest: str, session: NewSession, *, at: datetime, epoch: int, audit: AuditRecord
    ) -> bool:
        """Use up a link and open the session, both or neither; false if the link opens nothing at ``at``."""
        ...

    def session_by_digest(self, digest: str) -> SessionRecord | None:
        """Return the session with this digest, whatever its state."""
        ...

    def touch_session(self, session_id: str, *, at: datetime) -> None:
        """Note that a session was used."""
        ...

    def sessions(self) -> tuple[SessionRecord, ...]:
        """Return all sessions that were not ended, newest first."""
        ...

    def end_session(self, session_id: str, *, at: datetime, audit: AuditRecord) -> bool:
        """End a session; false if there is none that still runs."""
        ...
