"""Where every key of a fleet stands, also when it was written in several files or in a table of headsets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from holofleet.diagnostics import Position
from holofleet.spec.yaml_text import Path, parents, places_of


@dataclass(frozen=True, slots=True)
class Span:
    """Items ``start`` up to ``start + count`` of a joined list come from ``file``; ``count`` 0 for no list."""

    file: str
    start: int
    count: int


@dataclass(frozen=True, slots=True)
class Row:
    """A headset that stands in a table: its file, its line, and the column (from 1) of each key."""

    file: str
    line: int
    columns: Mapping[str, int]


@dataclass
class Positions:
    """Answers where a path of the joined fleet stands.

    Args:
        texts: The YAML texts by name.
        spans: Where each top-level key was written, in joining order.
        headsets: Per headset, the row of a table, or the path inside a YAML file.
    """

    texts: Mapping[str, str]
    spans: Mapping[str, tuple[Span, ...]] = field(default_factory=dict)
    headsets: tuple[Row | tuple[str, Path], ...] = ()
    _places: dict[str, dict[Path, tuple[int, int]]] = field(default_factory=dict)

    def of(self, path: Path) -> Position:
        """Return the place of a path, or of the nearest thing above it that is written somewhere."""
        if not path or path[0] not in self.spans:
            return Position(next(iter(self.texts), ""), 1, 1)
        if path[0] == "headsets" and len(path) > 1 and isinstance(path[1], int) and path[1] < len(self.headsets):
            origin = self.headsets[path[1]]
            if isinstance(origin, Row):
                column = origin.columns.get(str(path[2]), 1) if len(path) > 2 else 1
                return Position(origin.file, origin.line, column)
            return self._in_file(origin[0], origin[1] + path[2:])
        spans = self.spans[str(path[0])]
        if len(path) > 1 and isinstance(path[1], int):
            for span in spans:
                if span.start <= path[1] < span.start + span.count:
                    return self._in_file(span.file, (path[0], path[1] - span.start, *path[2:]))
        return self._in_file(spans[0].file, path)

    def _in_file(self, file: str, path: Path) -> Position:
        if file not in self._places:
            self._places[file] = places_of(self.texts[file])
        places = self._places[file]
        for candidate in parents(path):
            if candidate in places:
                return Position(file, *places[candidate])
        return Position(file, 1, 1)
