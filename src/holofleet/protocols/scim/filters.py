"""Filters: ``userName eq "megan@contoso.com" and not (active eq false)`` (RFC 7644, section 3.4.2.2).

The whole grammar is read, value paths too. How deep and how long a filter may be is bounded, because a stranger's
filter is a program that we run. Attribute names and texts compare without regard to case, except ``id`` and
``externalId``, as the schema says.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from holofleet.protocols.scim.errors import ScimError, ScimType

MOST_DEPTH: Final = 5
MOST_TERMS: Final = 10
MOST_CHARS: Final = 2_000
_TOKEN = re.compile(r'\s*(?:(?P<text>"(?:[^"\\\x00-\x1f]|\\.)*")|(?P<mark>[()\[\]])|(?P<word>[^\s()\[\]"]+))')
_PATH = re.compile(r"(?:[Uu][Rr][Nn]:[A-Za-z0-9:._-]+:)?[A-Za-z$][A-Za-z0-9$_-]*(?:\.[A-Za-z$][A-Za-z0-9$_-]*)?\Z")
_EXACT: Final = frozenset({"id", "externalid"})

Filter = Callable[[Mapping[str, Any]], bool]
"""Says whether a resource is meant."""


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str


def parse_filter(text: str) -> Filter:
    """Read a filter.

    Raises:
        ScimError: it is none, or longer or deeper than we run.
    """
    return _Reader(text).whole()


def equality(text: str) -> tuple[str, str] | None:
    """Return attribute (lower case) and text of a filter that is one ``eq``: what an index answers; else none."""
    tokens = list(_tokens(text)) if len(text) <= MOST_CHARS else []
    if len(tokens) == 3 and tokens[1].text.lower() == "eq" and tokens[2].kind == "text":
        return tokens[0].text.lower(), str(_text(tokens[2].text))
    return None


class _Reader:
    """Recursive descent; ``or`` binds least, then ``and``, then ``not``."""

    def __init__(self, text: str) -> None:
        if len(text) > MOST_CHARS:
            raise _refused(f"longer than {MOST_CHARS} characters")
        self._tokens = list(_tokens(text))
        self._at = 0
        self._terms = 0

    def whole(self) -> Filter:
        found = self._either(1)
        if self._at != len(self._tokens):
            raise _refused(f"{self._tokens[self._at].text[:40]!r} is too much")
        return found

    def _either(self, depth: int) -> Filter:
        if depth > MOST_DEPTH:
            raise _refused(f"nested deeper than {MOST_DEPTH}")
        parts = [self._all(depth)]
        while self._take("or"):
            parts.append(self._all(depth))
        return parts[0] if len(parts) == 1 else lambda item: any(part(item) for part in parts)

    def _all(self, depth: int) -> Filter:
        parts = [self._one(depth)]
        while self._take("and"):
            parts.append(self._one(depth))
        return parts[0] if len(parts) == 1 else lambda item: all(part(item) for part in parts)

    def _one(self, depth: int) -> Filter:
        if self._take("not"):
            inner = self._bracketed("(", ")", depth)
            return lambda item: not inner(item)
        if self._peek("("):
            return self._bracketed("(", ")", depth)
        path = self._path()
        if self._peek("["):
            inner = self._bracketed("[", "]", depth)
            return lambda item: any(inner(value) for value in _values(item, path) if isinstance(value, Mapping))
        return self._comparison(path)

    def _bracketed(self, opening: str, closing: str, depth: int) -> Filter:
        if not self._take(opening):
            raise _refused(f"{opening!r} is missing")
        inner = self._either(depth + 1)
        if not self._take(closing):
            raise _refused(f"{closing!r} is missing")
        return inner

    def _comparison(self, path: str) -> Filter:
        self._terms += 1
        if self._terms > MOST_TERMS:
            raise _refused(f"more than {MOST_TERMS} comparisons")
        word = self._next().text.lower()
        if word == "pr":
            return lambda item: any(value not in (None, "", [], {}) for value in _values(item, path))
        compare = _COMPARISONS.get(word)
        if compare is None:
            raise _refused(f"{word[:20]!r} is no comparison")
        wanted = self._value()
        exact = path.rpartition(":")[2].lower() in _EXACT
        if word == "ne":
            return lambda item: (
                not any(
                    _COMPARISONS["eq"](_folded(value, exact), _folded(wanted, exact))
                    for value in _plain(item, path)
                )
            )
        return lambda item: any(
            compare(_folded(value, exact), _folded(wanted, exact)) for value in _plain(item, path)
        )

    def _path(self) -> str:
        token = self._next()
        if token.kind != "word" or not _PATH.match(token.text):
            raise _refused(f"{token.text[:40]!r} is no attribute")
        return token.text

    def _value(self) -> Any:
        token = self._next()
        if token.kind == "text":
            return _text(token.text)
        try:
            value = json.loads(token.text)
        except ValueError:
            value = token.text.lower() == "true" if token.text.lower() in ("true", "false") else ...
        if token.kind != "word" or isinstance(value, (dict, list)) or value is ...:
            raise _refused(f"{token.text[:40]!r} is no value")
        return value

    def _next(self) -> _Token:
        if self._at >= len(self._tokens):
            raise _refused("it ends too early")
        self._at += 1
        return self._tokens[self._at - 1]

    def _peek(self, mark: str) -> bool:
        here = self._tokens[self._at] if self._at < len(self._tokens) else None
        return here is not None and here.kind != "text" and here.text.lower() == mark

    def _take(self, mark: str) -> bool:
        found = self._peek(mark)
        self._at += found
        return found


def _tokens(text: str) -> Iterator[_Token]:
    at = 0
    end = len(text.rstrip())
    while at < end:
        match = _TOKEN.match(text, at)
        if match is None:
            raise _refused(f"it cannot be read from character {at + 1} on")
        kind = str(match.lastgroup)
        yield _Token(kind, match.group(kind))
        at = match.end()


def _text(token: str) -> Any:
    try:
        return json.loads(token)
    except ValueError as error:
        raise _refused(f"{token[:40]} is no text") from error


def _values(item: Mapping[str, Any], path: str) -> list[Any]:
    """Return all values at a path; of a list each, and of its objects their ``value`` where no part is named."""
    schema, _, rest = path.rpartition(":")
    held: Any = _member(item, schema) if schema and _member(item, schema) is not None else item
    found = [held]
    for name in rest.split("."):
        inner = [_member(value, name) for value in found if isinstance(value, Mapping)]
        found = [one for value in inner for one in (value if isinstance(value, list) else [value])]
    return found


def _plain(item: Mapping[str, Any], path: str) -> list[Any]:
    """Return values to compare: an object of a list stands for its ``value``."""
    return [_member(value, "value") if isinstance(value, Mapping) else value for value in _values(item, path)]


def _member(item: Mapping[str, Any], name: str) -> Any:
    folded = name.lower()
    return next((value for key, value in item.items() if key.lower() == folded), None)


def _folded(value: Any, exact: bool) -> Any:
    return value.casefold() if isinstance(value, str) and not exact else value


def _same(seen: Any, wanted: Any) -> bool:
    return type(seen) is type(wanted) and bool(seen == wanted)


def _texts(compare: Callable[[str, str], bool]) -> Callable[[Any, Any], bool]:
    return lambda seen, wanted: isinstance(seen, str) and isinstance(wanted, str) and compare(seen, wanted)


def _ordered(compare: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    def decide(seen: Any, wanted: Any) -> bool:
        alike = type(seen) is type(wanted) and isinstance(seen, (str, int, float)) and not isinstance(seen, bool)
        return alike and compare(seen, wanted)

    return decide


_COMPARISONS: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "eq": _same,
    "ne": _same,
    "co": _texts(lambda seen, wanted: wanted in seen),
    "sw": _texts(str.startswith),
    "ew": _texts(str.endswith),
    "gt": _ordered(lambda seen, wanted: seen > wanted),
    "ge": _ordered(lambda seen, wanted: seen >= wanted),
    "lt": _ordered(lambda seen, wanted: seen < wanted),
    "le": _ordered(lambda seen, wanted: seen <= wanted),
}


def _refused(what: str) -> ScimError:
    return ScimError(ScimType.INVALID_FILTER, f"the filter cannot be used: {what}")
