"""How many messages wait for experts whose pages are open, so that a new one is told while they look elsewhere."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Final, Protocol

from holofleet.clock import Clock
from holofleet.server.assist.policy import CallPolicy

Waiting = Mapping[str, Mapping[str, int]]
"""Messages that nobody has taken, by the person for whom they are and the headset that left them."""
JUDGE_EVERY: Final = timedelta(seconds=30)
"""So often rules are asked again where no message came or went."""


class WaitingStore(Protocol):
    """Counts messages."""

    def waiting_for(self, people: Collection[str], *, now: datetime) -> Waiting:
        """Return what waits for people (by id); whoever nothing waits for is left out."""
        ...


class WaitingMessages:
    """Counts what waits for experts, of headsets that the rules let them meet (SECURITY AST-1)."""

    def __init__(self, store: WaitingStore, policy: CallPolicy, clock: Clock) -> None:
        self._store = store
        self._policy = policy
        self._clock = clock
        self._judged: tuple[Waiting, datetime, Mapping[tuple[str, str], bool]] | None = None

    def counts(self, people: Collection[str]) -> Mapping[str, int]:
        """Return how many messages wait for each of them; asked often, by one thread at a time."""
        now = self._clock.now()
        found = self._store.waiting_for(people, now=now)
        meets = self._meets(found, now)
        return {
            person: sum(count for serial, count in found.get(person, {}).items() if meets[person, serial])
            for person in people
        }

    def _meets(self, found: Waiting, now: datetime) -> Mapping[tuple[str, str], bool]:
        if self._judged is not None:
            before, at, meets = self._judged
            if before == found and now - at < JUDGE_EVERY:
                return meets
        meets = {(person, serial): self._may(person, serial) for person in found for serial in found[person]}
        self._judged = (found, now, meets)
        return meets

    def _may(self, person: str, serial: str) -> bool:
        headset, expert = self._policy.headset(serial), self._policy.expert(person)
        return headset is not None and expert is not None and self._policy.stands((headset, expert)).allowed
