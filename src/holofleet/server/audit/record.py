"""One record of the audit chain, before it is chained."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

_EMPTY: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class AuditRecord:
    """Who did what to whom.

    Args:
        actor: :attr:`holofleet.server.authorization.Principal.actor`, or ``credential:ID`` for an enrollment.
        action: A value of :class:`holofleet.server.authorization.Action`.
        subject: What it was done to, as ``kind:id``.
        client: Whose thing it was; empty for the installation itself.
        data: Plain JSON values. Never a secret, and never what names a person: that goes into ``personal``.
        personal: What names a person. The chain holds salted commitments only, so that it can be erased later
            without breaking the chain.
    """

    actor: str
    action: str
    subject: str
    client: str = ""
    data: Mapping[str, Any] = field(default_factory=lambda: _EMPTY)
    personal: Mapping[str, str] = field(default_factory=lambda: _EMPTY)


def commitment(salt: bytes, value: str) -> str:
    """Return what the chain holds in place of a personal value; without its salt it says nothing."""
    return hashlib.sha256(b"holofleet audit personal 1\x00" + salt + value.encode()).hexdigest()
