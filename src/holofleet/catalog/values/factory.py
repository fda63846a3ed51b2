"""From the ``allowed`` object of a data file to the class that judges values."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from holofleet.catalog.values.allowed import Allowed
from holofleet.catalog.values.markup import ADMXAllowed, AttributeRule, XMLAllowed
from holofleet.catalog.values.numbers import BoolAllowed, FlagsAllowed, FloatAllowed, IntAllowed
from holofleet.catalog.values.texts import Base64Allowed, ListAllowed, NothingAllowed, TextAllowed

Row = Mapping[str, Any]


def parse_allowed(row: Row, *, numeric: bool) -> Allowed:
    """Make the judge of a node's values.

    Args:
        row: The ``allowed`` object: its ``kind``, and what the kind needs.
        numeric: The node's format is int: its named values are numbers.

    Raises:
        KeyError: an unknown kind, or a field that the kind needs is missing.
    """
    if row["kind"] == "enum":
        return _named_ints(row) if numeric else TextAllowed(values=row["values"])
    return _MAKERS[row["kind"]](row)


def _named_ints(row: Row) -> Allowed:
    return IntAllowed(values={int(value): label for value, label in row["values"].items()})


def _text(row: Row) -> Allowed:
    if len(row) == 1:
        return _ANY_TEXT
    return TextAllowed(
        shape=row.get("text", ""),
        pattern=re.compile(row["pattern"].removeprefix("^").removesuffix("$"), re.ASCII)
        if "pattern" in row
        else None,
        max_length=row.get("max_length"),
        hint=row.get("hint", ""),
        case_ignored=row.get("case") == "ignored",
    )


def _xml(row: Row) -> Allowed:
    rules = {
        name: AttributeRule(re.compile(rule["pattern"], re.ASCII), rule.get("required", False))
        for name, rule in row.get("attributes", {}).items()
    }
    return XMLAllowed(root=row.get("root", ""), attributes=rules, hint=row.get("hint", ""))


def _admx(row: Row) -> Allowed:
    ids = row.get("data_ids")
    return ADMXAllowed(ids=None if ids is None else tuple(ids), unit=row.get("unit", ""))


_ANY_TEXT = TextAllowed()
_ANY_INT = IntAllowed()
_MAKERS: dict[str, Callable[[Row], Allowed]] = {
    "int": lambda _: _ANY_INT,
    "range": lambda row: IntAllowed(minimum=row["min"], maximum=row["max"]),
    "flags": lambda row: FlagsAllowed({int(value): label for value, label in row["values"].items()}),
    "bool": lambda row: BoolAllowed(row.get("values", {})),
    "float": lambda _: FloatAllowed(),
    "string": _text,
    "list": lambda row: ListAllowed(delimiter=row["delimiter"], item=row["item"]),
    "admx": _admx,
    "xml": _xml,
    "base64": lambda _: Base64Allowed(),
    "none": lambda _: NothingAllowed(),
    "node": lambda _: NothingAllowed(),
}
