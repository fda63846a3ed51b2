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
    AliasEvent,
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
_NO_ALIAS = "Write it out; what deployments share stands under `defaults`."

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


class _Holder:
    """A collection while it is read: its content, the key that waits for a value, and its path if it is wanted.

    The holder of the root value has no path.
    """

    __slots__ = ("content", "is_map", "key", "path")

    def __init__(self, content: Any, *, path: Path | None) -> None:
        self.content = content
        self.is_map = isinstance(content, dict)
        self.key: str | None = None
        self.path = path

    def add(self, value: Any) -> str | int:
        """Take the next value; return its key or its index."""
        if self.key is not None:
            step, self.key = self.key, None
            self.content[step] = value
            return step
        self.content.append(value)
        return len(self.content) - 1


class _Reader:
    """One pass over the events of a text."""

    def __init__(self, text: str, *, places: bool) -> None:
        self.faults: list[YamlFault] = []
        self.places: dict[Path, tuple[int, int]] = {}
        self._wants_places = places
        self._text = text
        self._loader: Any = None

    def run(self) -> Value:
        try:
            self._loader = Loader(self._text)
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
            if self._loader is not None:
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
        """Build the one value of the document; a stack of holders stands for recursion."""
        get = self._loader.get_event
        top = _Holder([], path=None)
        stack = [top]
        while len(stack) > 1 or not top.content:
            event = get()
            kind = event.__class__
            if kind is ScalarEvent:
                self._scalar(stack[-1], event)
            elif kind is MappingStartEvent or kind is SequenceStartEvent:
                stack.append(self._opened(stack[-1], event, depth=len(stack)))
            elif kind is AliasEvent:
                self._fault("file/alias", f"an alias, *{_short(event.anchor)}", _NO_ALIAS, event.start_mark)
                raise _RefusedError
            else:
                stack.pop()
        return top.content[0]  # type: ignore[no-any-return]  # the holder of the root holds one value

    def _scalar(self, holder: _Holder, event: Any) -> None:
        if event.anchor is not None or event.tag is not None:
            self._check_node(event)
        if holder.is_map and holder.key is None:
            self._check_key(holder, event)
            holder.key = event.value
            if self._wants_places and holder.path is not None:
                self._place((*holder.path, event.value), event)
        else:
            self._add(holder, event.value, event)

    def _opened(self, holder: _Holder, event: Any, *, depth: int) -> _Holder:
        self._check_node(event)
        if holder.is_map and holder.key is None:
            self._fault("file/key", "a key that is not a text", "Write keys as plain words.", event.start_mark)
            raise _RefusedError
        if depth > MAX_DEPTH:
            self._fault("file/depth", f"nesting deeper than {MAX_DEPTH} levels", "Flatten it.", event.start_mark)
            raise _RefusedError
        content: Any = {} if event.__class__ is MappingStartEvent else []
        return _Holder(content, path=self._add(holder, content, event))

    def _add(self, holder: _Holder, value: Any, event: Any) -> Path:
        """Put a value into its holder; return its path, when places are wanted."""
        step = holder.add(value)
        if not self._wants_places or holder.path is None:
            return ()
        path = (*holder.path, step)
        if not holder.is_map:
            self._place(path, event)
        return path

    def _check_key(self, holder: _Holder, event: Any) -> None:
        if event.value in holder.content:
            summary = f"key `{_short(event.value)}` stands twice in one mapping"
            self._fault("file/duplicate-key", summary, "Keep one of the two.", event.start_mark)
        elif event.value == "<<":
            self._fault("file/merge-key", "a merge key, <<", _NO_ALIAS, event.start_mark)

    def _check_start(self, event: DocumentStartEvent) -> None:
        if getattr(event, "version", None) or getattr(event, "tags", None):
            self._fault("file/directive", "a YAML directive (% line)", "Remove it.", event.start_mark)

    def _check_node(self, event: Any) -> None:
        if event.anchor is not None:
            self._fault("file/alias", f"an anchor, &{_short(event.anchor)}", _NO_ALIAS, event.start_mark)
        if event.tag is not None:
            summary = f"a tag, {_short(event.tag.replace('tag:yaml.org,2002:', '!!'))}"
            self._fault("file/tag", summary, "Remove it: a value is read as its key asks.", event.start_mark)

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
