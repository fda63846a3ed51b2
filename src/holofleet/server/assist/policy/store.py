"""The port through which rules of calls, and the sides that they judge, are read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

from holofleet.server.assist.policy.published import PublishedCalls
from holofleet.server.assist.policy.values import Side


class PolicyStore(Protocol):
    """Reads; what it returns is as it stands at that moment."""

    def number(self) -> int:
        """Return a number that changes whenever the published rules do."""
        ...

    def published(self) -> PublishedCalls:
        """Return the rules that were published last."""
        ...

    def headset(self, serial: str) -> Side | None:
        """Return a headset of the fleet."""
        ...

    def person(self, key: str) -> Side | None:
        """Return a person by id."""
        ...

    def experts(self, names: Iterable[str]) -> Sequence[Side]:
        """Return the people whom names mean, groups with their members; for no names, every expert of the
        organization itself. Ordered by name, then id. Whoever is no expert or has left is not among them."""
        ...
