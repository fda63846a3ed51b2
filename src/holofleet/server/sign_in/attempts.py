"""The handle of an attempt, which one browser holds in a cookie, and all that derives from it.

The database keeps the handle's digest only; state, nonce, verifier and challenge are keyed derivations of the
handle, so that they are bound to this browser and nobody else can compute or read them.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field
from datetime import timedelta

from holofleet.server.access import digest_of
from holofleet.server.access.secret import SecretKind, is_well_formed, make_secret
from holofleet.server.sign_in.encoding import to_base64url

COOKIE = "__Host-holofleet-attempt"
LIFE = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Handle:
    """One attempt's secrets. ``text`` stands in the browser's cookie."""

    text: str = field(repr=False)
    _key: bytes = field(repr=False)

    @property
    def digest(self) -> str:
        """What is stored."""
        return digest_of(self.text)

    @property
    def state(self) -> str:
        """Bound to the browser: another browser's answer does not have it."""
        return self._derived("state")

    @property
    def nonce(self) -> str:
        """What the ID token has to repeat."""
        return self._derived("nonce")

    @property
    def verifier(self) -> str:
        """Of PKCE (RFC 7636): 43 characters."""
        return self._derived("verifier")

    @property
    def verifier_challenge(self) -> str:
        """The ``S256`` of the verifier."""
        return to_base64url(hashlib.sha256(self.verifier.encode("ascii")).digest())

    @property
    def challenge(self) -> str:
        """What a passkey has to sign, as base64url."""
        return self._derived("challenge")

    def _derived(self, what: str) -> str:
        return to_base64url(hmac.new(self._key, f"{what}\x00{self.text}".encode(), hashlib.sha256).digest())


def new_handle(key: bytes) -> Handle:
    """Return the handle of a new attempt."""
    return Handle(make_secret(SecretKind.ATTEMPT), key)


def read_handle(text: str, key: bytes) -> Handle | None:
    """Return the handle that a cookie holds."""
    return Handle(text, key) if is_well_formed(text, SecretKind.ATTEMPT) else None
