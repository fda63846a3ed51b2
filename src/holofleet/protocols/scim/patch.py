"""Patches: operations on a resource, as RFC 7644 section 3.5.2 says and as large providers send them.

What providers do otherwise is taken too, because it means one thing only: ``Replace`` with a capital, ``active``
as the text ``"False"``, keys with dots in a value without a path.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping
from typing import Any, Final

from holofleet.protocols.scim.errors import ScimError, ScimType
from holofleet.protocols.scim.filters import Filter, parse_filter

MOST_OPERATIONS: Final = 1_000
_PATH = re.compile(
    r"(?:(?P<schema>[Uu][Rr][Nn]:[A-Za-z0-9:._-]+):)?(?P<name>[A-Za-z$][A-Za-z0-9$_-]*)"
    r"(?:\[(?P<filter>.+)\])?(?:\.(?P<part>[A-Za-z$][A-Za-z0-9$_-]*))?\Z",
    re.DOTALL,
)
_Resource = dict[str, Any]


def apply_patch(resource: Mapping[str, Any], body: Mapping[str, Any]) -> _Resource:
    """Return a resource with the operations of a patch applied in their order; the given one is left alone.

    Raises:
        ScimError: an operation that cannot be read, or names what is not there.
    """
    operations = _member(body, "Operations")
    if not isinstance(operations, list) or not operations:
        raise ScimError(ScimType.INVALID_SYNTAX, "a patch has a list of Operations")
    if len(operations) > MOST_OPERATIONS:
        raise ScimError(ScimType.TOO_MANY, f"more than {MOST_OPERATIONS} operations in one patch")
    changed = copy.deepcopy(dict(resource))
    for operation in operations:
        if not isinstance(operation, Mapping):
            raise ScimError(ScimType.INVALID_SYNTAX, "an operation is an object")
        _apply(changed, operation)
    return changed


def _apply(resource: _Resource, operation: Mapping[str, Any]) -> None:
    act = str(_member(operation, "op")).lower()
    path, value = _member(operation, "path"), _member(operation, "value")
    if act not in ("add", "replace", "remove"):
        raise ScimError(ScimType.INVALID_SYNTAX, "an operation is add, replace or remove")
    if path is None:
        if act == "remove":
            raise ScimError(ScimType.NO_TARGET, "remove needs a path")
        if not isinstance(value, Mapping):
            raise ScimError(ScimType.INVALID_VALUE, "without a path the value is an object")
        for name, inner in value.items():
            _at(resource, act, str(name), inner)
        return
    if not isinstance(path, str):
        raise ScimError(ScimType.INVALID_PATH, "a path is a text")
    _at(resource, act, path, value)


def _at(resource: _Resource, act: str, path: str, value: Any) -> None:
    match = _PATH.match(path)
    if match is None:
        raise ScimError(ScimType.INVALID_PATH, f"{path[:80]!r} is no path")
    schema, name, text, part = match.group("schema", "name", "filter", "part")
    holder = resource
    if schema is not None and "extension" in schema.lower():
        holder = resource.setdefault(_key(resource, schema), {})
        if not isinstance(holder, dict):
            raise ScimError(ScimType.INVALID_PATH, f"{schema[:80]} is no object")
    key = _key(holder, name)
    if text is not None:
        _in_list(holder, key, act, _selecting(text), part, value)
    elif part is not None:
        inner = holder.setdefault(key, {})
        if isinstance(inner, list):
            for item in inner:
                _set(item, act, part, value)
        else:
            _set(inner, act, part, value)
    else:
        _set(holder, act, name, value)


def _selecting(text: str) -> Filter:
    try:
        return parse_filter(text)
    except ScimError as error:
        raise ScimError(ScimType.INVALID_PATH, error.summary) from error


def _in_list(holder: _Resource, key: str, act: str, meant: Filter, part: str | None, value: Any) -> None:
    listed = holder.get(key) or []
    if not isinstance(listed, list):
        raise ScimError(ScimType.INVALID_PATH, f"{key} is no list")
    found = [item for item in listed if isinstance(item, dict) and meant(item)]
    if act == "remove":
        if part is None:
            holder[key] = [item for item in listed if item not in found]
        else:
            for item in found:
                item.pop(_key(item, part), None)
        return
    if not found:
        # A provider that sets the work address of somebody without one means: make it.
        if part is None:
            raise ScimError(ScimType.NO_TARGET, f"nothing in {key} is meant")
        holder[key] = [*listed, {part: value}]
        return
    for item in found:
        if part is not None:
            _set(item, act, part, value)
        elif isinstance(value, Mapping):
            item.update(value)
        else:
            raise ScimError(ScimType.INVALID_VALUE, f"an element of {key} is an object")


def _set(holder: Any, act: str, name: str, value: Any) -> None:
    if not isinstance(holder, dict):
        raise ScimError(ScimType.INVALID_PATH, f"{name} has no place there")
    key = _key(holder, name)
    there = holder.get(key)
    if act == "remove":
        if isinstance(there, list) and isinstance(value, list):  # the form of some providers: members by value
            gone = {_value(item) for item in value}
            holder[key] = [item for item in there if _value(item) not in gone]
        else:
            holder.pop(key, None)
    elif act == "add" and isinstance(there, list):
        known = {_value(item) for item in there}
        more = value if isinstance(value, list) else [value]
        holder[key] = [*there, *(item for item in more if _value(item) not in known)]
    elif isinstance(there, dict) and isinstance(value, Mapping):
        there.update(value)
    else:
        holder[key] = copy.deepcopy(value)


def _value(item: Any) -> str:
    return str(_member(item, "value")) if isinstance(item, Mapping) else str(item)


def _key(holder: Mapping[str, Any], name: str) -> str:
    """Return the spelling that stands there; names mean the same in any case."""
    folded = name.lower()
    return next((key for key in holder if key.lower() == folded), name)


def _member(item: Mapping[str, Any], name: str) -> Any:
    return item.get(_key(item, name))
