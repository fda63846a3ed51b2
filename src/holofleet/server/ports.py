"""What the server asks of the world outside it: stores, secrets, revocations. ``storage`` implements the stores.

Each port has one contract suite in ``tests/contract``, which every implementation passes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from holofleet.server.standing import Standing


@dataclass(frozen=True, slots=True)
class NewEnrollment:
    """An enrollment as issuing writes it. ``claims``: what the request said of itself, believed by nobody."""

    id: str
    client: str
    deployment: str
    device_id: str
    hardware_id: str
    certificate_sha256: str
    public_key_sha256: str
    certificate_not_after: datetime
    epoch: int
    credential_id: str | None = None
    upn: str = ""
    device_name: str = ""
    standing: Standing = Standing.ACTIVE
    standing_reason: str = ""
    claims: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LivingEnrollment:
    """An enrollment that still counts as the headset that it says it is. ``seen``: it checked in at least once."""

    id: str
    client: str
    deployment: str
    standing: Standing
    credential_id: str | None
    seen: bool


class SecretResolver(Protocol):
    """Fills in secrets at the moment of sending; nothing else ever sees a value (SECURITY D2)."""

    def fingerprint(self, reference: str) -> str | None:
        """Return a fingerprint of the value keyed with the install key, or ``None`` if there is no value."""
        ...

    def value(self, reference: str) -> str | None:
        """Return the value, or ``None`` if there is none now."""
        ...


class Revocations(Protocol):
    """The list of revoked certificates outside the database, which a restored backup cannot forget (D6)."""

    def revoked(self, certificate_sha256: str) -> bool:
        """Tell whether the certificate with this SHA-256 (hex) of its DER was ever revoked."""
        ...


class CertificateJudge(Protocol):
    """Judges a headset's certificate by itself: chain to the device CA, dates, extended key usage."""

    def refusal(self, der: bytes, now: datetime) -> str:
        """Return why the certificate is refused, or an empty text if it stands."""
        ...
