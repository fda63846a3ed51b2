"""Views that somebody saved: a name for an address of a list, theirs alone.

What is kept is what the address asks for, so a view is the list itself and nothing beside it: whoever is sent the
address sees what their own role lets them see.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from holofleet.errors import InputError, RefusedError
from holofleet.server.authorization import Principal, PrincipalKind

MOST = 30
"""Views of one person; ours: more are no longer found in a menu."""
LONGEST_NAME = 60
LONGEST_QUERY = 600


@dataclass(frozen=True, slots=True)
class SavedView:
    """A name, and what stands behind the question mark of the address."""

    name: str
    query: str


class SavedViewStore(Protocol):
    """Keeps them. Each call is one transaction."""

    def saved_views(self, upn: str, /) -> tuple[SavedView, ...]:
        """Return what somebody saved, by name; nothing for whoever is not in the directory."""
        ...

    def save_view(self, upn: str, view: SavedView, /, *, most: int) -> bool:
        """Keep a view in place of one with the same name; false for whoever is not in the directory.

        Raises:
            ConflictError: ``most`` are kept already.
        """
        ...

    def drop_view(self, upn: str, name: str, /) -> None:
        """Keep a view no more; nothing happens where there is none."""
        ...


def checked(name: str, query: str) -> SavedView:
    """Return a view as it is kept.

    Raises:
        InputError: no name, or one of the two is too long.
    """
    name = " ".join(name.split())
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise InputError("a view has a name", mend=f"Write one of at most {LONGEST_NAME} letters.")
    if len(query) > LONGEST_QUERY:
        raise InputError("this filter is too long to be saved", mend="Shorten it.")
    return SavedView(name, query)


def owner_of(principal: Principal) -> str:
    """Return whose views they are.

    Raises:
        RefusedError: nobody of the directory.
    """
    if principal.kind is not PrincipalKind.PERSON:
        raise RefusedError("views are saved for people of the directory")
    return principal.name
