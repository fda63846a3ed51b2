"""A proxy script (PAC): which way a headset takes to a name. It guides; it is no barrier, the firewall is.

Written for the oldest script engines that read such files: no arrow functions, no ``includes``, no modules. Only
our own code stands in it; names go in as JSON, which is JavaScript once it is kept to ASCII.
"""

from __future__ import annotations

import json
from collections.abc import Iterable

from holofleet.formats.allow_lists.allow_list import AllowList, Entry, Need, widest
from holofleet.formats.allow_lists.names import is_name, is_wildcard, one_line
from holofleet.formats.allow_lists.purposes import direct

UNKNOWN_PROXY = "DIRECT"
NOWHERE = "PROXY 127.0.0.1:9"
"""Port 9 of the headset itself, where nothing listens: the request fails at once."""

_SCRIPT = """\
{remarks}
var viaProxy = {via};
var elsewhere = {nowhere};
var withOptional = true;
var direct = {direct};
var required = {required};
var optional = {optional};

function matches(host, pattern) {{
  if (pattern.substring(0, 2) !== "*.") {{ return host === pattern; }}
  var tail = pattern.substring(1);
  return host.length > tail.length && host.substring(host.length - tail.length) === tail;
}}

function isIn(host, patterns) {{
  for (var i = 0; i < patterns.length; i++) {{
    if (matches(host, patterns[i])) {{ return true; }}
  }}
  return false;
}}

function FindProxyForURL(url, host) {{
  var name = String(host).toLowerCase();
  if (name.charAt(name.length - 1) === ".") {{ name = name.substring(0, name.length - 1); }}
  if (name.indexOf(".") === -1 && name.indexOf(":") === -1) {{ return "DIRECT"; }}
  if (isIn(name, direct)) {{ return "DIRECT"; }}
  if (isIn(name, required) || (withOptional && isIn(name, optional))) {{ return viaProxy; }}
  return elsewhere;
}}
"""


def as_pac(allowed: AllowList, *, proxy: str | None = None) -> str:
    """Render the script.

    Args:
        proxy: ``host:port`` of the site's proxy; left out, listed names go out directly until somebody writes it.

    Raises:
        ValueError: that is no host and port.
    """
    remarks = [
        f"{allowed.title}: the way of headsets to the network",
        f"Written by holofleet from its endpoint catalog {allowed.catalog}.",
    ]
    if proxy is None:
        remarks.append('The fleet file does not name the proxy: write viaProxy = "PROXY host:port" below.')
    remarks += [
        "Names that are not listed lead nowhere. Set elsewhere = viaProxy to let the proxy decide, and log them.",
        "Set withOptional = false for the required names only.",
    ]
    around = [one.host for one in allowed.entries if direct(one.host)]
    inside = [one.host for one in allowed.inside if is_name(one.host) or is_wildcard(one.host)]
    return _SCRIPT.format(
        remarks="\n".join(f"// {one_line(text)}" for text in remarks),
        via=json.dumps(UNKNOWN_PROXY if proxy is None else _via(proxy)),
        nowhere=json.dumps(NOWHERE),
        direct=_array([*around, *inside]),
        required=_array(_web(allowed.of(Need.REQUIRED))),
        optional=_array(_web(allowed.of(Need.OPTIONAL))),
    )


def _web(entries: Iterable[Entry]) -> list[str]:
    return [entry.host for entry in entries if entry.tcp]


def _array(patterns: Iterable[str]) -> str:
    rows = ",\n".join(f"  {json.dumps(pattern)}" for pattern in widest(patterns))
    return f"[\n{rows}\n]" if rows else "[]"


def _via(proxy: str) -> str:
    host, colon, port = proxy.rpartition(":")
    number = int(port) if port.isascii() and port.isdigit() else 0
    plain = all(char.isascii() and (char.isalnum() or char in ".-") for char in host)
    if not (colon and host and plain and 0 < number < 1 << 16):
        raise ValueError(f"not a host and a port: {proxy!r}")
    return f"PROXY {host}:{number}"
