"""The types of Graph as values, read from the ``.edm`` files beside this module.

A file holds blocks, divided by blank lines; a ``#`` begins a comment::

    entity group : directoryObject          complex passwordProfile         enum keySize: size1024 size2048
      displayName String? required            password String?
      members -> directoryObject[]

``?`` means nullable, ``[]`` a collection, ``->`` a navigation property. Marks behind a type or property:

- ``v1.0`` or ``beta``: exists in that version only;
- ``abstract``: nobody can make one: a body has to say which derived type it means;
- ``required`` at creation; ``create-only``; ``read-only``: the service sets it;
- ``deep``: a navigation property whose entities travel inside the body.

Names, types and nullability are those of the published metadata; the marks are ours, after the documentation.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from importlib import resources

PRIMITIVES = frozenset(
    [
        "String",
        "Int32",
        "Int64",
        "Boolean",
        "Double",
        "DateTimeOffset",
        "Date",
        "TimeOfDay",
        "Duration",
        "Guid",
        "Binary",
    ]
)


class Version(StrEnum):
    """The two roots of Graph."""

    V1 = "v1.0"
    BETA = "beta"


BOTH = frozenset(Version)


@dataclass(frozen=True, slots=True)
class Property:
    """One property of a type."""

    name: str
    type: str
    collection: bool
    nullable: bool
    navigation: bool
    versions: frozenset[Version]
    marks: frozenset[str]


@dataclass(frozen=True, slots=True)
class StructuredType:
    """An entity or complex type, with the properties that it adds to its base."""

    name: str
    base: str
    entity: bool
    abstract: bool
    versions: frozenset[Version]
    properties: tuple[Property, ...]


@dataclass(frozen=True, slots=True)
class EnumType:
    """A closed set of values; with ``flags`` several may be combined by comma."""

    name: str
    flags: bool
    members: Mapping[str, frozenset[Version]]


@dataclass(frozen=True)
class Schema:
    """All types by name."""

    types: Mapping[str, StructuredType]
    enums: Mapping[str, EnumType]
    _properties: dict[tuple[str, Version], Mapping[str, Property]] = field(default_factory=dict, compare=False)

    def properties(self, name: str, version: Version) -> Mapping[str, Property]:
        """Return the properties that a type has in a version, inherited ones too."""
        key = (name, version)
        if key not in self._properties:
            found: dict[str, Property] = {}
            for ancestor in reversed(self.lineage(name)):
                found.update({p.name: p for p in ancestor.properties if version in p.versions})
            self._properties[key] = found
        return self._properties[key]

    def lineage(self, name: str) -> list[StructuredType]:
        """Return a type and its bases, itself first."""
        chain: list[StructuredType] = []
        while name:
            chain.append(self.types[name])
            name = chain[-1].base
        return chain

    def is_a(self, name: str, ancestor: str) -> bool:
        """Return whether a type is another one or derives from it."""
        return name in self.types and any(kind.name == ancestor for kind in self.lineage(name))

    def concrete(self, ancestor: str, version: Version) -> list[str]:
        """Return the types that can be made where ``ancestor`` is declared, in order of their names."""
        return sorted(
            kind.name
            for kind in self.types.values()
            if not kind.abstract and version in kind.versions and self.is_a(kind.name, ancestor)
        )


@functools.cache
def load() -> Schema:
    """Return the types that the files beside this module describe."""
    types: dict[str, StructuredType] = {}
    enums: dict[str, EnumType] = {}
    for file in sorted(resources.files(__package__).iterdir(), key=lambda entry: entry.name):
        if file.name.endswith(".edm"):
            for block in _blocks(file.read_text(encoding="utf-8")):
                if block[0].split()[0] in ("enum", "flags"):
                    for enum in _enums(block):
                        enums[enum.name] = enum
                else:
                    kind = _type(block)
                    types[kind.name] = kind
    _require_whole(types, enums)
    return Schema(types, enums)


def _blocks(text: str) -> Iterator[list[str]]:
    for part in text.split("\n\n"):
        lines = [line for line in part.splitlines() if line.strip() and not line.startswith("#")]
        if lines:
            yield lines


def _enums(lines: list[str]) -> Iterator[EnumType]:
    entries: list[str] = []
    for line in lines:
        if line.startswith(" "):
            entries[-1] += line
        else:
            entries.append(line)
    for entry in entries:
        head, _, words = entry.partition(":")
        sort, name = head.split()
        members: dict[str, frozenset[Version]] = {}
        for word in words.split():
            member, _, only = word.partition(":")
            members[member] = frozenset({Version(only)}) if only else BOTH
        yield EnumType(name, sort == "flags", members)


def _type(lines: list[str]) -> StructuredType:
    head, *rest = lines
    named, _, derived = head.partition(" : ")
    sort, name, *marks = named.split()
    base = ""
    if derived:
        base, *marks = derived.split()
    return StructuredType(
        name=name,
        base=base,
        entity=sort == "entity",
        abstract="abstract" in marks,
        versions=_versions(marks),
        properties=tuple(_property(line) for line in rest),
    )


def _property(line: str) -> Property:
    name, *words = line.split()
    navigation = words[0] == "->"
    kind, *marks = words[1:] if navigation else words
    nullable = kind.endswith("?")
    bare = kind.rstrip("?")
    return Property(
        name=name,
        type=bare.removesuffix("[]"),
        collection=bare.endswith("[]"),
        nullable=nullable,
        navigation=navigation,
        versions=_versions(marks),
        marks=frozenset(marks) - {str(version) for version in Version},
    )


def _versions(marks: list[str]) -> frozenset[Version]:
    return frozenset(version for version in Version if str(version) in marks) or BOTH


def _require_whole(types: Mapping[str, StructuredType], enums: Mapping[str, EnumType]) -> None:
    for kind in types.values():
        missing = {kind.base} - {""} - types.keys()
        missing |= {p.type for p in kind.properties} - PRIMITIVES - types.keys() - enums.keys()
        if missing:
            raise ValueError(f"{kind.name} refers to types that are not described: {sorted(missing)}")
