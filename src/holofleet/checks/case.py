"""What a rule looks at: one deployment of the file, with its place in the whole."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from holofleet.checks.directory import Directory
from holofleet.diagnostics import Position
from holofleet.spec import EffectiveDeployment, Spec
from holofleet.spec.model.site import Site

_ATTRIBUTES = {"for": "for_", "except": "except_"}
"""Keys that cannot be Python names."""


@dataclass(frozen=True, slots=True)
class Case:
    """One deployment, as a rule sees it.

    Args:
        spec: The whole file.
        deployment: The deployment, its layers merged.
        today: The day of the check.
        target: Who delivers: ``server``, ``graph`` or ``files``.
        guides: The guides that bind the deployment, each with the reason.
        sites: Its headsets' sites: their index in the file and what it says of them.
        directory: Accounts, groups and licenses of the whole file.
    """

    spec: Spec
    deployment: EffectiveDeployment
    today: date
    target: str
    guides: Mapping[str, str]
    sites: tuple[tuple[int, Site], ...]
    directory: Directory

    @property
    def name(self) -> str:
        """Name of the deployment."""
        return self.deployment.name

    def value(self, key: str) -> Any:
        """Return what a dotted key holds in the end, or ``None`` where nobody said anything."""
        value: Any = self.deployment.settings
        for part in key.split("."):
            if value is None:
                return None
            value = getattr(value, _ATTRIBUTES.get(part, part))
        return value

    def place(self, key: str) -> Position:
        """Return where a dotted key was written; the deployment's own place where no layer of the file says it."""
        return self.deployment.origin(key).position or self.deployment.position

    def entries(self, key: str) -> Iterator[tuple[Any, Position]]:
        """Yield the entries of a list, each with its place (the deployment's, where a preset says the list)."""
        said = self.deployment.leaves.get(key, ())
        path = said[-1].path if said else ()
        for index, entry in enumerate(self.value(key) or ()):
            yield entry, self.at(*path, index) if path else self.place(key)

    def at(self, *path: str | int) -> Position:
        """Return the place of anything in the file, by its path from the root."""
        return self.spec.positions.of(path)
