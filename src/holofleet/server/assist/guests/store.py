"""The port through which links of guests are kept."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Protocol

from holofleet.server.assist.guests.values import GuestLink
from holofleet.server.audit import AuditRecord
from holofleet.server.authorization import Scope


class GuestStore(Protocol):
    """Keeps links; knows secrets by their SHA-256 only."""

    def make(self, link: GuestLink, digest: str, audit: AuditRecord, *, sides: Iterable[str] = ()) -> None:
        """Keep a new link; ``sides``: on which sides of barriers its headset and its maker stand."""
        ...

    def open(self, digest: str, session: str, *, at: datetime, epoch: int) -> GuestLink | None:
        """Bind a link to a browser, once: ``None`` where it is unknown, used, over or of before a restore."""
        ...

    def of_session(self, session: str) -> GuestLink | None:
        """Return the link that was opened in a browser."""
        ...

    def link(self, key: str) -> GuestLink | None:
        """Return a link by id."""
        ...

    def of_person(self, person: str, *, after: datetime) -> Sequence[GuestLink]:
        """Return the links of a maker that are not over at ``after``, newest first."""
        ...

    def of_headset(self, serial: str, *, after: datetime) -> Sequence[GuestLink]:
        """Return the links for a headset that are not over at ``after``, oldest first."""
        ...

    def listed(self, scope: Scope, *, after: datetime, limit: int) -> Sequence[GuestLink]:
        """Return links within a scope that are not over at ``after``, newest first."""
        ...

    def within(self, scope: Scope, key: str) -> GuestLink | None:
        """Return a link by id, if it is within a scope."""
        ...

    def ask(self, key: str, name: str, *, at: datetime) -> None:
        """Keep who asks to come in, and since when."""
        ...

    def told(self, key: str, call: str) -> None:
        """Keep that the experts of a call were told of it."""
        ...

    def end(self, key: str, why: str, *, at: datetime, audit: AuditRecord) -> bool:
        """End a link; false where it is over already."""
        ...

    def forget(self, *, before: datetime) -> int:
        """Delete links whose time was over before a moment."""
        ...
