"""A proxy auto-configuration file: what goes to the proxy, what goes past it, and what is refused at once.

A PAC file does not enforce anything; the proxy and the firewall do. It spares them what they would refuse, and
lets apps fail quickly instead of waiting. Written in the oldest JavaScript, which every reader of PAC files knows.
"""

from __future__ import annotations

import json
from collections.abc import Iterable

from holofleet.formats.allow_lists.entry import AllowList, Entry, one_line

NO_PROXY_YET = "replace-this.invalid:8080"
"""Address where nobody told the proxy's: a name that never resolves (RFC 2606)."""

_PROGRAM = """\
function FindProxyForURL(url, host) {
  host = host.toLowerCase().replace(/\\.$/, "");
  var parts = /^([a-z]+):\\/\\/[^\\/?#]*?(?::([0-9]+))?(?:[\\/?#]|$)/i.exec(url);
  if (!parts) { return REST; }
  var plain = parts[1].toLowerCase() === "http" || parts[1].toLowerCase() === "ws";
  var port = parts[2] ? Number(parts[2]) : plain ? 80 : 443;
  if (listed(DIRECT_NAMES, host, port) || below(DIRECT_BELOW, host, port)) { return "DIRECT"; }
  if (listed(NAMES, host, port) || below(BELOW, host, port)) { return PROXY; }
  if (plain && port === 80) {
    for (var i = 0; i < PATHS.length; i++) {
      var end = "." + PATHS[i][0];
      var path = url.replace(/^[a-z]+:\\/\\/[^\\/]*/i, "");
      if (host.slice(-end.length) === end && path.indexOf(PATHS[i][1]) === 0) { return PROXY; }
    }
  }
  return REST;
}

function listed(table, name, port) {
  if (!Object.prototype.hasOwnProperty.call(table, name)) { return false; }
  for (var i = 0; i < table[name].length; i++) { if (table[name][i] === port) { return true; } }
  return false;
}

function below(table, host, port) {
  for (var dot = host.indexOf("."); dot > 0; dot = host.indexOf(".", dot + 1)) {
    if (listed(table, host.slice(dot + 1), port)) { return true; }
  }
  return false;
}
"""


def render(allowed: AllowList, title: str, *, proxy: str | None) -> str:
    """Render the file.

    Args:
        title: First remark of the file.
        proxy: ``host:port``; ``None`` writes an address that never resolves, to be replaced.
    """
    through = [entry for entry in allowed.entries if entry.tcp and not (entry.direct or entry.inside)]
    direct = [entry for entry in allowed.entries if entry.tcp and (entry.direct or entry.inside)]
    paths = [[entry.base, entry.path] for entry in through if entry.path and entry.wildcard]
    lines = [
        f"// {_ascii(title)}",
        f"var PROXY = {json.dumps('PROXY ' + (proxy or NO_PROXY_YET))};"
        + ("" if proxy else " // REPLACE: your proxy"),
        'var REST = "PROXY 127.0.0.1:9"; // whatever is not listed: refused on the headset itself',
        "// ports by name",
        _table("NAMES", through, wildcard=False),
        "// ports by name below which all names are meant",
        _table("BELOW", through, wildcard=True),
        "// past the proxy: servers inside, and push, which does not work through a proxy",
        _table("DIRECT_NAMES", direct, wildcard=False),
        _table("DIRECT_BELOW", direct, wildcard=True),
        "// only this path, over plain HTTP",
        f"var PATHS = {json.dumps(paths)};",
        "",
    ]
    return "\n".join(lines) + _PROGRAM


def _table(name: str, entries: Iterable[Entry], *, wildcard: bool) -> str:
    chosen = {e.base: list(e.tcp) for e in entries if e.wildcard == wildcard and not e.path}
    rows = ",\n".join(f"  {json.dumps(host)}: {json.dumps(ports)}" for host, ports in chosen.items())
    return f"var {name} = {{\n{rows}\n}};" if rows else f"var {name} = {{}};"


def _ascii(text: str) -> str:
    """Return a remark in ASCII: readers disagree about the encoding of these files."""
    return one_line(text).encode("ascii", "backslashreplace").decode()
