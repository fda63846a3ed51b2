"""Values that fit a property of Graph, made from its declaration."""

from __future__ import annotations

from typing import Any

from holofleet.emulator.edm import Property, Schema, Version

_PRIMITIVES: dict[str, Any] = {
    "String": "text",
    "Int32": 7,
    "Int64": 2**40,
    "Boolean": True,
    "Double": 1.5,
    "DateTimeOffset": "2026-03-01T08:00:00Z",
    "Date": "2026-03-01",
    "TimeOfDay": "08:00:00.0000000",
    "Duration": "PT1H",
    "Guid": "11111111-2222-4333-8444-555555555555",
    "Binary": "AAEC",
}


def fitting(schema: Schema, version: Version, found: Property, depth: int = 0) -> Any:
    """Return a value that the property takes."""
    single = _single(schema, version, found.type, depth)
    return [single] if found.collection else single


def _single(schema: Schema, version: Version, kind: str, depth: int) -> Any:
    if kind in schema.enums:
        members = schema.enums[kind].members
        return next(m for m, held in members.items() if version in held and m.casefold() != "unknownfuturevalue")
    if kind not in schema.types:
        return _PRIMITIVES[kind]
    concrete = schema.concrete(kind, version)
    name = kind if kind in concrete else concrete[0]
    value: dict[str, Any] = {}
    if name != kind or schema.types[kind].abstract:
        value["@odata.type"] = f"#microsoft.graph.{name}"
    for nested in schema.properties(name, version).values():
        if "required" in nested.marks:
            value[nested.name] = fitting(schema, version, nested, depth + 1)
    return value
