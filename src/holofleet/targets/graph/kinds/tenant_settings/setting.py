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
        fields: Names in a plan by the names of the fleet file; no two settings share one, so that a difference
            tells which of them is written.
        reads, writes: Operations.
    """

    fields: Mapping[str, str]
    reads: Sequence[Operation]
    writes: Sequence[Operation]

    def takes(self, name: str) -> bool:
        """Return whether a setting of this name is this one's."""
        ...

    def requests(self) -> Sequence[Request]:
        """Return the requests that read it."""
        ...

    def read(self, name: str, responses: Sequence[Response]) -> Reading | None:
        """Return what it is, or ``None`` where the tenant has no such thing."""
        ...

    def write(self, name: str, value: Mapping[str, Any], groups: tuple[str, ...]) -> Work[None]:
        """Make it so."""
        ...
