"""Settings at rest: what a property reads as when nobody set it.

An object of ours is compared whole: also a property that the fleet file says nothing of is a difference once
somebody set it. What counts as not set is written down here, because the service fills in defaults of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
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
        exact: Beginnings of names that have no rest: they are there or not, and one with parts is compared whole.
        counted: Numbers for which 0 is a choice and only nothing is rest (a deadline of no days).
    """

    rests: Mapping[str, Any] = field(default_factory=dict)
    service: frozenset[str] = frozenset()
    named: Mapping[str, Comparer] = field(default_factory=dict)
    exact: tuple[str, ...] = ()
    counted: frozenset[str] = frozenset()

    def is_at_rest(self, name: str, value: Any) -> bool:
        """Return whether a value means that nobody set the property."""
        resting = (*_NOTHING, self.rests[name]) if name in self.rests else _NOTHING
        if name in self.counted and value == 0:
            return False
        return any(type(value) is type(rest) and value == rest for rest in resting)

    def set_by_somebody(self, item: Mapping[str, Any]) -> dict[str, Any]:
        """Return the properties of an object, as it was read, that are set."""
        return {
            name: value
            for name, value in item.items()
            if name not in self.service and "@odata" not in name and not self.is_at_rest(name, value)
        }

    def resting(self, names: Iterable[str], seen: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Return the body that puts properties back to rest.

        Args:
            names: The properties.
            seen: What they are: a switch is switched off and a list emptied; the service takes no null there.
        """
        nothing: dict[type, Any] = {bool: False, list: []}
        there = seen or {}
        return {name: self.rests.get(name, nothing.get(type(there.get(name)))) for name in sorted(names)}

    def __getitem__(self, name: str) -> Comparer:
        if name in self.named:
            return self.named[name]
        if name.startswith(self.exact):
            return _whole
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


def _whole(wanted: Any, seen: Any) -> bool:
    """Compare a group of parts in both directions, so that an added part is found too; the rest as ever."""
    if isinstance(wanted, dict) and isinstance(seen, dict):
        return wanted.keys() == seen.keys() and all(same(value, seen[key]) for key, value in wanted.items())
    return same(wanted, seen)
