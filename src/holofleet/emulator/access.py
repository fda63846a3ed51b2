"""Who may do what: bearer tokens with a ``roles`` claim, as an application gets them.

The emulator mints its own tokens (HS256, a key made at its start) for applications that it knows; it never
takes one of a real tenant for good. Without ``require`` it asks for none, as on loopback.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from cryptography import x509

from holofleet.emulator.message import Family, GraphError

_HEADER = {"alg": "HS256", "typ": "JWT"}


@dataclass(frozen=True)
class Application:
    """An application registration of the tenant.

    Args:
        id: Its client id.
        name: Stands in audit logs.
        secret: Empty where it has none.
        roles: Permissions that an administrator granted.
        certificates: Any of them proves the application.
    """

    id: str
    name: str
    secret: str = field(repr=False)
    roles: tuple[str, ...]
    certificates: tuple[x509.Certificate, ...] = ()


@dataclass
class Access:
    """Mints and reads tokens.

    Args:
        require: Whether requests without a token are refused.
        applications: Who can ask for one, by client id.
    """

    require: bool = False
    applications: dict[str, Application] = field(default_factory=dict)
    key: bytes = field(default_factory=lambda: secrets.token_bytes(32), repr=False)

    def token(
        self,
        roles: Sequence[str],
        *,
        now: datetime,
        lasts: timedelta = timedelta(hours=1),
        name: str = "holofleet",
        scopes: Sequence[str] = (),
    ) -> str:
        """Return a token for an application with these permissions; with ``scopes`` one of a person."""
        claims = {
            "aud": "https://graph.microsoft.com",
            "app_displayname": name,
            **({"scp": " ".join(scopes), "idtyp": "user"} if scopes else {"roles": list(roles), "idtyp": "app"}),
            "iat": int(now.timestamp()),
            "exp": int((now + lasts).timestamp()),
        }
        return self.sign(claims)

    def sign(self, claims: Mapping[str, Any]) -> str:
        """Return claims as a token, signed by the key of this emulator."""
        signed = f"{encode(_HEADER)}.{encode(claims)}"
        return f"{signed}.{self._signature(signed)}"

    def claims(self, headers: Mapping[str, str], now: datetime) -> dict[str, Any] | None:
        """Return what the token of a request says; None when no token is asked for.

        Raises:
            GraphError: 401.
        """
        if not self.require:
            return None
        scheme, _, token = headers.get("authorization", "").partition(" ")
        if scheme.casefold() != "bearer" or not token:
            raise GraphError(401, "Access token is empty.")
        signed, _, signature = token.rpartition(".")
        if not hmac.compare_digest(signature.encode(), self._signature(signed).encode()):
            raise GraphError(401, "Access token validation failure. Invalid signature.")
        claims = _decode(signed.partition(".")[2])
        if claims["exp"] <= now.timestamp():
            raise GraphError(401, "Lifetime validation failed, the token is expired.")
        return claims

    def _signature(self, signed: str) -> str:
        digest = hmac.new(self.key, signed.encode(), hashlib.sha256).digest()
        return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def granted(claims: Mapping[str, Any]) -> frozenset[str]:
    """Return what a token permits, of an application or of a person."""
    return frozenset([*claims.get("roles", ()), *str(claims.get("scp", "")).split()])


def held(roles: Iterable[str], entry: str) -> bool:
    """Return whether roles hold a permission, or all of several that are joined by ``+``."""
    return set(entry.split("+")) <= set(roles)


def require_permission(
    claims: Mapping[str, Any] | None, allowed: Sequence[str], family: Family, *, delegated_only: bool
) -> None:
    """Refuse what an application may not do; one entry of ``allowed`` is enough.

    The directory does not say what is missing; Intune does.

    Raises:
        GraphError: 403.
    """
    if delegated_only and not (claims or {}).get("scp"):
        raise GraphError(403, "Application permissions do not suffice: this needs a signed-in person.")
    if claims is None or not allowed or any(held(granted(claims), entry) for entry in allowed):
        return
    if family is Family.INTUNE:
        raise GraphError(
            403,
            "Application is not authorized to perform this operation. Application must have one of the "
            f"following scopes: {', '.join(allowed)}",
        )
    raise GraphError(403, "Insufficient privileges to complete the operation.")


def encode(value: Any) -> str:
    """Return a value as a part of a token."""
    text = json.dumps(value, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(text).decode().rstrip("=")


def _decode(text: str) -> dict[str, Any]:
    claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    return claims
