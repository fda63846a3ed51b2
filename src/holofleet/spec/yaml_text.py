"""Strict YAML, as a stream of events: every scalar stays the text that was written.

No anchors, aliases, tags, directives or merge keys, no key twice, one document, bounded depth. Nothing recurses,
so that hostile nesting ends in a fault and not in a crash. Places are collected by a second, equal pass, only
when somebody asks for one: a fleet of 10,000 headsets is read in a fraction of a second.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

import yaml
from yaml.events import (
    CollectionEndEvent,
    DocumentStartEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceStartEvent,
    StreamEndEvent,
)

Loader: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)

MAX_BYTES = 64 * 1024 * 1024
"""Of all texts of one fleet together."""
MAX_DEPTH = 32

Value: TypeAlias = "str | list[Any] | dict[str, Any]"
Path: TypeAlias = "tuple[str | int, ...]"


@dataclass(frozen=True, slots=True)
class YamlFault:
    """Something that this YAML may not hold, with its place (from 1)."""

    rule: str
    summary: str
    mend: str
    line: int
    column: int


class _RefusedError(Exception):
    """Stops the reading: what follows could not be understood."""


class _Reader:
    """One pass over the events of a text."""

    def __init__(self, text: str, *, places: bool) -> None:
        self.faults: list[YamlFault] = []
        self.places: dict[Path, tuple[int, int]] = {}
        self._wants_places = places
        self._loader = Loader(text)

    def run(self) -> Value:
        try:
            return self._documents()
        except _RefusedError:
            return {}
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            said = " ".join(part for part in (error.context, error.problem) if part)
            self._fault("file/yaml", f"this is not YAML: {said}", "Correct the line.", mark)
        except yaml.reader.ReaderError as error:
            self._fault("file/yaml", f"this is not YAML: {error.reason}", "Remove the character.", None)
        except RecursionError:
            self._fault("file/depth", f"nesting deeper than {MAX_DEPTH} levels", "Flatten it.", None)
        finally:
            self._loader.dispose()
        return {}

    def _documents(self) -> Value:
        event = self._loader.get_event()
        event = self._loader.get_event()
        if isinstance(event, StreamEndEvent):
            return {}
        self._check_start(event)
        value = self._document()
        self._loader.get_event()
        event = self._loader.get_event()
        if not isinstance(event, StreamEndEvent):
            self._fault(
                "file/documents",
                "a second YAML document in one file",
                "Keep one document in a file, or put the second one into a file of its own.",
                event.start_mark,
            )
        return value

    def _document(self) -> Value:
        get = self._loader.get_event
        stack: list[tuple[Any, str | None, int]] = []
        path: list[str | int] = []
        holder: Any = None
        key: str | None = None
        is_map = False
        while True:
            event = get()
            kind = event.__class__
            if kind is ScalarEvent:
                if event.anchor is not None or event.tag is not None:
                    self._check_node(event)
                value: Any = event.value
                if is_map and key is None:
                    key = self._key(value, holder, event)
                    if self._wants_places:
                        self._place((*path, key), event)
                    continue
            elif kind is MappingStartEvent or kind is SequenceStartEvent:
                self._check_node(event)
                if is_map and key is None:
                    self._fault(
                        "file/key", "a key that is not a text", "Write keys as plain words.", event.start_mark
                    )
                    raise _RefusedError
                if len(stack) >= MAX_DEPTH:
                    self._fault(
                        "file/depth", f"nesting deeper than {MAX_DEPTH} levels", "Flatten it.", event.start_mark
                    )
                    raise _RefusedError
                value = {} if kind is MappingStartEvent else []
            elif issubclass(kind, CollectionEndEvent):
                done = holder
                holder, key, _ = stack.pop()
                is_map = isinstance(holder, dict)
                if path and stack:
                    path.pop()
                if not stack:
                    return done  # type: ignore[no-any-return]  # the root collection, built above
                key = None
                continue
            else:
                self._fault(
                    "file/alias",
                    f"an alias, *{event.anchor}",
                    "Write the value out; what deployments share stands under `defaults`.",
                    event.start_mark,
                )
                raise _RefusedError
            if holder is None and kind is ScalarEvent:
                return value  # type: ignore[no-any-return]  # a document of one scalar
            step: str | int = ""
            if is_map:
                step = key or ""
                holder[key] = value
            elif holder is not None:
                step = len(holder)
                holder.append(value)
                if self._wants_places:
                    self._place((*path, step), event)
            if kind is ScalarEvent:
                key = None
                continue
            if holder is not None:
                path.append(step)
            stack.append((holder, key, 0))
            holder, key, is_map = value, None, kind is MappingStartEvent

    def _key(self, key: str, holder: dict[str, Any], event: Any) -> str:
        if key in holder:
            self._fault(
                "file/duplicate-key",
                f"key `{_short(key)}` stands twice in one mapping",
                "Keep one of the two.",
                event.start_mark,
            )
        elif key == "<<":
            self._fault(
                "file/merge-key",
                "a merge key, <<",
                "Write the keys out; what deployments share stands under `defaults`.",
                event.start_mark,
            )
        return key

    def _check_start(self, event: DocumentStartEvent) -> None:
        if getattr(event, "version", None) or getattr(event, "tags", None):
            self._fault("file/directive", "a YAML directive (% line)", "Remove it.", event.start_mark)

    def _check_node(self, event: Any) -> None:
        if event.anchor is not None:
            self._fault(
                "file/alias",
                f"an anchor, &{_short(event.anchor)}",
                "Remove it; what deployments share stands under `defaults`.",
                event.start_mark,
            )
        if event.tag is not None:
            self._fault(
                "file/tag",
                f"a tag, {_short(event.tag.replace('tag:yaml.org,2002:', '!!'))}",
                "Remove it: every value is read as its key asks.",
                event.start_mark,
            )

    def _place(self, path: Path, event: Any) -> None:
        self.places.setdefault(path, (event.start_mark.line + 1, event.start_mark.column + 1))

    def _fault(self, rule: str, summary: str, mend: str, mark: Any) -> None:
        if len(self.faults) < 100:
            line, column = (mark.line + 1, mark.column + 1) if mark is not None else (1, 1)
            self.faults.append(YamlFault(rule, summary, mend, line, column))


def _short(text: str) -> str:
    return text if len(text) <= 60 else text[:57] + "..."


def read_yaml(text: str) -> tuple[Value, tuple[YamlFault, ...]]:
    """Read one text; return its value and what it may not hold.

    Scalars are texts, also empty ones. With faults the value is what could be read, of no further use.
    """
    reader = _Reader(text, places=False)
    return reader.run(), tuple(reader.faults)


def places_of(text: str) -> dict[Path, tuple[int, int]]:
    """Return line and column (from 1) of every key and list item of a text, by path."""
    reader = _Reader(text, places=True)
    reader.run()
    return reader.places


def parents(path: Path) -> Iterator[Path]:
    """Yield the path, then each path above it down to the root."""
    for length in range(len(path), -1, -1):
        yield path[:length]


__all__ = ["MAX_BYTES", "MAX_DEPTH", "Path", "Value", "YamlFault", "parents", "places_of", "read_yaml"]
