"""Access lists for the Squid proxy, to be included in its configuration.

The file names no client addresses: it uses ``acl holofleet_headsets``, which the engineer defines. Squid refuses
a configuration in which it is missing, so that a forgotten line opens nothing.
Source of the directives: Squid's own reference of ``acl``, ``http_access`` and ``ssl_bump``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from holofleet.formats.allow_lists.entry import AllowList, Entry, one_line

_PLAIN = 80


def render(allowed: AllowList, title: str, *, inspects: bool = False) -> str:
    """Render the access lists.

    Args:
        title: First remark of the file.
        inspects: The proxy opens TLS: then the names that it must leave alone are listed, too.
    """
    lines = [
        f"# {one_line(title)}",
        "# Define who may use these lists, then include this file before your own `http_access deny all`:",
        "#   acl holofleet_headsets src 192.0.2.0/24",
        "# A name with a dot in front stands for the names below it; Squid takes the bare name with them.",
        "",
        "acl holofleet_connect method CONNECT",
    ]
    through = [entry for entry in allowed.entries if entry.tcp and not (entry.direct or entry.inside)]
    ports = sorted({port for entry in through for port in entry.tcp})
    lines += [f"acl holofleet_port_{port} port {port}" for port in ports]
    for word, required in (("required", True), ("optional", False)):
        chosen = [entry for entry in through if entry in allowed.needed(required=required)]
        for port in ports:
            lines += _rules(word, port, [entry for entry in chosen if port in entry.tcp])
    if inspects:
        lines += _splice(through)
    lines += _remarks(allowed)
    return "\n".join(lines) + "\n"


def _rules(word: str, port: int, entries: list[Entry]) -> Iterator[str]:
    names = list(_domains(entry for entry in entries if not entry.path))
    paths = [entry for entry in entries if entry.path]
    way = "!holofleet_connect" if port == _PLAIN else "holofleet_connect"
    rule = f"http_access allow holofleet_headsets {way} holofleet_port_{port}"
    if names:
        acl = f"holofleet_{word}_{port}"
        yield ""
        yield from (f"acl {acl} dstdomain {name}" for name in names)
        yield f"{rule} {acl}"
    if paths and port == _PLAIN:  # of an encrypted connection the proxy does not see the path
        acl = f"holofleet_{word}_{port}_paths"
        yield ""
        yield from (f"acl {acl} url_regex {_pattern(entry)}" for entry in paths)
        yield f"{rule} {acl}"


def _domains(entries: Iterable[Entry]) -> Iterator[str]:
    """Yield names; Squid refuses a list in which one name covers another."""
    listed = list(entries)
    below = {entry.base for entry in listed if entry.wildcard}
    for entry in listed:
        labels = entry.base.split(".")
        parents = {".".join(labels[n:]) for n in range(1, len(labels))}
        if parents & below or (not entry.wildcard and entry.base in below):
            continue
        yield f".{entry.base}" if entry.wildcard else entry.base


def _pattern(entry: Entry) -> str:
    front = "([a-z0-9-]+[.])+" if entry.wildcard else ""
    return f"^http://{front}{_literal(entry.base)}(:80)?{_literal(entry.path)}"


def _literal(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9/_-]", lambda match: f"[{match[0]}]", text)


def _splice(entries: list[Entry]) -> Iterator[str]:
    yield ""
    yield "# Left alone when TLS is opened; put it before your own `ssl_bump` rules."
    yield "acl holofleet_step1 at_step SslBump1"
    left = (entry for entry in entries if not entry.inspect and not entry.path and entry.tcp != (_PLAIN,))
    yield from (f"acl holofleet_not_inspected ssl::server_name {name}" for name in _domains(left))
    yield "ssl_bump peek holofleet_step1"
    yield "ssl_bump splice holofleet_not_inspected"


def _remarks(allowed: AllowList) -> Iterator[str]:
    direct = [entry for entry in allowed.entries if entry.direct and not entry.inside]
    udp = [entry for entry in allowed.entries if not entry.inside and len(entry.tcp) < len(entry.ports)]
    if direct or udp or allowed.left_out:
        yield ""
    for entry in direct:
        yield f"# Does not work through a proxy, open it on the firewall: {entry.host} {','.join(entry.ports)}"
    for entry in udp:
        ports = ",".join(port for port in entry.ports if port.startswith("udp/"))
        yield f"# UDP does not pass a proxy, open it on the firewall: {entry.host} {ports}"
    for out in allowed.left_out:
        yield f"# Not listed: {one_line(f'{out.pattern}: {out.reason} {out.instead}')}"
