"""Settings at rest: what a property reads as when nobody set it.

An object of ours is compared whole: also a property that the fleet file says nothing of is a difference once
somebody set it. What counts as not set is written down here, because the service fills in defaults of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from holofleet.targets.graph.reconcile.meaning import Comparer, same

_NOTHING: Final[tuple[Any, ...]] = (None, "", False, 0, [], {}, "notConfigured", "userDefined", "none")


@dataclass(frozen=True)
class AtRest(Mapping[str, Comparer]):
    """How the properties of one type rest and compare.

    Args:
        rests: By property, where it rests besides what always means nothing.
        service: Properties that the service keeps by itself; they are never compared.
        named: Comparers of properties that need one of their own.
        exact: Beginnings of names that have no rest: they are there or not.
    """

    rests: Mapping[str, Any] = field(default_factory=dict)
    service: frozenset[str] = frozenset()
    named: Mapping[str, Comparer] = field(default_factory=dict)
    exact: tuple[str, ...] = ()

    def is_at_rest(self, name: str, value: Any) -> bool:
        """Return whether a value means that nobody set the property."""
        resting = (*_NOTHING, self.rests[name]) if name in self.rests else _NOTHING
        return any(type(value) is type(rest) and value == rest for rest in resting)

    def set_by_somebody(self, item: Mapping[str, Any]) -> dict[str, Any]:
        """Return the properties of an object, as it was read, that are set."""
        return {
            name: value
            for name, value in item.items()
            if name not in self.service and "@odata" not in name and not self.is_at_rest(name, value)
        }

    def resting(self, names: frozenset[str]) -> dict[str, Any]:
        """Return the body that puts properties back to rest."""
        return {name: self.rests.get(name) for name in sorted(names)}

    def __getitem__(self, name: str) -> Comparer:
        if name in self.named:
            return self.named[name]
        if name.startswith(self.exact):
            return same
        return lambda wanted, seen: (
            (self.is_at_rest(name, wanted) and self.is_at_rest(name, seen)) or same(wanted, seen)
        )

    def get(self, name: str, default: Any = None) -> Any:
        """Return the comparer of any property."""
        return self[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.named)

    def __len__(self) -> int:
        return len(self.named)
