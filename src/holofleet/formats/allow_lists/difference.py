"""What changed between two lists: what to open, what may be closed."""

from __future__ import annotations

from dataclasses import dataclass

from holofleet.formats.allow_lists.entry import AllowList, Entry


@dataclass(frozen=True, slots=True)
class Difference:
    """Entries that are new, that are gone, and pairs of old and new that differ in ports, need or handling."""

    added: tuple[Entry, ...]
    removed: tuple[Entry, ...]
    changed: tuple[tuple[Entry, Entry], ...]

    def __bool__(self) -> bool:
        """Something differs."""
        return bool(self.added or self.removed or self.changed)


def compare(old: AllowList, new: AllowList) -> Difference:
    """Compare by name and path; reasons and groups are words for people and do not count."""
    before = {(entry.host, entry.path): entry for entry in old.entries}
    after = {(entry.host, entry.path): entry for entry in new.entries}
    return Difference(
        added=tuple(entry for key, entry in after.items() if key not in before),
        removed=tuple(entry for key, entry in before.items() if key not in after),
        changed=tuple(
            (before[key], entry)
            for key, entry in after.items()
            if key in before and _handling(before[key]) != _handling(entry)
        ),
    )


def _handling(entry: Entry) -> tuple[object, ...]:
    return frozenset(entry.ports), entry.need, entry.direct, entry.inspect, entry.inside
