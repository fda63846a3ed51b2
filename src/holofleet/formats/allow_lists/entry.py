"""One line of an allow list, and the list."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Need(StrEnum):
    """How much is lost when an entry stays closed; strongest first."""

    REQUIRED = "required"
    RECOMMENDED = "recommended"
    OPTIONAL = "optional"

    @property
    def rank(self) -> int:
        """0 for the strongest."""
        return list(Need).index(self)


@dataclass(frozen=True, slots=True)
class Entry:
    """A name that has to be reached.

    Args:
        host: A host name in lower case; with ``*.`` in front, every name below it (and not the name itself).
        ports: ``tcp/443``, ``udp/3478`` ... in ascending order.
        need: Strongest word of all groups that name it.
        groups: Endpoint groups that name it; ``own`` for what the fleet file adds.
        why: Reasons, for people.
        path: Beginning of the URL's path that is meant, where the bare host would be too wide: a filter that
            cannot see paths leaves the entry out. Empty: the host as a whole.
        direct: Does not work through an HTTP proxy.
        inspect: Its TLS may be opened by the network; ``False`` where headsets call before they can trust a
            certificate of the network, or show one of their own.
        inside: A server on the inner side of the firewall: nothing to open towards the Internet.
    """

    host: str
    ports: tuple[str, ...]
    need: Need
    groups: tuple[str, ...]
    why: tuple[str, ...] = ()
    path: str = ""
    direct: bool = False
    inspect: bool = True
    inside: bool = False

    @property
    def wildcard(self) -> bool:
        """It stands for names below the host."""
        return self.host.startswith("*.")

    @property
    def base(self) -> str:
        """The host without its wildcard."""
        return self.host.removeprefix("*.")

    @property
    def tcp(self) -> tuple[int, ...]:
        """TCP ports, ascending."""
        return tuple(number for protocol, number in map(port_key, self.ports) if protocol == "tcp")


@dataclass(frozen=True, slots=True)
class LeftOut:
    """What the source names and a list of names cannot hold, with what to do instead."""

    pattern: str
    groups: tuple[str, ...]
    reason: str
    instead: str


@dataclass(frozen=True, slots=True)
class AllowList:
    """Entries in the order of their need, then by name; ``groups`` is what was asked for."""

    groups: tuple[str, ...]
    entries: tuple[Entry, ...]
    left_out: tuple[LeftOut, ...] = ()

    def needed(self, *, required: bool) -> tuple[Entry, ...]:
        """The required entries, or all others."""
        return tuple(entry for entry in self.entries if (entry.need is Need.REQUIRED) == required)

    @property
    def wildcards(self) -> tuple[Entry, ...]:
        """What a firewall that only knows whole names cannot hold."""
        return tuple(entry for entry in self.entries if entry.wildcard)


def port_key(port: str) -> tuple[str, int]:
    """Order ports by protocol, then number.

    Raises:
        ValueError: it is not ``tcp/NUMBER`` or ``udp/NUMBER``.
    """
    protocol, _, number = port.partition("/")
    if protocol not in ("tcp", "udp") or not (number.isascii() and number.isdigit() and len(number) < 6):
        raise ValueError(f"no port: {port!r}")
    if not 1 <= int(number) <= 65535:
        raise ValueError(f"no port: {port!r}")
    return protocol, int(number)


def join_ports(ports: Iterable[str]) -> tuple[str, ...]:
    """Return ports once each, in order."""
    return tuple(sorted(set(ports), key=port_key))


def one_line(text: str) -> str:
    """Return a text that cannot end a comment: line ends and other control characters become spaces."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
