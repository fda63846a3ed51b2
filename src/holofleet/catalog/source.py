"""What the facts of the catalog come from: published pages, by id."""

from __future__ import annotations

from dataclasses import dataclass

from holofleet.catalog import reading


@dataclass(frozen=True, slots=True)
class Source:
    """A published page or collection; ``version`` is the date of the text that was read."""

    id: str
    title: str
    publisher: str
    version: str

    def __str__(self) -> str:
        return f"'{self.title}' ({self.publisher}, {self.version})"


def load() -> dict[str, Source]:
    """Read the sources, by id."""
    return {
        key: Source(key, row["title"], row["publisher"], row["version"])
        for key, row in reading.read("sources").items()
    }
