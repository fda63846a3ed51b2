"""From the endpoint catalog to a list: by scenario, by group, or what a site asks for."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Iterable
from dataclasses import asdict, dataclass, field

from holofleet.catalog import Endpoint, Endpoints
from holofleet.formats.allow_lists.allow_list import AllowList, Entry, LeftOut, Need, in_order
from holofleet.formats.allow_lists.names import is_name, is_wildcard, port_order
from holofleet.formats.allow_lists.purposes import TOO_WIDE
from holofleet.formats.allow_lists.scenarios import USES, tasks_of, uses_of

Required = Callable[[Endpoint], bool]
_PRIVATE = "msa-sign-in"
WHOLE = "all"
"""What a list of everything was asked for."""


def of_scenarios(endpoints: Endpoints, scenarios: Collection[str]) -> AllowList:
    """Return the list of scenarios.

    Raises:
        KeyError: there is no such scenario.
    """
    tasks = tasks_of(scenarios)
    groups = dict.fromkeys(group for task in tasks for group in endpoints.tasks[task])
    found, left_out = select(endpoints, groups, required=needed_by(uses_of(tasks)))
    title = "Names for " + ", ".join(scenarios)
    return AllowList(title, digest(endpoints), found, left_out, selection=_asked("scenario", scenarios))


def of_groups(endpoints: Endpoints, groups: Collection[str]) -> AllowList:
    """Return the list of groups; who asks for a group uses it, so what is conditional on that is required.

    Private accounts are another matter: no group is opened for their sake.

    Raises:
        KeyError: there is no such group.
    """
    for group in groups:
        if group not in endpoints.groups:
            raise KeyError(group)
    found, left_out = select(endpoints, groups, required=_used)
    title = "Names of " + ", ".join(groups)
    return AllowList(title, digest(endpoints), found, left_out, selection=_asked("group", groups))


def whole(endpoints: Endpoints) -> AllowList:
    """Return the list of everything that the catalog knows."""
    found, left_out = select(endpoints, endpoints.groups, required=needed_by(uses_of(USES)))
    return AllowList("All names of the catalog", digest(endpoints), found, left_out, selection=(WHOLE,))


def needed_by(uses: Collection[str]) -> Required:
    """Return the function that says whether an endpoint is required by somebody who uses these things."""

    def required(endpoint: Endpoint) -> bool:
        if endpoint.requirement == "conditional":
            return not set(uses).isdisjoint(endpoint.needed_for)
        return endpoint.requirement == "required"

    return required


def select(
    endpoints: Endpoints, groups: Iterable[str], *, required: Required
) -> tuple[tuple[Entry, ...], tuple[LeftOut, ...]]:
    """Return the entries of groups, and what is in none of the lists.

    A name that is required on some ports and optional on others stands in both parts, with the ports of each.
    """
    chosen = set(groups)
    gathered: dict[str, _Gathered] = {}
    left: dict[str, LeftOut] = {}
    for endpoint in endpoints.endpoints:
        if endpoint.group not in chosen:
            continue
        for host in endpoint.hosts:
            pattern = host.pattern.lower()
            if (out := _left_out(pattern, endpoint)) is not None:
                left.setdefault(pattern, out)
            else:
                gathered.setdefault(pattern, _Gathered(pattern)).add(endpoint, required(endpoint))
    return in_order(entry for one in gathered.values() for entry in one.entries()), tuple(left.values())


def digest(endpoints: Endpoints) -> str:
    """Return the first digits of the digest of a catalog: equal catalogs, equal digits."""
    text = json.dumps([asdict(one) for one in endpoints.endpoints], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _used(endpoint: Endpoint) -> bool:
    if endpoint.requirement == "conditional":
        return _PRIVATE not in endpoint.needed_for
    return endpoint.requirement == "required"


def _left_out(pattern: str, endpoint: Endpoint) -> LeftOut | None:
    exact = [host.pattern for host in endpoint.hosts if is_name(host.pattern)]
    kept = f"The list has {', '.join(exact)} instead. " if exact else ""
    if pattern in TOO_WIDE:
        path = f" Where the filter sees paths, {endpoint.path} is enough." if endpoint.path else ""
        return LeftOut(pattern, "it would open a whole vendor", f"{kept}Do not open it.{path}", (endpoint.group,))
    if not (is_name(pattern) or is_wildcard(pattern)):
        instead = f"{kept}Read the firewall's log during a first set-up for names that it would have matched."
        return LeftOut(
            pattern, "a wildcard inside a name, which hardly any filter knows", instead, (endpoint.group,)
        )
    return None


def _asked(kind: str, names: Iterable[str]) -> tuple[str, ...]:
    return tuple(f"{kind} {name}" for name in names)


@dataclass
class _Gathered:
    """What the endpoints of one pattern say together."""

    host: str
    needed: set[str] = field(default_factory=set)
    other: set[str] = field(default_factory=set)
    groups: dict[Need, dict[str, None]] = field(default_factory=lambda: {need: {} for need in Need})
    purposes: dict[Need, dict[str, None]] = field(default_factory=lambda: {need: {} for need in Need})
    notes: dict[str, None] = field(default_factory=dict)

    def add(self, endpoint: Endpoint, required: bool) -> None:
        need = Need.REQUIRED if required else Need.OPTIONAL
        (self.needed if required else self.other).update(endpoint.ports)
        self.groups[need][endpoint.group] = None
        self.purposes[need][endpoint.label] = None
        if endpoint.note:
            self.notes[endpoint.note] = None

    def entries(self) -> Iterable[Entry]:
        """Yield one entry, or two where only some ports are required; a group without ports of its own joins."""
        rest = self.other - self.needed
        joined = () if rest else (Need.OPTIONAL,)
        for need, ports, besides in ((Need.REQUIRED, self.needed, joined), (Need.OPTIONAL, rest, ())):
            if ports:
                said = (need, *besides)
                yield Entry(
                    self.host,
                    tuple(sorted(ports, key=port_order)),
                    need,
                    tuple(dict.fromkeys(group for one in said for group in self.groups[one])),
                    tuple(dict.fromkeys(label for one in said for label in self.purposes[one])),
                    tuple(self.notes),
                )
