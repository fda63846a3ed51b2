"""Holds a body against its type, as strictly as Graph does, and more strictly where Graph is silent.

Refused are: a missing or wrong ``@odata.type`` where several types are possible, properties that the type does not
have in the version, wrong kinds of values, null where the metadata does not allow it, values outside a closed set,
what the service sets itself, what can only be said at creation, and annotations that are none of a client's.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from holofleet.emulator.edm.schema import EnumType, Property, Schema, Version
from holofleet.emulator.message import bad

_TAG = "#microsoft.graph."
_GUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,12})?)?(Z|[+-]\d\d:\d\d)")
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_TIME = re.compile(r"\d\d:\d\d(:\d\d(\.\d{1,12})?)?")
_DURATION = re.compile(r"-?P(?=.)(\d+D)?(T(?=.)(\d+H)?(\d+M)?(\d+(\.\d+)?S)?)?")
_BASE64 = re.compile(r"[A-Za-z0-9+/]*={0,2}")
_TEXTS = {"Guid": _GUID, "DateTimeOffset": _MOMENT, "Date": _DATE, "TimeOfDay": _TIME, "Duration": _DURATION}
_RANGES = {"Int32": 2**31, "Int64": 2**63}


class Mode(StrEnum):
    """What a body is for."""

    CREATE = "create"
    UPDATE = "update"


@dataclass(frozen=True)
class Body:
    """A body that fits.

    Args:
        type: The type that it is of, without prefix.
        properties: What it says, without annotations; complex values keep their ``@odata.type``.
        binds: References by navigation property, as the body gives them.
    """

    type: str
    properties: dict[str, Any]
    binds: dict[str, list[str]] = field(default_factory=dict)


def checked(
    schema: Schema, version: Version, declared: str, given: Any, mode: Mode, *, tagged: bool = False
) -> Body:
    """Return a body as a value, or refuse it.

    Args:
        schema: All types.
        version: The root that the request went to.
        declared: Type that the place has; the body may name a derived one.
        given: JSON value of the body.
        mode: Whether something is made or changed.
        tagged: The body must name its type also where only one is possible.

    Raises:
        GraphError: 400, with the property that does not fit.
    """
    return _Check(schema, version).entity(declared, given, mode, tagged=tagged)


@dataclass(frozen=True)
class _Check:
    schema: Schema
    version: Version

    def entity(self, declared: str, given: Any, mode: Mode, *, tagged: bool = False, where: str = "") -> Body:
        if not isinstance(given, dict):
            raise bad(f"An object was expected{_at(where)}, but the body holds something else.")
        name = self._named(declared, given, tagged=tagged, where=where)
        known = self.schema.properties(name, self.version)
        body = Body(name, {})
        for key, value in given.items():
            if key == "@odata.type":
                continue
            if "@" in key:
                self._annotation(name, known, key, value, body)
                continue
            here = f"{where}.{key}" if where else key
            body.properties[key] = self.value(self._property(name, known, key, mode), value, mode, where=here)
        if mode is Mode.CREATE:
            self._require(name, known, body, where)
        return body

    def _named(self, declared: str, given: Mapping[str, Any], *, tagged: bool, where: str) -> str:
        tag = given.get("@odata.type")
        kind = self.schema.types[declared]
        if tag is None:
            if kind.abstract or tagged:
                raise bad(f"The property '@odata.type' is missing{_at(where)}: '{declared}' is abstract.")
            return declared
        if not isinstance(tag, str) or not tag.startswith(_TAG):
            raise bad(f"'@odata.type' has to begin with '{_TAG}'{_at(where)}, but it is {tag!r}.")
        name = tag.removeprefix(_TAG)
        found = self.schema.types.get(name)
        if found is None or self.version not in found.versions:
            raise bad(f"A type named 'microsoft.graph.{name}' could not be resolved by the model{_at(where)}.")
        if not self.schema.is_a(name, declared) or found.abstract:
            raise bad(f"The type 'microsoft.graph.{name}' cannot stand{_at(where)} for '{declared}'.")
        return name

    def _property(self, name: str, known: Mapping[str, Property], key: str, mode: Mode) -> Property:
        found = known.get(key)
        if found is None:
            raise bad(
                f"The property '{key}' does not exist on type 'microsoft.graph.{name}'. Make sure to only use "
                "property names that are defined by the type."
            )
        if "read-only" in found.marks:
            raise bad(f"Property '{key}' is read-only and cannot be set.")
        if mode is Mode.UPDATE and "create-only" in found.marks:
            raise bad(f"Property '{key}' can only be set when the object is created.")
        if found.navigation and "deep" not in found.marks:
            raise bad(f"Property '{key}' is a navigation property and cannot be set in the body.")
        return found

    def _annotation(self, name: str, known: Mapping[str, Property], key: str, value: Any, body: Body) -> None:
        prefix, _, term = key.partition("@")
        found = known.get(prefix)
        if term != "odata.bind" or found is None or not found.navigation:
            raise bad(f"The annotation '{key}' cannot stand in the body of a 'microsoft.graph.{name}'.")
        references = value if found.collection else [value]
        if not isinstance(references, list) or not all(isinstance(item, str) for item in references):
            raise bad(f"'{key}' takes {'a list of addresses' if found.collection else 'an address'}.")
        body.binds[prefix] = references

    def _require(self, name: str, known: Mapping[str, Property], body: Body, where: str) -> None:
        for key, found in known.items():
            if "required" in found.marks and body.properties.get(key) is None:
                raise bad(f"A value is required for property '{key}' of resource '{name}'{_at(where)}.")

    def value(self, declared: Property, given: Any, mode: Mode, *, where: str) -> Any:
        if given is None:
            if declared.nullable and not declared.collection:
                return None
            raise bad(f"The property '{where}' does not take null.")
        if declared.collection:
            if not isinstance(given, list):
                raise bad(f"The property '{where}' takes a list.")
            return [self._single(declared.type, item, mode, where=where) for item in given]
        return self._single(declared.type, given, mode, where=where)

    def _single(self, kind: str, given: Any, mode: Mode, *, where: str) -> Any:
        if kind in self.schema.enums:
            return self._member(self.schema.enums[kind], given, where)
        if kind not in self.schema.types:
            if not _fits(kind, given):
                raise bad(f"Cannot convert the literal {given!r} to the expected type 'Edm.{kind}' at '{where}'.")
            return given
        nested = self.schema.types[kind]
        # A complex value is written whole, whether its owner is made or changed.
        body = self.entity(kind, given, Mode.CREATE, where=where)
        if body.binds:
            raise bad(f"References cannot stand inside '{where}'.")
        keep_tag = nested.abstract or body.type != kind
        return {"@odata.type": _TAG + body.type, **body.properties} if keep_tag else body.properties

    def _member(self, enum: EnumType, given: Any, where: str) -> str:
        words = given.split(",") if enum.flags and isinstance(given, str) else [given]
        for word in words:
            word = word.strip() if isinstance(word, str) else word
            if not isinstance(word, str) or self.version not in enum.members.get(word, frozenset()):
                raise bad(f"Requested value {given!r} was not found in '{enum.name}' at '{where}'.")
            if word.casefold() == "unknownfuturevalue":
                raise bad(f"'{word}' stands for values of later versions and cannot be sent at '{where}'.")
        return str(given)


def _fits(kind: str, given: Any) -> bool:
    if kind == "Boolean":
        return isinstance(given, bool)
    if isinstance(given, bool):
        return False
    if kind in _RANGES:
        return isinstance(given, int) and -_RANGES[kind] <= given < _RANGES[kind]
    if kind == "Double":
        return isinstance(given, int | float)
    if not isinstance(given, str):
        return False
    return _is_base64(given) if kind == "Binary" else kind not in _TEXTS or bool(_TEXTS[kind].fullmatch(given))


def _is_base64(text: str) -> bool:
    return len(text) % 4 == 0 and _BASE64.fullmatch(text) is not None


def _at(where: str) -> str:
    return f" at '{where}'" if where else ""
