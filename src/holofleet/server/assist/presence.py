"""Who is there: sockets, renewed while they are open, and whether somebody wants to be called."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Final

from holofleet.clock import Clock
from holofleet.server.assist.store import PresenceStore

RENEW_EVERY: Final = timedelta(seconds=20)
GONE_AFTER: Final = timedelta(seconds=60)
"""A process that did not renew its sockets for so long is not there any more."""


class Presence:
    """Reads presence; sockets write it through the store."""

    def __init__(self, store: PresenceStore, clock: Clock) -> None:
        self.store = store
        self._clock = clock

    def states(self, who: Iterable[str]) -> Mapping[str, str]:
        """Return ``ready``, ``busy`` or ``away`` for each party."""
        listed = tuple(dict.fromkeys(who))
        there = self.there(listed)
        wants = there - self.store.away(there)
        busy = self.store.busy(there)
        return {
            one: "busy" if one in busy and one in there else "ready" if one in wants else "away" for one in listed
        }

    def there(self, who: Iterable[str]) -> frozenset[str]:
        """Return who has a socket."""
        return self.store.there(who, since=self._clock.now() - GONE_AFTER)
