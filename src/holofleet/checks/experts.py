"""Whom the headsets of a deployment may call."""

from __future__ import annotations

from collections.abc import Iterator

from holofleet.checks.case import Case
from holofleet.diagnostics import Position


def named(case: Case) -> Iterator[tuple[str, Position]]:
    """Yield who may be called, each with its place: as the client says it, else the deployment."""
    for index, client in enumerate(case.spec.model.clients):
        if client.name == case.deployment.client and client.experts:
            for place, name in enumerate(client.experts):
                yield name, case.at("clients", index, "experts", place)
            return
    yield from case.entries("assist.experts")


def upns(case: Case, name: str) -> frozenset[str]:
    """Return the accounts behind a group or person; none for a group whose members the file does not say."""
    return case.directory.members.get(name, frozenset() if _is_group(case, name) else frozenset({name}))


def everybody(case: Case) -> tuple[str, ...]:
    """Return every account that may be called, in order."""
    found: set[str] = set()
    for name, _ in named(case):
        found |= upns(case, name)
    return tuple(sorted(found))


def _is_group(case: Case, name: str) -> bool:
    return any(group.name == name for group in case.spec.model.groups)
