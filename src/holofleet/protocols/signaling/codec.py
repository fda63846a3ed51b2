"""Text frames to messages and back. Reading never raises anything but :class:`MessageError`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from pydantic import TypeAdapter, ValidationError

from holofleet.protocols.signaling import limits, messages

_MOST_DEPTH = 12


class MessageError(Exception):
    """The frame is no message of this protocol.

    Args:
        code: ``too-large``, ``not-json``, ``unknown-type`` or ``malformed``.
        words: What is wrong and where; never what was in it, which may be secret or hostile.
        re: The client's id of the message, where it could be read.
    """

    def __init__(self, code: str, words: str, re: str = "") -> None:
        super().__init__(words)
        self.code = code
        self.words = words
        self.re = re


@lru_cache(maxsize=1)
def _adapter() -> TypeAdapter[messages.ClientMessage]:
    return TypeAdapter(messages.ClientMessage)


def read(text: str) -> messages.ClientMessage:
    """Return the message of a text frame.

    Raises:
        MessageError: it is none.
    """
    if len(text) > limits.MESSAGE_BYTES or len(text.encode(errors="surrogatepass")) > limits.MESSAGE_BYTES:
        raise MessageError("too-large", f"A message has at most {limits.MESSAGE_BYTES} bytes.")
    data = _json(text)
    try:
        return _adapter().validate_python(data)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        if first["type"].startswith("union_tag"):
            raise MessageError("unknown-type", "There is no message of this type.", _id_of(data)) from None
        # The first part of a place is the message's type; names of fields that we do not know are not repeated.
        place = [str(part) for part in first["loc"][1:]]
        if first["type"] == "extra_forbidden":
            place = [*place[:-1], "a field that is not known"]
        words = f"{'.'.join(place) or 'message'}: {first['type'].replace('_', ' ')}"
        raise MessageError("malformed", words, _id_of(data)) from None


def write(message: Mapping[str, Any]) -> str:
    """Return the text frame of what the server says."""
    return json.dumps(message, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def _json(text: str) -> dict[str, Any]:
    try:
        data = json.loads(text, parse_constant=_refuse, object_pairs_hook=_once)
    except (ValueError, RecursionError):
        raise MessageError("not-json", "This is no JSON object with each name once.") from None
    if not isinstance(data, dict) or _depth(data) > _MOST_DEPTH:
        raise MessageError("not-json", "A message is one JSON object, not deeply nested.")
    return data


def _refuse(_: str) -> Any:
    raise ValueError


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError
    return found


def _depth(value: Any) -> int:
    """Return how deep a value is nested; level by level, so that depth costs no stack."""
    level, depth = [value], 0
    while level and depth <= _MOST_DEPTH:
        inner: list[Any] = []
        for one in level:
            if isinstance(one, dict):
                inner.extend(one.values())
            elif isinstance(one, list):
                inner.extend(one)
        level = inner
        depth += 1
    return depth


def _id_of(data: Mapping[str, Any]) -> str:
    found = data.get("id")
    good = isinstance(found, str) and len(found) <= limits.ID_LETTERS and found.isascii() and found.isprintable()
    return str(found) if good else ""
