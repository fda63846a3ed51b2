"""All nodes, found by address or by name."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cache
from typing import Any

from holofleet.catalog import reading
from holofleet.catalog.build import Build
from holofleet.catalog.evidence import Evidence
from holofleet.catalog.node import Baseline, Node, Verb
from holofleet.catalog.refusal import UnknownNodeError
from holofleet.catalog.values import parse_allowed
from holofleet.resources.document import Format, normal_uri

_VENDOR = "./Device/Vendor/MSFT/"
_POLICY = _VENDOR + "Policy/Config/"


@dataclass(frozen=True, slots=True)
class Unsupported:
    """A CSP, area or node that is known and not to be used, with what the sources say.

    ``supported`` is ``no`` where a source says so, ``unknown`` where none speaks of HoloLens 2.
    """

    prefix: str
    name: str
    supported: str
    evidence: str


@dataclass(slots=True)
class _Branch:
    """A place in the tree: its named children, the one for any name, and the node that ends here."""

    named: dict[str, _Branch] = field(default_factory=dict)
    any: _Branch | None = None
    node: Node | None = None

    def grow(self, segment: str) -> _Branch:
        if segment.startswith("{"):
            if self.any is None:
                self.any = _Branch()
            return self.any
        branch = self.named.get(segment)
        if branch is None:
            branch = self.named[segment] = _Branch()
        return branch

    def step(self, segment: str) -> _Branch | None:
        return self.named.get(segment) or self.any


class NodeCatalog:
    """The nodes of HoloLens 2. Looking one up takes one step per segment of its address."""

    def __init__(self, nodes: Iterable[Node], unsupported: Iterable[Unsupported] = ()) -> None:
        self._all = tuple(nodes)
        self._unsupported = tuple(unsupported)
        self._root = _Branch()
        self._views: dict[tuple[str, bool, bool], Node | None] = {}
        self._by_name: dict[tuple[str, str], list[Node]] = {}
        for node in self._all:
            self._insert(node)

    def _insert(self, node: Node) -> None:
        branch = self._root
        for segment in node.oma_uri.split("/"):
            branch = branch.grow(segment)
        branch.node = node
        for group in {node.csp, node.area}:
            for name in {node.name, _below(node, group)}:
                self._by_name.setdefault((group, name), []).append(node)

    def all(self) -> tuple[Node, ...]:
        """Every node, in the order of the data files."""
        return self._all

    def unsupported(self) -> tuple[Unsupported, ...]:
        """CSPs, areas and nodes that are known and not to be used."""
        return self._unsupported

    def find(self, oma_uri: str) -> Node | None:
        """Find a node by its address in any spelling of the tree; ``None`` when there is none.

        A named child wins over a segment in braces, which stands for exactly one segment. Below ``./User`` the
        user's variant is found where there is one; ``Policy/Result`` gives the read-only view of the policy.
        """
        try:
            segments = normal_uri(oma_uri).split("/")
        except ValueError:
            return None
        user = segments[1] == "User" if len(segments) > 1 else False
        effective = segments[2:6] == ["Vendor", "MSFT", "Policy", "Result"]
        if user:
            segments[1] = "Device"
        if effective:
            segments[5] = "Config"
        branch = self._walk(segments)
        node = branch.node if branch else None
        if node is None or not (user or effective):
            return node
        return self._view(node, user=user, effective=effective)

    def require(self, oma_uri: str) -> Node:
        """Find a node, or say why there is none.

        Raises:
            UnknownNodeError: with the evidence where a source excludes the node, and the nearest known address.
        """
        node = self.find(oma_uri)
        if node is not None:
            return node
        excluded = self.excluded(oma_uri)
        nearest = "" if excluded else self.nearest(oma_uri)
        raise UnknownNodeError(oma_uri, evidence=excluded.evidence if excluded else "", nearest=nearest)

    def by_name(self, group: str, name: str) -> Node:
        """Find a node by its CSP or policy area and its name, or its path below that.

        Raises:
            KeyError: no such node, with the nearest name; or the name alone fits several, with their paths.
        """
        found = self._by_name.get((group, name), [])
        if len(found) == 1:
            return found[0]
        if found:
            paths = ", ".join(_below(node, group) for node in found)
            raise KeyError(f"{group}/{name} fits several nodes; name the path: {paths}")
        known = [f"{known_group}/{known_name}" for known_group, known_name in self._by_name]
        close = get_close_matches(f"{group}/{name}", known, n=1, cutoff=0.5)
        raise KeyError(f"no node {group}/{name}" + (f"; did you mean {close[0]}?" if close else ""))

    def has_below(self, oma_uri: str) -> bool:
        """Tell whether known nodes lie below an address: it is an interior node."""
        branch = self._interior(oma_uri)
        return branch is not None and bool(branch.named or branch.any)

    def children(self, oma_uri: str) -> tuple[str, ...]:
        """Names of the known children of an interior node, sorted, without instances that a server names."""
        branch = self._interior(oma_uri)
        return tuple(sorted(branch.named)) if branch else ()

    def excluded(self, oma_uri: str) -> Unsupported | None:
        """Say which exclusion an address falls under, the longest one; ``None`` when none."""
        try:
            uri = normal_uri(oma_uri).replace("./User/", "./Device/", 1)
        except ValueError:
            return None
        hits = [entry for entry in self._unsupported if f"{uri}/".startswith(entry.prefix)]
        return max(hits, key=lambda entry: len(entry.prefix), default=None)

    def nearest(self, oma_uri: str) -> str:
        """The known address that is most like the given one, or empty."""
        close = get_close_matches(oma_uri[:400], [node.oma_uri for node in self._all], n=1, cutoff=0.75)
        return close[0] if close else ""

    def _interior(self, oma_uri: str) -> _Branch | None:
        try:
            return self._walk(normal_uri(oma_uri).split("/"))
        except ValueError:
            return None

    def _walk(self, segments: list[str]) -> _Branch | None:
        branch = self._root
        for segment in segments:
            below = branch.step(segment)
            if below is None:
                return None
            branch = below
        return branch

    def _view(self, node: Node, *, user: bool, effective: bool) -> Node | None:
        key = (node.oma_uri, user, effective)
        if key not in self._views:
            view = node.in_user_scope() if user else node
            self._views[key] = view.as_effective() if view and effective else view
        return self._views[key]


def load() -> NodeCatalog:
    """Read all nodes and the exclusions."""
    nodes = [_node(row) for name in reading.names("nodes") for row in reading.read(name)]
    return NodeCatalog(nodes, (Unsupported(**row) for row in reading.read("unsupported")))


def _below(node: Node, group: str) -> str:
    head, _, rest = node.oma_uri.partition(f"/{group}/")
    return rest if head else node.name


def _node(row: dict[str, Any]) -> Node:
    uri: str = row["uri"]
    csp, area = _place(uri)
    access = _verbs(row["access"])
    user = row.get("user")
    return Node(
        oma_uri=uri,
        csp=csp,
        area=area,
        name=uri.rpartition("/")[2],
        format=Format(row["format"]),
        allowed=parse_allowed(row["allowed"], numeric=row["format"] == "int"),
        default=row.get("default"),
        access=access,
        scopes=("device", "user") if user else ("device",),
        min_build=Build.parse(row["build"]) if "build" in row else None,
        min_release=row.get("release", ""),
        evidence=Evidence(row["evidence"]),
        ddf_edition=row.get("ddf_edition"),
        ddf_build=row.get("ddf_build", ""),
        merge=row.get("merge", ""),
        depends_on=tuple(row.get("depends_on", ())),
        reboot=row.get("reboot", False),
        atomic=row.get("atomic", False),
        secret=row.get("secret", False),
        baseline=_baseline(row["baseline"]) if "baseline" in row else None,
        note=row["note"],
        disagreement=row.get("disagreement", ""),
        sources=tuple(row["sources"]),
        user_access=None if user is None else access if user is True else _verbs(user),
    )


def _place(uri: str) -> tuple[str, str]:
    if uri.startswith(_POLICY):
        return "Policy", uri.removeprefix(_POLICY).partition("/")[0]
    rest = uri.removeprefix(_VENDOR) if uri.startswith(_VENDOR) else uri.removeprefix("./").removeprefix("SyncML/")
    csp = rest.partition("/")[0]
    return csp, csp


@cache
def _verbs(text: str) -> frozenset[Verb]:
    return frozenset(Verb(word) for word in text.split())


def _baseline(row: dict[str, Any]) -> Baseline:
    chosen = frozenset(level for level, value in row.items() if isinstance(value, dict))
    return Baseline(**{level: value for level, value in row.items() if level not in chosen}, site_choice=chosen)
