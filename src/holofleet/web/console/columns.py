"""Columns of a list, chosen by whoever reads it: they stand in the address, so that a list can be sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from holofleet.web.console.visit import Visit

LONGEST = 200


@dataclass(frozen=True, slots=True)
class Columns:
    """What can stand beside a name.

    Args:
        titles: By the word in the address, in the order in which they stand.
        usual: Those that are shown where nobody chose.
    """

    titles: Mapping[str, str]
    usual: tuple[str, ...]

    def asked(self, visit: Visit) -> str:
        """Return what was chosen, as ``show`` has it in an address; empty for the usual ones."""
        chosen = {*visit.asked("show")[:LONGEST].split(","), *visit.request.query_params.getlist("column")}
        columns = tuple(name for name in self.titles if name in chosen)
        return "" if columns == self.usual else ",".join(columns)

    def shown(self, show: str) -> tuple[str, ...]:
        """Return the columns that ``show`` means, in the order of the list."""
        chosen = set(show.split(",")) if show else set(self.usual)
        return tuple(name for name in self.titles if name in chosen)
