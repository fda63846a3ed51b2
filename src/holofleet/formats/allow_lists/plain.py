"""The plain list: exact names, one a line, for firewalls that know nothing else.

A wildcard never stands in it: such a firewall either refuses it or resolves nothing. What is left out is said at
the end, with what to do. Lines that begin with ``#`` are remarks.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from holofleet.formats.allow_lists.allow_list import AllowList, Entry, Need
from holofleet.formats.allow_lists.names import covers, one_line
from holofleet.formats.allow_lists.purposes import NOT_INSPECTED


def as_text(allowed: AllowList) -> str:
    """Render the list; every line ends in a line feed."""
    return "".join(f"{line}\n" for line in _lines(allowed))


def names(text: str) -> tuple[str, ...]:
    """Read the names of a plain list back: what any importer does with it."""
    return tuple(line for line in text.split("\n") if line and not line.startswith("#"))


def not_inspected(allowed: AllowList, more: Iterable[str] = ()) -> tuple[str, ...]:
    """Return the names that TLS inspection should leave alone; ``more`` are the site's own exceptions.

    Wildcards may stand among them: proxies that inspect know these.
    """
    found = dict.fromkeys(
        entry.host for entry in allowed.entries if entry.tcp and not NOT_INSPECTED.keys().isdisjoint(entry.groups)
    )
    return (*found, *(host for host in more if not any(covers(one, host) for one in found)))


def not_inspected_text(allowed: AllowList, more: Iterable[str] = ()) -> str:
    """Render these names, one a line, under a remark that says why."""
    head = (
        f"# {one_line(allowed.title)}: names that TLS inspection leaves alone",
        "# Headsets speak with them before the inspecting root can be on the headset, or accept the vendor's",
        "# certificates only. Our own server asks headsets for a certificate: inspection would break that too.",
    )
    return "".join(f"{line}\n" for line in (*head, "", *not_inspected(allowed, more)))


def _lines(allowed: AllowList) -> Iterator[str]:
    yield f"# {one_line(allowed.title)}: exact names only, for filters that know no wildcards"
    yield f"# Written by holofleet from its endpoint catalog {allowed.catalog}. Let through outgoing connections."
    for need in Need:
        for ports, entries in _by_ports(entry for entry in allowed.exact if entry.need is need):
            yield ""
            yield f"# {need.value.capitalize()}, {' '.join(ports)}"
            yield from dict.fromkeys(entry.host for entry in entries)
    yield from _left_out(allowed)


def _left_out(allowed: AllowList) -> Iterator[str]:
    wildcards = tuple(allowed.wildcards())
    if wildcards:
        yield ""
        yield "# Left out, because a filter of exact names cannot take them. The vendor chooses the names below"
        yield "# these: let them through on a filter or a proxy that knows wildcards (squid.conf, edl-*.txt)."
    for entry, known in wildcards:
        ports = " ".join(entry.ports)
        listed = f"; in the list: {', '.join(known)}" if known else ""
        yield f"#   {entry.host} ({entry.need}, {ports}{listed})"
    if allowed.left_out:
        yield ""
        yield "# Left out of every list:"
    for out in allowed.left_out:
        yield f"#   {one_line(out.what)}: {one_line(out.why)}. {one_line(out.instead)}"


def _by_ports(entries: Iterable[Entry]) -> Iterator[tuple[tuple[str, ...], list[Entry]]]:
    found: dict[tuple[str, ...], list[Entry]] = {}
    for entry in entries:
        found.setdefault(entry.ports, []).append(entry)
    yield from sorted(found.items(), key=lambda item: -len(item[1]))
