"""The port of one setting."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from holofleet.targets.graph.operations import Operation, Request, Response
from holofleet.targets.graph.work import Work

GROUPS = "groups"


@dataclass(frozen=True, slots=True)
class Reading:
    """What a setting is now: plain values by the names of the fleet file, and ids of groups."""

    value: Mapping[str, Any] = field(default_factory=dict)
    groups: tuple[str, ...] = ()


class Setting(Protocol):
    """How one setting, or one family of settings, is read and written.

    Attributes:
        reads, writes: Operations.
    """

    reads: Sequence[Operation]
    writes: Sequence[Operation]

    def takes(self, name: str) -> bool:
        """Return whether a setting of this name is this one's."""
        ...

    def request(self) -> Request:
        """Return the request that reads it."""
        ...

    def read(self, name: str, response: Response) -> Reading | None:
        """Return what it is, or ``None`` where the tenant has no such thing."""
        ...

    def write(self, name: str, value: Mapping[str, Any], groups: tuple[str, ...]) -> Work[None]:
        """Make it so."""
        ...
