"""What signing in keeps: factors of people, attempts that are under way, and sessions with their person."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Method(StrEnum):
    """How somebody proved who they are."""

    OIDC = "openid-connect"
    PASSKEY = "passkey"
    RECOVERY = "recovery-code"


class Purpose(StrEnum):
    """What an attempt is for; one that was begun for one thing is worth nothing for another."""

    SIGN_IN = "sign-in"
    FRESH = "fresh"
    """To prove again that one is there, before an act that asks for it."""
    LINK = "link"
    """To give somebody who is known (signed in, or invited) another way to sign in."""
    TAKE = "take"
    """To take a headset, in the browser that is paired with it; it opens no session."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """A sign-in under way. The browser holds its handle; state, nonce, verifier and challenge derive from that.

    Args:
        digest: Of the handle.
        session_id: The session it was begun in, or the pairing of a headset's browser; it counts in that one only.
        person_id: For whom a factor is added, or who proves again; empty at a sign-in.
        invitation: Digest of the invitation or one-time link that is used up with it.
        upn, display_name: Of the first administrator, who is made with it.
        back: The path to go on to.
    """

    digest: str
    purpose: Purpose
    method: Method
    created_at: datetime
    expires_at: datetime
    session_id: str = ""
    person_id: str = ""
    invitation: str = ""
    upn: str = ""
    display_name: str = ""
    back: str = "/"


@dataclass(frozen=True, slots=True)
class Passkey:
    """A passkey of somebody. ``id`` as base64url; ``public_key`` as COSE key (RFC 9052)."""

    id: str
    person_id: str
    name: str
    public_key: bytes
    uses: int
    created_at: datetime
    used_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class LinkedIdentity:
    """Somebody's account at an OpenID provider: the issuer and its subject, and nothing else, identify it."""

    issuer: str
    subject: str
    person_id: str
    linked_at: datetime
    used_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Factors:
    """The ways in which somebody can sign in."""

    passkeys: tuple[Passkey, ...] = ()
    identities: tuple[LinkedIdentity, ...] = ()
    codes_left: int = 0

    @property
    def strong(self) -> int:
        """How many there are beside recovery codes."""
        return len(self.passkeys) + len(self.identities)


@dataclass(frozen=True, slots=True)
class Proof:
    """What somebody showed: exactly one of a passkey (with its new count), an identity, or a code's digest."""

    method: Method
    at: datetime
    passkey: str = ""
    uses: int = 0
    identity: tuple[str, str] | None = None
    code: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Invitation:
    """A way in for somebody who has none yet: bound to the person, single use, void when a factor changes."""

    digest: str
    person_id: str
    actor: str
    created_at: datetime
    expires_at: datetime
