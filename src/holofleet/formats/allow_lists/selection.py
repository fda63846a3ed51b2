"""From endpoints of the catalog to entries: one per name, as narrow as its source allows."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from typing import Final

from holofleet import catalog
from holofleet.catalog.endpoint import Endpoint, Endpoints
from holofleet.formats.allow_lists.entry import AllowList, Entry, LeftOut, Need, join_ports
from holofleet.formats.allow_lists.purposes import DIRECT, NOT_INSPECTED, PURPOSES

_CONNECTED: Final = ("oobe-entra", "manage", "update", "store-apps", "remote-assist", "mfa")
SCENARIOS: Final[dict[str, tuple[str, ...]]] = {
    "cloud-connected": _CONNECTED,
    "external-clients": _CONNECTED,
    "shared-identity": _CONNECTED,
    "near-offline": ("near-offline-guide", "oobe-entra", "manage", "update", "store-apps"),
}
"""Tasks of the catalog that headsets of a scenario have to finish. Autopilot is a group of its own."""

_NEEDS: Final = {
    "required": Need.REQUIRED,
    "conditional": Need.REQUIRED,  # on a use that whoever lists the group has
    "recommended": Need.RECOMMENDED,
    "optional": Need.OPTIONAL,
}
_PRIVATE_ACCOUNTS: Final = "msa-sign-in"
_SHARED_SUFFIXES: Final = frozenset({"microsoft.com"})
"""Names below which services of every kind live: a wildcard there is let in only together with a path."""

_INSTEAD: Final = {"store-images.*.microsoft.com": ("store-images.s-microsoft.com",)}
"""Names for patterns that no filter can hold, from the remark of the catalog."""


def known_groups() -> tuple[str, ...]:
    """Every endpoint group, in the order of the catalog."""
    return catalog.endpoints().groups


def of_scenarios(scenarios: Iterable[str], more: Collection[str] = ()) -> AllowList:
    """Return the list of scenarios, and of groups beside them.

    Raises:
        KeyError: no such scenario or group.
    """
    tasks = catalog.endpoints().tasks
    groups = {group for scenario in scenarios for task in SCENARIOS[scenario] for group in tasks[task]}
    return of_groups(groups | set(more))


def of_groups(groups: Collection[str], endpoints: Endpoints | None = None) -> AllowList:
    """Return the list of groups.

    Raises:
        KeyError: no such group.
    """
    known = endpoints or catalog.endpoints()
    if unknown := sorted(set(groups) - set(known.groups)):
        raise KeyError(unknown[0])
    chosen = [endpoint for endpoint in known.endpoints if endpoint.group in groups]
    entries = [entry for endpoint in chosen for entry in _entries(endpoint)]
    return AllowList(
        groups=tuple(group for group in known.groups if group in groups),
        entries=_merged(entries),
        left_out=tuple(_left_out(chosen)),
    )


def with_entries(allowed: AllowList, more: Iterable[Entry]) -> AllowList:
    """Return a list with further entries, merged where a name stands in both."""
    return replace(allowed, entries=_merged([*allowed.entries, *more]))


def _entries(endpoint: Endpoint) -> Iterator[Entry]:
    need = _NEEDS[endpoint.requirement]
    if need is Need.REQUIRED and _PRIVATE_ACCOUNTS in endpoint.needed_for:
        need = Need.OPTIONAL
    for host in endpoint.hosts:
        path = ""
        if _inexpressible(host.pattern):
            names: tuple[str, ...] = _INSTEAD.get(host.pattern, ())
        else:
            names = (host.pattern,)
            if _shared(host.pattern):
                path = endpoint.path.rstrip("*")
                names = names if path.strip("/") else ()
        for name in names:
            yield Entry(
                host=name,
                ports=join_ports(endpoint.ports),
                need=need,
                groups=(endpoint.group,),
                why=(PURPOSES[endpoint.group],),
                path=path,
                direct=name.endswith(DIRECT),
                inspect=endpoint.group not in NOT_INSPECTED,
            )


def _inexpressible(pattern: str) -> bool:
    return "*" in pattern.removeprefix("*.")


def _shared(pattern: str) -> bool:
    return pattern.startswith("*.") and pattern.removeprefix("*.") in _SHARED_SUFFIXES


def _left_out(endpoints: Iterable[Endpoint]) -> Iterator[LeftOut]:
    found: dict[str, list[str]] = {}
    paths: dict[str, str] = {}
    for endpoint in endpoints:
        for host in endpoint.hosts:
            if _inexpressible(host.pattern) or _shared(host.pattern):
                found.setdefault(host.pattern, []).append(endpoint.group)
                paths[host.pattern] = endpoint.path.rstrip("*")
    for pattern, groups in sorted(found.items()):
        names = tuple(dict.fromkeys(groups))
        if _inexpressible(pattern):
            instead = ", ".join(_INSTEAD.get(pattern, ())) or "the names that the filter's log shows as denied"
            yield LeftOut(pattern, names, "A wildcard inside a name: filters do not know it.", f"Open {instead}.")
        else:
            yield LeftOut(
                pattern,
                names,
                "Every service of the vendor lives below this name; it is meant for one path only.",
                f"Filters that see paths get {pattern}{paths[pattern]}; for the others www.microsoft.com is "
                "listed. Add what the filter's log shows as denied.",
            )


def _merged(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    found: dict[tuple[str, str], Entry] = {}
    for entry in entries:
        key = (entry.host, entry.path)
        found[key] = _joined(found[key], entry) if key in found else entry
    return tuple(sorted(found.values(), key=lambda e: (e.need.rank, e.base.split(".")[::-1], e.host, e.path)))


def _joined(one: Entry, other: Entry) -> Entry:
    return replace(
        one,
        ports=join_ports((*one.ports, *other.ports)),
        need=min(one.need, other.need, key=lambda need: need.rank),
        groups=tuple(dict.fromkeys((*one.groups, *other.groups))),
        why=tuple(dict.fromkeys((*one.why, *other.why))),
        direct=one.direct or other.direct,
        inspect=one.inspect and other.inspect,
        inside=one.inside and other.inside,
    )
