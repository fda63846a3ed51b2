"""Finding objects of ours by the marker in one of their texts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from holofleet.resources import Address
from holofleet.targets.graph.operations import Lookup, Request, Response
from holofleet.targets.graph.reconcile import Scope, Wanted


def address_of(item: Mapping[str, Any], scope: Scope, *, text: str = "description") -> Address | None:
    """Return the address that an object is marked with; ``None`` for one that is not ours."""
    return scope.marker.read(item.get(text))


def by_marker(
    listing: Request, wanted: Wanted, scope: Scope, *, text: str = "description", unique: bool = False
) -> Lookup:
    """Return how a creation is found again whose answer never came: by its marker in a list.

    Args:
        listing: Reads the objects of its kind, with the text that holds the marker.
        wanted: What is being made.
        scope: Whose marker it is.
        text: Property that holds the marker.
        unique: The service itself refuses a second one.
    """

    def match(response: Response) -> Mapping[str, Any] | None:
        return next(
            (item for item in response.value if address_of(item, scope, text=text) == wanted.address), None
        )

    return Lookup(listing, match, str(wanted.address), unique=unique)
