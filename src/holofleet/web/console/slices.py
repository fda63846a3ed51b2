"""Pages of what is in memory already: reports, boards. Lists that the database holds are paged by their keys."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from holofleet.web.console.visit import Visit

PAGE = 50
_Row = TypeVar("_Row")


@dataclass(frozen=True, slots=True)
class Slice(Generic[_Row]):
    """One page of rows.

    Args:
        rows: What is on it.
        total: How many there are on all.
        page: Its number, from 1.
        name: Of the number in the address.
    """

    rows: Sequence[_Row]
    total: int
    page: int
    name: str

    @property
    def first(self) -> int:
        """The number of its first row, from 1."""
        return (self.page - 1) * PAGE + 1

    @property
    def last(self) -> int:
        """The number of its last row."""
        return self.first + len(self.rows) - 1

    @property
    def whole(self) -> bool:
        """Whether everything is on it."""
        return len(self.rows) == self.total

    def href(self, visit: Visit, page: int) -> str:
        """Return the address of another page, with all else in the address as it is."""
        return str(visit.request.url.include_query_params(**{self.name: page}).replace(scheme="", netloc=""))


def page_of(visit: Visit, rows: Sequence[_Row], name: str = "page") -> Slice[_Row]:
    """Return the page that the address asks for; one that is not there is the nearest that is."""
    asked = visit.asked(name)
    last = max(1, -(-len(rows) // PAGE))
    page = min(last, max(1, int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 8 else 1))
    return Slice(rows[(page - 1) * PAGE : page * PAGE], len(rows), page, name)
