"""``$filter``: comparisons, string functions, ``and``/``or``/``not``, and ``any`` over a collection.

A filter is read against a table of what the collection supports: ``{"displayName": "eq startswith"}``. What needs
advanced queries (``ne``, ``not``, ``endswith``) is marked, so that the caller can ask for ConsistencyLevel.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from holofleet.emulator.message import bad

Allowed = Mapping[str, str]
"""Operators by property path, divided by blanks; ``any`` for collections: ``{"groupTypes": "any"}``."""

Test = Callable[[Mapping[str, Any]], bool]

_TOKEN = re.compile(
    r"\s*(?:(?P<string>'(?:[^']|'')*')|(?P<moment>\d{4}-\d\d-\d\dT[0-9:.]+(?:Z|[+-]\d\d:\d\d))"
    r"|(?P<number>-?\d+(?:\.\d+)?(?![\w-]))|(?P<word>[\w/$.-]+)|(?P<sign>[(),:]))"
)
_COMPARISONS = frozenset(["eq", "ne", "gt", "ge", "lt", "le"])
_FUNCTIONS = frozenset(["startswith", "endswith", "contains"])
_MOST_IN = 15
"""Values of one ``in``. Source: 'Known issues with Microsoft Graph', query parameters (Microsoft)."""
_ADVANCED = frozenset(["ne", "not", "endswith"])


@dataclass(frozen=True)
class Filter:
    """A filter that was read.

    Args:
        matches: Says of an object's properties whether it passes.
        advanced: Whether it needs the advanced query capabilities of the directory.
        equal: Properties that have to equal a value: lets a collection use an index.
    """

    matches: Test
    advanced: bool
    equal: Mapping[str, Any]


def parse_filter(text: str, allowed: Allowed) -> Filter:
    """Read a filter.

    Raises:
        GraphError: 400: not a filter, or one that the collection does not support.
    """
    parser = _Parser(_tokens(text), allowed)
    test = parser.disjunction()
    parser.end()
    return Filter(test, parser.advanced, parser.equal if parser.plain else {})


def _tokens(text: str) -> list[tuple[str, str]]:
    found, position = [], 0
    while text[position:].strip():
        match = _TOKEN.match(text, position)
        if match is None or match.lastgroup is None:
            raise bad(f"Invalid filter clause: syntax error at position {position} in '{text}'.")
        found.append((match.lastgroup, match[match.lastgroup]))
        position = match.end()
    return found


class _Parser:
    """Recursive descent; one token ahead."""

    def __init__(self, tokens: list[tuple[str, str]], allowed: Allowed) -> None:
        self._tokens = tokens
        self._at = 0
        self._allowed = allowed
        self._variable = ""
        self._collection = ""
        self.advanced = False
        self.plain = True
        self.equal: dict[str, Any] = {}

    def end(self) -> None:
        if self._at != len(self._tokens):
            raise bad(f"Invalid filter clause: nothing was expected at '{self._peek()}'.")

    def disjunction(self) -> Test:
        tests = [self._conjunction()]
        while self._take("or"):
            self.plain = False
            tests.append(self._conjunction())
        return tests[0] if len(tests) == 1 else lambda item: any(test(item) for test in tests)

    def _conjunction(self) -> Test:
        tests = [self._term()]
        while self._take("and"):
            tests.append(self._term())
        return tests[0] if len(tests) == 1 else lambda item: all(test(item) for test in tests)

    def _term(self) -> Test:
        if self._take("not"):
            self.advanced, self.plain = True, False
            negated = self._term()
            return lambda item: not negated(item)
        if self._take("("):
            inner = self.disjunction()
            self._expect(")")
            return inner
        kind, word = self._next()
        if kind != "word":
            raise bad(f"Invalid filter clause: a property was expected at '{word}'.")
        if word.casefold() in _FUNCTIONS and self._take("("):
            return self._function(word.casefold())
        if word.endswith("/any") and self._take("("):
            return self._any(word.removesuffix("/any"))
        return self._comparison(word)

    def _function(self, name: str) -> Test:
        path = self._path(self._next()[1], name)
        self._expect(",")
        wanted = str(self._literal()).casefold()
        self._expect(")")
        self.advanced = self.advanced or name in _ADVANCED
        check: Callable[[str], bool] = {
            "startswith": lambda value: value.startswith(wanted),
            "endswith": lambda value: value.endswith(wanted),
            "contains": lambda value: wanted in value,
        }[name]
        return lambda item: isinstance(value := _value(item, path), str) and check(value.casefold())

    def _any(self, collection: str) -> Test:
        self._path(collection, "any")
        outer = self._variable, self._collection, self.plain
        self._variable, self._collection, self.plain = self._next()[1], collection, False
        variable = self._variable
        self._expect(":")
        test = self.disjunction()
        self._expect(")")
        self._variable, self._collection, _ = outer
        return lambda item: any(test({variable: member}) for member in _value(item, collection) or ())

    def _comparison(self, word: str) -> Test:
        operator = self._next()[1]
        if operator == "in":
            return self._among(self._path(word, operator))
        if operator not in _COMPARISONS:
            raise bad(f"Invalid filter clause: an operator was expected at '{operator}'.")
        path = self._path(word, operator)
        wanted = self._literal()
        self.advanced = self.advanced or operator in _ADVANCED
        if operator == "eq" and self.plain and not self._variable:
            self.equal[path] = wanted
        return lambda item: _compare(operator, _value(item, path), wanted)

    def _among(self, path: str) -> Test:
        self._expect("(")
        wanted = [self._literal()]
        while self._take(","):
            wanted.append(self._literal())
        self._expect(")")
        if len(wanted) > _MOST_IN:
            raise bad(
                f"Too many child clauses specified in search filter expression containing 'IN': {len(wanted)}."
            )
        return lambda item: any(_compare("eq", _value(item, path), one) for one in wanted)

    def _path(self, word: str, operator: str) -> str:
        if self._variable:
            if word.split("/")[0] != self._variable:
                raise bad(f"Invalid filter clause: '{word}' is not of the range variable '{self._variable}'.")
            return word
        if word not in self._allowed:
            raise bad(f"Unsupported or invalid query filter clause specified for property '{word}'.")
        if operator not in self._allowed[word].split():
            raise bad(f"The operator '{operator}' is not supported for property '{word}'.")
        return word

    def _literal(self) -> Any:
        kind, text = self._next()
        if kind == "string":
            return text[1:-1].replace("''", "'")
        if kind == "number":
            return float(text) if "." in text else int(text)
        if kind == "moment":
            return _moment(text)
        if kind == "word" and text in ("true", "false", "null"):
            return {"true": True, "false": False, "null": None}[text]
        if kind == "word" and re.fullmatch(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", text):
            return text
        raise bad(f"Invalid filter clause: a literal was expected at '{text}'.")

    def _peek(self) -> str:
        return self._tokens[self._at][1] if self._at < len(self._tokens) else ""

    def _next(self) -> tuple[str, str]:
        if self._at >= len(self._tokens):
            raise bad("Invalid filter clause: it ends too early.")
        self._at += 1
        return self._tokens[self._at - 1]

    def _take(self, word: str) -> bool:
        if self._peek() == word and self._tokens[self._at][0] != "string":
            self._at += 1
            return True
        return False

    def _expect(self, sign: str) -> None:
        if not self._take(sign):
            raise bad(f"Invalid filter clause: '{sign}' was expected at '{self._peek()}'.")


def _value(item: Any, path: str) -> Any:
    for part in path.split("/"):
        if not isinstance(item, Mapping):
            return None
        item = item.get(part)
    return item


def _compare(operator: str, value: Any, wanted: Any) -> bool:
    if isinstance(wanted, datetime):
        value = _moment(value) if isinstance(value, str) else None
    if isinstance(value, str) and isinstance(wanted, str):
        value, wanted = value.casefold(), wanted.casefold()
    if operator == "eq":
        return bool(value == wanted)
    if operator == "ne":
        return bool(value != wanted)
    if value is None or wanted is None:
        return False
    try:
        return bool(
            {
                "gt": lambda: value > wanted,
                "ge": lambda: value >= wanted,
                "lt": lambda: value < wanted,
                "le": lambda: value <= wanted,
            }[operator]()
        )
    except TypeError as error:
        raise bad("A binary operator with incompatible types was detected.") from error


def _moment(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError as error:
        raise bad(f"Invalid filter clause: '{text}' is no moment.") from error
