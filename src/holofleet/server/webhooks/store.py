"""The ports of webhooks: who keeps them, and the outbox."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Protocol

from holofleet.server.audit import AuditRecord
from holofleet.server.webhooks.notices import Notice
from holofleet.server.webhooks.values import Due, Settled, Webhook, WebhookDetail, Wish


class WebhookStore(Protocol):
    """Keeps webhooks. Each change is one transaction with its audit record."""

    def listed(self) -> Sequence[Webhook]:
        """Return every webhook, by name."""
        ...

    def detail(self, webhook: str, *, limit: int) -> WebhookDetail | None:
        """Return a webhook with its newest deliveries."""
        ...

    def add(
        self, webhook: str, wish: Wish, sealed: str, maker: str, *, at: datetime, most: int, audit: AuditRecord
    ) -> None:
        """Keep a new one.

        Raises:
            ConflictError: there are as many as may be, or one has this name.
        """
        ...

    def change(self, webhook: str, wish: Wish, *, why_off: str, at: datetime, audit: AuditRecord) -> None:
        """Make it be as somebody wishes; switched off, what still waits is given up.

        Raises:
            ConflictError: another one has this name.
        """
        ...

    def rotate(
        self, webhook: str, sealed: str, *, at: datetime, former_until: datetime, audit: AuditRecord
    ) -> None:
        """Take another secret; the one before signs too until then."""
        ...

    def remove(self, webhook: str, *, at: datetime, audit: AuditRecord) -> None:
        """Forget it with its deliveries."""
        ...

    def put(self, webhook: str, notice: Notice, *, audit: AuditRecord) -> str:
        """Put a message to this webhook into the outbox, whatever it takes; return the id of the delivery."""
        ...


class Outbox(Protocol):
    """What is still to be delivered. Each call is one transaction."""

    def lanes(self, now: datetime) -> Sequence[str]:
        """Return the webhooks that are on and have deliveries due."""
        ...

    def claim(self, webhook: str, *, now: datetime, until: datetime, limit: int) -> Sequence[Due]:
        """Take deliveries that are due, oldest first. Nobody else gets them until that moment; then anybody."""
        ...

    def settle(self, settled: Iterable[Settled]) -> None:
        """Keep what came of attempts. What somebody else has taken since is left alone."""
        ...

    def tell_of_time(self, now: datetime) -> int:
        """Put into the outbox what came by time alone since the last call; return how much."""
        ...

    def forget(self, *, before: datetime) -> int:
        """Delete deliveries that came to their end before a moment."""
        ...
