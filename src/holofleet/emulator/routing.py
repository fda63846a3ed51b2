"""Which path leads where: routes, and the way from an address to one of them.

An address of OData may say ``users/{id}`` or ``users('{id}')``, may cast (``members/microsoft.graph.user``) and
may give a function its arguments in parentheses. All are brought to one list of segments first.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from holofleet.emulator.edm import Version
from holofleet.emulator.edm.schema import BOTH
from holofleet.emulator.message import Family, Response, no_method, no_segment

if TYPE_CHECKING:
    from holofleet.emulator.call import Call

Handler = Callable[["Call"], Response]

_KEYED = re.compile(r"([\w.]+)\('([^']*)'\)")
_FUNCTION = re.compile(r"([\w.]+)\((.*)\)")
_ARGUMENT = re.compile(r"(\w+)='([^']*)'")


class Quota(StrEnum):
    """Services that count requests each on their own."""

    IDENTITY = "identity"
    CONDITIONAL_ACCESS = "conditional access"
    CONFIGURATION = "Intune device configuration"
    ENROLLMENT = "Intune enrollment"
    DEVICES = "Intune managed devices"
    LOGS = "audit logs"
    EXPORT = "report export"
    OTHER = "other"


@dataclass(frozen=True)
class Area:
    """What routes of one service have in common: counting, words of refusal, permissions."""

    quota: Quota
    family: Family
    read: tuple[str, ...]
    write: tuple[str, ...]


@dataclass(frozen=True)
class Route:
    """One verb on one path.

    Args:
        permissions: One of these application permissions is enough.
        units: Resource units that a read of the directory costs.
        delegated_only: No application may do this.
    """

    method: str
    pattern: str
    handler: Handler
    area: Area
    permissions: tuple[str, ...]
    versions: frozenset[Version] = BOTH
    units: int = 1
    delegated_only: bool = False


@dataclass(frozen=True)
class Match:
    """A route with what the path filled in."""

    route: Route
    ids: dict[str, str]
    arguments: dict[str, str]


@dataclass
class _Node:
    literal: dict[str, _Node] = field(default_factory=dict)
    parameter: tuple[str, _Node] | None = None
    routes: dict[tuple[Version, str], Route] = field(default_factory=dict)


class Router:
    """All routes as a tree of segments; a literal segment goes before a parameter."""

    def __init__(self, routes: Iterable[Route]) -> None:
        self._root = _Node()
        self.routes = tuple(routes)
        for route in self.routes:
            self._add(route)

    def _add(self, route: Route) -> None:
        node = self._root
        for segment in route.pattern.strip("/").split("/"):
            if segment.startswith("{"):
                if node.parameter is None:
                    node.parameter = (segment[1:-1], _Node())
                node = node.parameter[1]
            else:
                node = node.literal.setdefault(segment.casefold(), _Node())
        for version in route.versions:
            if (version, route.method) in node.routes:
                raise ValueError(f"two routes for {route.method} {route.pattern}")
            node.routes[version, route.method] = route

    def match(self, version: Version, method: str, path: str) -> Match:
        """Return the route of a path below the version.

        Raises:
            GraphError: 400 for a path that leads nowhere, 405 for a verb that it does not take.
        """
        segments, arguments = split(path)
        found = self._walk(self._root, segments, {}, version)
        if found is None:
            raise no_segment(segments[-1] if segments else "")
        node, ids = found
        route = node.routes.get((version, method))
        if route is None:
            raise no_method(method)
        return Match(route, ids, arguments)

    def _walk(
        self, node: _Node, segments: list[str], ids: dict[str, str], version: Version
    ) -> tuple[_Node, dict[str, str]] | None:
        if not segments:
            return (node, ids) if any(known is version for known, _ in node.routes) else None
        first, *rest = segments
        below = node.literal.get(first.casefold())
        if below is not None and (found := self._walk(below, rest, ids, version)):
            return found
        if node.parameter is not None and not first.startswith("$"):
            name, below = node.parameter
            return self._walk(below, rest, {**ids, name: first}, version)
        return None


def split(path: str) -> tuple[list[str], dict[str, str]]:
    """Return the segments of a path, keys in parentheses as segments, and the arguments of a function."""
    segments: list[str] = []
    arguments: dict[str, str] = {}
    for part in path.strip("/").split("/"):
        if keyed := _KEYED.fullmatch(part):
            segments += [keyed[1], keyed[2]]
        elif function := _FUNCTION.fullmatch(part):
            arguments.update(_ARGUMENT.findall(function[2]))
            segments.append(function[1])
        else:
            segments.append(part)
    return [segment for segment in segments if segment], arguments


def ok(value: Any) -> Response:
    """Answer 200 with a value."""
    return Response(200, value)


NO_CONTENT = Response(204)
