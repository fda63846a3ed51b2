"""The port through which factors, attempts, invitations and failures are kept."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from holofleet.server.access import NewSession
from holofleet.server.audit import AuditRecord
from holofleet.server.sign_in.failures import FailureStore
from holofleet.server.sign_in.values import Attempt, Factors, Invitation, LinkedIdentity, Passkey, Proof


class SignInStore(FailureStore, Protocol):
    """Keeps digests and public keys. Each call is one transaction; changes carry their audit record."""

    def begin(self, attempt: Attempt) -> None:
        """Keep an attempt, and forget those that are long over."""
        ...

    def take(self, digest: str, *, at: datetime) -> Attempt | None:
        """Use an attempt up and return it; ``None`` if it is unknown, used, too old, or of another epoch."""
        ...

    def holder_of_identity(self, issuer: str, subject: str) -> str | None:
        """Return whose account at a provider this is: a person's id."""
        ...

    def passkey(self, passkey_id: str) -> Passkey | None:
        """Return a passkey."""
        ...

    def holder_of_code(self, digest: str) -> str | None:
        """Return whose unused recovery code this is."""
        ...

    def factors(self, person_id: str) -> Factors:
        """Return how somebody can sign in."""
        ...

    def person_of_session(self, session_id: str) -> str | None:
        """Return whose a session is that has not ended."""
        ...

    def add_account(
        self, upn: str, display_name: str, identity: LinkedIdentity, *, at: datetime, audit: AuditRecord
    ) -> str:
        """Add somebody without any role who came from a provider; return their id, also if they just came."""
        ...

    def open_session(
        self, session: NewSession, person_id: str, proof: Proof, *, browser: str, audit: AuditRecord
    ) -> bool:
        """Open somebody's session and note their proof as used; false if they left or the proof is void."""
        ...

    def prove_again(self, session_id: str, person_id: str, proof: Proof, *, audit: AuditRecord) -> bool:
        """Note in a session that its person proved to be there; false if it is not theirs or the proof is void."""
        ...

    def note_used(self, person_id: str, proof: Proof) -> bool:
        """Note a proof as used outside a session; false if they left or the proof is void."""
        ...

    def add_factor(
        self, attempt: Attempt, factor: Passkey | LinkedIdentity, *, at: datetime, audit: AuditRecord
    ) -> str | None:
        """Give somebody a factor, using up the invitation or link of the attempt; return their id.

        With a one-time link somebody is made administrator of everything. Open invitations of the person and their
        other sessions end. ``None`` if the invitation or link is worth nothing (any more).

        Raises:
            ConflictError: the factor is somebody's already, or the name of the first administrator is taken.
        """
        ...

    def remove_factor(self, person_id: str, key: str, *, keep: str, at: datetime, audit: AuditRecord) -> bool:
        """Remove a passkey by id or an identity by issuer; open invitations and all sessions but ``keep`` end.

        Raises:
            ConflictError: nothing would be left to sign in with.
        """
        ...

    def replace_codes(self, person_id: str, digests: tuple[str, ...], *, at: datetime, audit: AuditRecord) -> None:
        """Give somebody new recovery codes; the old ones are void."""
        ...

    def invite(self, invitation: Invitation, *, audit: AuditRecord) -> None:
        """Keep an invitation, which voids earlier ones of the same person."""
        ...

    def invited(self, digest: str, *, at: datetime) -> Invitation | None:
        """Return an invitation that stands."""
        ...

    def link_stands(self, digest: str, *, at: datetime) -> bool:
        """Whether a one-time link of the start would open something."""
        ...

    def somebody_administers(self) -> bool:
        """Whether an administrator of everything is here who can sign in."""
        ...
