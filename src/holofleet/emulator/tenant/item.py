"""One object of a tenant."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass
class Item:
    """An object with its properties, links and contained objects.

    Args:
        id: What addresses it.
        type: Its type, without prefix.
        properties: All that is said about it, but its id.
        order: Number of its creation: lists are in this order, so that paging is stable.
        visible_from: Reads do not find it earlier.
        links: Linked objects by navigation property: their ids, and since when reads show them.
        parts: Contained objects by navigation property, in order.
        earlier: What reads show before a moment, after a change that has not arrived everywhere.
    """

    id: str
    type: str
    properties: dict[str, Any]
    order: int
    visible_from: datetime
    links: dict[str, dict[str, datetime]] = field(default_factory=dict)
    parts: dict[str, dict[str, Item]] = field(default_factory=dict)
    earlier: tuple[datetime, dict[str, Any]] | None = None

    def visible(self, now: datetime) -> bool:
        """Return whether reads find it."""
        return now >= self.visible_from

    def shown(self, now: datetime) -> dict[str, Any]:
        """Return the properties as reads show them now."""
        if self.earlier is not None:
            moment, properties = self.earlier
            if now < moment:
                return properties
            self.earlier = None
        return self.properties

    def linked(self, name: str, now: datetime) -> list[str]:
        """Return the ids that reads show behind a navigation property."""
        return [target for target, since in self.links.get(name, {}).items() if now >= since]

    def contained(self, name: str) -> dict[str, Item]:
        """Return the contained objects of a navigation property, to read or to change."""
        return self.parts.setdefault(name, {})
