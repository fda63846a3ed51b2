"""Credentials as values."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from holofleet.errors import RefusedError


@dataclass(frozen=True, slots=True)
class NewCredential:
    """A credential about to be stored; ``digest`` is all that is kept of the password."""

    id: str
    client: str
    deployment: str
    username: str
    digest: str
    uses: int
    created_at: datetime
    expires_at: datetime
    epoch: int
    actor: str


@dataclass(frozen=True, slots=True)
class Credential:
    """A stored credential. ``digest`` never leaves the server and is not shown."""

    id: str
    client: str
    deployment: str
    username: str
    digest: str = field(repr=False)
    uses: int
    uses_left: int
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None
    paused_until: datetime | None
    epoch: int
    actor: str

    def refusal(self, now: datetime, epoch: int) -> Refusal | None:
        """Return why it opens nothing at ``now``; being spent is judged where a use is counted."""
        if self.revoked_at is not None:
            return Refusal.REVOKED
        if self.epoch != epoch:
            return Refusal.VOID
        return Refusal.EXPIRED if now >= self.expires_at else None


@dataclass(frozen=True, slots=True)
class IssuedCredential:
    """A credential as its maker sees it, once: the password is not kept."""

    id: str
    username: str
    password: str = field(repr=False)
    deployment: str
    client: str
    uses: int
    expires_at: datetime


class Refusal(StrEnum):
    """Why a credential opens nothing."""

    WRONG = "wrong"
    """Unknown user name or wrong password; which of the two is not said."""
    PAUSED = "paused"
    REVOKED = "revoked"
    VOID = "void"
    """Made before a restore."""
    EXPIRED = "expired"
    SPENT = "spent"


_WORDS = {
    Refusal.WRONG: "The user name or the password is wrong.",
    Refusal.PAUSED: "Too many wrong passwords; the credential is paused for a while.",
    Refusal.REVOKED: "The credential was revoked.",
    Refusal.VOID: "The credential was made before the server was restored from a backup.",
    Refusal.EXPIRED: "The credential has expired.",
    Refusal.SPENT: "The credential was used by as many headsets as it is for.",
}


class CredentialRefusedError(RefusedError):
    """The credential opens nothing; ``refusal`` says why. All but ``WRONG`` and ``PAUSED`` come after proof."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(_WORDS[refusal], mend="Ask for a new enrollment credential.")
        self.refusal = refusal
