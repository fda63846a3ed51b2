"""Tokens: the port that credentials implement, and what a token says of itself.

A token is opaque to whoever holds it; its ``roles`` and ``scp`` claims are read only to name a missing permission
before anything is sent. Nothing is decided on them: Graph decides.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Protocol

from holofleet.errors import RefusedError

EARLY_S = 300.0
"""A token is renewed so long before it ends."""


class SignInError(RefusedError):
    """No token: the credential was refused, or the sign-in service cannot be reached."""

    exit_status = 2


@dataclass(frozen=True, slots=True)
class Token:
    """A bearer token.

    Args:
        value: Never shown.
        expires_at: Seconds since the epoch.
    """

    value: str = field(repr=False)
    expires_at: float

    @property
    def permissions(self) -> frozenset[str] | None:
        """Application and delegated permissions; ``None`` where the token does not say."""
        claims = self._claims()
        if claims is None:
            return None
        roles, scopes = claims.get("roles"), claims.get("scp")
        listed = list(roles) if isinstance(roles, list) else []
        return frozenset(str(item) for item in listed + str(scopes or "").split())

    @property
    def delegated(self) -> bool:
        """True when a person signed in."""
        return bool((self._claims() or {}).get("scp"))

    def _claims(self) -> dict[str, Any] | None:
        parts = self.value.split(".")
        if len(parts) != 3:
            return None
        try:
            padded = parts[1] + "=" * (-len(parts[1]) % 4)
            claims = json.loads(base64.urlsafe_b64decode(padded))
        except (ValueError, binascii.Error):
            return None
        return claims if isinstance(claims, dict) else None


class TokenSource(Protocol):
    """Where tokens come from."""

    async def token(self, *, fresh: bool = False) -> Token:
        """Return a valid token; with ``fresh`` a new one, because the last was refused.

        Raises:
            SignInError: there is none.
        """
        ...


def missing(needed: Iterable[str], held: frozenset[str]) -> tuple[str, ...]:
    """Return which permissions are not covered by those held, sorted."""
    return tuple(sorted({name for name in needed if not _covered(name, held)}))


_WIDER: dict[str, tuple[str, ...]] = {
    "Group.Create": ("Group.ReadWrite.All", "Directory.ReadWrite.All"),
    "GroupMember.Read.All": ("Group.Read.All", "Group.ReadWrite.All", "GroupMember.ReadWrite.All"),
    "GroupMember.ReadWrite.All": ("Group.ReadWrite.All",),
    "User.DeleteRestore.All": ("User.ReadWrite.All",),
    "User.EnableDisableAccount.All": ("User.ReadWrite.All",),
    "User.RevokeSessions.All": ("User.ReadWrite.All",),
    "User-PasswordProfile.ReadWrite.All": ("User.ReadWrite.All",),
    "UserAuthMethod-TAP.ReadWrite.All": ("UserAuthenticationMethod.ReadWrite.All",),
    "UserAuthMethod-WindowsHello.Read.All": ("UserAuthenticationMethod.Read.All",),
    "UserAuthMethod-WindowsHello.ReadWrite.All": ("UserAuthenticationMethod.ReadWrite.All",),
    "Policy.Read.AuthenticationMethod": ("Policy.Read.All", "Policy.ReadWrite.AuthenticationMethod"),
    "Policy.Read.DeviceConfiguration": ("Policy.Read.All", "Policy.ReadWrite.DeviceConfiguration"),
    "DeviceManagementManagedDevices.PrivilegedOperations.All": (),
}
_DIRECTORY = ("User.", "Group.", "GroupMember.", "Device.", "Organization.", "Domain.", "LicenseAssignment.")


def _covered(name: str, held: frozenset[str]) -> bool:
    wider = {name, *_WIDER.get(name, ())}
    if name.endswith(".Read.All"):
        wider.add(name.removesuffix(".Read.All") + ".ReadWrite.All")
        if name.startswith(_DIRECTORY):
            wider |= {"Directory.Read.All", "Directory.ReadWrite.All"}
    return not held.isdisjoint(wider)
