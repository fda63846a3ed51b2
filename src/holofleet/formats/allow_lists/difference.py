"""What changed between two lists: names that came, names that went, and names that are needed otherwise."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from holofleet.formats.allow_lists.allow_list import AllowList, Need
from holofleet.formats.allow_lists.names import order, port_order


class Kind(StrEnum):
    """What happened to a name on a port."""

    ADDED = "added"
    REMOVED = "removed"
    NEEDED = "now required"
    OPTIONAL = "now optional"


@dataclass(frozen=True, slots=True)
class Change:
    """One change: the ports of a name to which the same happened, and what the name is for."""

    kind: Kind
    host: str
    ports: tuple[str, ...]
    need: Need
    groups: tuple[str, ...]


def difference(old: AllowList, new: AllowList) -> tuple[Change, ...]:
    """Return what an engineer has to change who opened the old list: additions first, each kind by name."""
    before, after = _flat(old), _flat(new)
    found: dict[tuple[Kind, str, Need], list[str]] = {}
    for key in (*after, *before):
        kind = _kind(before.get(key), after.get(key))
        if kind is None:
            continue
        host, port = key
        need = after[key] if key in after else before[key]
        ports = found.setdefault((kind, host, need), [])
        if port not in ports:
            ports.append(port)
    groups = {host: _groups(old, new, host) for _, host, _ in found}
    kinds = list(Kind)
    return tuple(
        Change(kind, host, tuple(sorted(ports, key=port_order)), need, groups[host])
        for (kind, host, need), ports in sorted(
            found.items(), key=lambda item: (kinds.index(item[0][0]), order(item[0][1]), item[0][2])
        )
    )


def _flat(allowed: AllowList) -> Mapping[tuple[str, str], Need]:
    """Return what each port of each name is; required wins."""
    optional = {(one.host, port): one.need for one in allowed.of(Need.OPTIONAL) for port in one.ports}
    return optional | {(one.host, port): one.need for one in allowed.of(Need.REQUIRED) for port in one.ports}


def _kind(before: Need | None, after: Need | None) -> Kind | None:
    if before is None:
        return Kind.ADDED
    if after is None:
        return Kind.REMOVED
    if before is after:
        return None
    return Kind.NEEDED if after is Need.REQUIRED else Kind.OPTIONAL


def _groups(old: AllowList, new: AllowList, host: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_named(new, host))) or tuple(dict.fromkeys(_named(old, host)))


def _named(allowed: AllowList, host: str) -> Iterator[str]:
    for entry in allowed.entries:
        if entry.host == host:
            yield from entry.groups
