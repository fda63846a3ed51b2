"""JSON bodies within limits."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import Any

from holofleet.resources.document import UNCARRIED
from holofleet.web.api.problem import ProblemError

MOST_DEPTH = 32
"""SECURITY PAR-4; a State needs nine."""


def parse_json(body: bytes) -> Any:
    """Parse a JSON text of bounded depth, UTF-8, without NaN and without a key that stands twice.

    Raises:
        ProblemError: it is none (400).
    """
    try:
        value = json.loads(body.decode("utf-8"), parse_constant=_refuse_constant, object_pairs_hook=_pairs)
    except (ValueError, RecursionError) as error:
        where = f"line {error.lineno}, column {error.colno}" if isinstance(error, json.JSONDecodeError) else ""
        raise ProblemError(
            HTTPStatus.BAD_REQUEST, "the body is not JSON", detail=where or "It cannot be read as UTF-8 JSON."
        ) from error
    if _deeper_than(value, MOST_DEPTH):
        raise ProblemError(HTTPStatus.BAD_REQUEST, f"the body is nested deeper than {MOST_DEPTH} levels")
    if b"\\u" in body and holds_odd_text(value):  # written bare, such a character is no JSON or no UTF-8
        raise ProblemError(
            HTTPStatus.BAD_REQUEST, "the body holds a control character or half of a surrogate pair"
        )
    return value


def holds_odd_text(value: Any) -> bool:
    """Tell whether a text in a JSON value of bounded depth holds what neither a database nor a message takes."""
    match value:
        case str():
            return UNCARRIED.search(value) is not None
        case list():
            return any(map(holds_odd_text, value))
        case dict():
            return any(map(holds_odd_text, value)) or any(map(holds_odd_text, value.values()))
        case _:
            return False


def parse_object(body: bytes) -> dict[str, Any]:
    """Parse a JSON object; see :func:`parse_json`."""
    value = parse_json(body)
    if not isinstance(value, dict):
        raise ProblemError(HTTPStatus.BAD_REQUEST, "the body is not a JSON object")
    return value


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice")
    return found


def _deeper_than(value: Any, most: int) -> bool:
    level = [value]
    for _ in range(most):
        inner: list[Any] = []
        for item in level:
            if isinstance(item, dict):
                inner.extend(item.values())
            elif isinstance(item, list):
                inner.extend(item)
        if not inner:
            return False
        level = inner
    return any(isinstance(item, dict | list) for item in level)
