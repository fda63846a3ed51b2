"""The port to the stored chain."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from holofleet.server.audit.chain import Anchor, Link, Verification
from holofleet.server.authorization import Scope


@dataclass(frozen=True, slots=True)
class AuditQuery:
    """Which records; what is ``None`` or empty does not narrow. Texts are compared whole, never as patterns."""

    actor: str = ""
    action: str = ""
    subject: str = ""
    client: str | None = None
    since: datetime | None = None
    until: datetime | None = None


class AuditStore(Protocol):
    """Reads of the chain; appending happens in the transactions of the changes."""

    def head(self) -> Anchor:
        """Return the newest record's number and hash."""
        ...

    def verify(self, anchors: Iterable[Anchor] = ()) -> Verification:
        """Walk the whole chain at one moment."""
        ...

    def page(
        self, scope: Scope, *, query: AuditQuery | None = None, before: int | None = None, limit: int = 100
    ) -> tuple[Link, ...]:
        """Return records in ``scope``, newest first."""
        ...

    def after(self, sequence: int, limit: int) -> tuple[Link, ...]:
        """Return records of the whole installation behind a number, oldest first."""
        ...

    def names(self, links: Iterable[Link]) -> dict[int, dict[str, str]]:
        """Return what names people in records, by number and field."""
        ...
