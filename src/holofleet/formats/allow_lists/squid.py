"""Rules for Squid: names by ACLs of type ``dstdomain``, with the ports that each needs.

Squid's ``.example.com`` stands for everything below the name and for the name itself; a name that another entry of
one ACL covers is refused by it, so each ACL holds the widest only. UDP passes no HTTP proxy: it is a remark.

Source: the documentation of squid.conf, directives ``acl``, ``http_access`` and ``ssl_bump`` (squid-cache.org).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from holofleet.formats.allow_lists.allow_list import WEB, AllowList, Entry, Need, widest
from holofleet.formats.allow_lists.names import one_line
from holofleet.formats.allow_lists.plain import not_inspected
from holofleet.formats.allow_lists.purposes import direct


def as_squid(allowed: AllowList, *, inspects: bool = False, more_not_inspected: Iterable[str] = ()) -> str:
    """Render the rules, to be included above the rule that denies the rest.

    Args:
        inspects: The proxy opens TLS: add the names that it must leave alone.
        more_not_inspected: The site's own exceptions from inspection.
    """
    lines = [*_head(allowed)]
    for need in Need:
        lines += _rules(need, allowed.of(need))
    lines += _beyond(allowed)
    if inspects:
        lines += _splice(not_inspected(allowed, more_not_inspected))
    return "".join(f"{line}\n" for line in lines)


def _head(allowed: AllowList) -> Iterator[str]:
    yield from _remark(f"{allowed.title}: what headsets reach through this proxy")
    yield from _remark(f"Written by holofleet from its endpoint catalog {allowed.catalog}.")
    yield from _remark(
        "Include it above the rule that denies the rest. To bind it to the headsets' network, add an"
    )
    yield from _remark(
        "ACL of type src to each http_access line. Requests come before anybody signs in: ask for no"
    )
    yield from _remark("proxy sign-in here.")


def _rules(need: Need, entries: tuple[Entry, ...]) -> Iterator[str]:
    found: dict[tuple[int, ...], list[str]] = {}
    for entry in entries:
        if entry.tcp:
            found.setdefault(entry.tcp, []).append(entry.host)
    for number, (ports, hosts) in enumerate(sorted(found.items()), start=1):
        name = f"holofleet_{need.value}_{number}"
        yield ""
        yield from _remark(f"{need.value.capitalize()}")
        yield from (f"acl {name} dstdomain {domain}" for domain in _domains(hosts))
        yield f"acl {name}_ports port {' '.join(map(str, ports))}"
        yield f"http_access allow {name} {name}_ports"


def _beyond(allowed: AllowList) -> Iterator[str]:
    """Say what a proxy cannot do."""
    ports = sorted({number for one in allowed.entries for number in one.tcp if f"tcp/{number}" not in WEB})
    if ports:
        yield ""
        yield from _remark(
            f"Ports beyond 80 and 443: add {' '.join(map(str, ports))} to your Safe_ports and SSL_ports."
        )
    around = [one for one in allowed.entries if direct(one.host)]
    udp = [one for one in allowed.entries if any(port.startswith("udp/") for port in one.ports)]
    if around or udp:
        yield ""
        yield from _remark("Not through a proxy; open them in the firewall:")
    for one in around:
        yield from _remark(f"  {one.host} {' '.join(one.ports)} (notifications do not work through a proxy)")
    for one in udp:
        yield from _remark(f"  {one.host} {' '.join(port for port in one.ports if port.startswith('udp/'))}")
    for out in allowed.left_out:
        yield from _remark(f"Left out: {out.what}: {out.why}. {out.instead}")


def _splice(hosts: tuple[str, ...]) -> Iterator[str]:
    yield ""
    yield from _remark("Traffic that is not opened. These lines need a Squid that was built with TLS.")
    yield from (f"acl holofleet_not_inspected ssl::server_name {domain}" for domain in _domains(hosts))
    yield "ssl_bump splice holofleet_not_inspected"


def _domains(hosts: Iterable[str]) -> Iterator[str]:
    """Yield names as Squid writes them, none of which another one covers."""
    found = widest(hosts)
    for host in found:
        if host.startswith("*."):
            yield host[1:]
        elif f"*.{host}" not in found:
            yield host


def _remark(text: str) -> Iterator[str]:
    """Yield a remark; a backslash at its end would join the next line to it."""
    indent = len(text) - len(text.lstrip(" "))
    yield f"# {' ' * indent}{one_line(text)}".replace("\\", "/")
