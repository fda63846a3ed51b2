"""One record of the audit chain, before it is chained."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

_EMPTY: Mapping[str, Any] = MappingProxyType({})
_OS_USER: ContextVar[str] = ContextVar("holofleet_os_user", default="")


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


@contextmanager
def done_at_the_machine(os_user: str) -> Iterator[None]:
    """Note whom the operating system knows as the user of a command, for what the local administrator does inside.

    Whoever can read the data folder is the local administrator, whichever of them it is. The name is what the
    command said, and no proof.
    """
    before = _OS_USER.set(os_user)
    try:
        yield
    finally:
        _OS_USER.reset(before)


def os_user() -> str:
    """Return whom the command said that it runs as; empty outside of one."""
    return _OS_USER.get()


def commitment(salt: bytes, value: str) -> str:
    """Return what the chain holds in place of a personal value; without its salt it says nothing."""
    return hashlib.sha256(b"holofleet audit personal 1\x00" + salt + value.encode()).hexdigest()
