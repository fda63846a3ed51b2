"""The port through which an identity is issued."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Protocol, TypeAlias

from holofleet.server.enrollment.issuing import Claim, Issue, Situation

Decide: TypeAlias = Callable[[Situation], Issue]


class IssuingStore(Protocol):
    """One transaction: read the situation, let it be decided, store what was decided."""

    def issue(self, claim: Claim, decide: Decide, *, at: datetime) -> Issue:
        """Issue under locks, so that requests with one credential, or for one hardware, come one after the other.

        Whatever ``decide`` raises is passed on and nothing is stored. Enrollment, event, use, countdown and audit
        record are stored together; when this returns they are on the disk.

        Raises:
            ConflictError: somebody else stored the same key in between; nothing was stored.
            StorageError: nothing was stored, or (at the very end) it is not known.
        """
        ...
