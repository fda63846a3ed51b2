"""The list itself: names with their ports, required and optional apart, and what could not be written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from holofleet.formats.allow_lists.names import covers, is_name, is_port, is_wildcard, order, port_order

WEB = frozenset({"tcp/80", "tcp/443"})


class Need(StrEnum):
    """Whether something stops working without the entry."""

    REQUIRED = "required"
    OPTIONAL = "optional"


@dataclass(frozen=True, slots=True)
class Entry:
    """A name that is let through.

    Args:
        host: A host name, or ``*.`` and a host name for everything below it. Lower case.
        ports: ``tcp/443`` and the like, sorted; at least one.
        groups: Endpoint groups that it belongs to; ``site`` for what the fleet file adds.
        purposes: What it is called where it was published, or the reason that the fleet file gives.
        notes: What an engineer should know about it.

    Raises:
        ValueError: the host is no such name, or a port is no port: nothing that a filter would read as something
            else can ever stand in a list.
    """

    host: str
    ports: tuple[str, ...]
    need: Need
    groups: tuple[str, ...] = ()
    purposes: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not (is_name(self.host) or is_wildcard(self.host)):
            raise ValueError(f"not a host name: {self.host!r}")
        if not self.ports or not all(is_port(port) for port in self.ports):
            raise ValueError(f"not ports: {self.ports!r}")
        if list(self.ports) != sorted(set(self.ports), key=port_order):
            raise ValueError(f"ports out of order: {self.ports!r}")

    @property
    def wildcard(self) -> bool:
        """It stands for every name below one."""
        return self.host.startswith("*.")

    @property
    def tcp(self) -> tuple[int, ...]:
        """Its TCP ports as numbers."""
        return tuple(int(port[4:]) for port in self.ports if port.startswith("tcp/"))


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A name or a whole group that is not in the list: why, and what to do instead."""

    what: str
    why: str
    instead: str
    groups: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Inside:
    """A host inside the site, which headsets reach without any proxy."""

    host: str
    use: str


@dataclass(frozen=True, slots=True)
class AllowList:
    """What one network lets through.

    Args:
        title: Whose list it is, for people.
        catalog: First digits of the digest of the endpoint catalog that it was made from.
        entries: Required ones first, each part by name.
        left_out: What no form of the list holds.
        inside: Hosts of the site itself.
        selection: What was asked for (``scenario update``, ``group wns``, ``all``); empty for the list of a site.
    """

    title: str
    catalog: str
    entries: tuple[Entry, ...]
    left_out: tuple[LeftOut, ...] = ()
    inside: tuple[Inside, ...] = ()
    selection: tuple[str, ...] = field(default=())

    def of(self, need: Need) -> tuple[Entry, ...]:
        """The required or the optional entries."""
        return tuple(entry for entry in self.entries if entry.need is need)

    @property
    def exact(self) -> tuple[Entry, ...]:
        """The entries for a filter that knows exact names only."""
        return tuple(entry for entry in self.entries if not entry.wildcard)

    def wildcards(self) -> Iterator[tuple[Entry, tuple[str, ...]]]:
        """Yield what a filter of exact names misses: each wildcard, with the names below it that the list has."""
        kept = set(widest(entry.host for entry in self.entries if entry.wildcard))
        for entry in self.entries:
            if entry.host in kept:
                below = (one.host for one in self.exact if covers(entry.host, one.host))
                yield entry, tuple(dict.fromkeys(below))


def in_order(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """Sort entries: required first, then by what they belong to."""
    return tuple(sorted(entries, key=lambda one: (one.need is Need.OPTIONAL, order(one.host), one.ports)))


def widest(patterns: Iterable[str]) -> tuple[str, ...]:
    """Return patterns without those that another one covers; some programs refuse such doubles."""
    found = sorted(set(patterns), key=order)
    return tuple(p for p in found if not any(other != p and covers(other, p) for other in found))
