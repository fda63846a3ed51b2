"""Hosts and ports that headsets need, by group, with what each is needed for.

Source: 'Manage connection endpoints for HoloLens' (Microsoft) and the pages it links to; each endpoint names
its own. Lists like these grow old: an operator may add to them, and unknown hosts are no error.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from holofleet.catalog import reading


@dataclass(frozen=True, slots=True)
class Host:
    """A host pattern for a firewall; ``kind`` is ``exact`` or ``wildcard``."""

    pattern: str
    kind: str


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One endpoint.

    Args:
        requirement: ``required``, ``recommended``, ``conditional`` (on ``needed_for``) or ``optional``.
        ports: ``tcp/443`` ...; ``port_basis`` says whether the source states them, the URL's scheme implies them,
            or 80 and 443 are assumed.
        raw: Spelling of the source, odd wildcards included.
        in_guide_table: Stands in the table of the near-offline guide.
    """

    id: str
    group: str
    label: str
    raw: str
    hosts: tuple[Host, ...]
    ports: tuple[str, ...]
    port_basis: str
    requirement: str
    needed_for: tuple[str, ...]
    in_guide_table: bool
    source: str
    path: str = ""
    scheme: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class GuideGroup:
    """A group of the near-offline guide's table, with the guide's word on whether it is needed."""

    key: str
    name: str
    guide_line: int
    requirement: str


@dataclass(frozen=True, slots=True)
class Endpoints:
    """All endpoints, the groups of the guide's table, and which groups a task needs to finish.

    ``media`` holds bandwidth and quality figures of calls, ``device_ports`` the ports a headset itself uses.
    """

    endpoints: tuple[Endpoint, ...]
    guide_groups: tuple[GuideGroup, ...]
    tasks: dict[str, tuple[str, ...]]
    media: dict[str, Any]
    device_ports: tuple[tuple[str, str], ...]

    @property
    def groups(self) -> tuple[str, ...]:
        """Every group, in the order of the list."""
        return tuple(dict.fromkeys(endpoint.group for endpoint in self.endpoints))

    def of_group(self, group: str) -> tuple[Endpoint, ...]:
        """The endpoints of a group; empty for an unknown one."""
        return tuple(endpoint for endpoint in self.endpoints if endpoint.group == group)

    def for_task(self, task: str) -> tuple[Endpoint, ...]:
        """The endpoints of all groups that a task needs.

        Raises:
            KeyError: no such task; the tasks are the keys of ``tasks``.
        """
        groups = self.tasks[task]
        return tuple(endpoint for endpoint in self.endpoints if endpoint.group in groups)


def load() -> Endpoints:
    """Read the endpoints."""
    data = reading.read("endpoints")
    return Endpoints(
        endpoints=tuple(_endpoint(row) for row in data["endpoints"]),
        guide_groups=tuple(GuideGroup(**row) for row in data["guide_groups"]),
        tasks={task: tuple(groups) for task, groups in data["tasks"].items()},
        media=data["media"],
        device_ports=tuple((row["port"], row["use"]) for row in data["device_ports"]["ports"]),
    )


def _endpoint(row: dict[str, Any]) -> Endpoint:
    plain = {key: value for key, value in row.items() if key not in ("hosts", "ports", "needed_for")}
    return Endpoint(
        hosts=tuple(Host(**host) for host in row["hosts"]),
        ports=tuple(row["ports"]),
        needed_for=tuple(row["needed_for"]),
        **plain,
    )
