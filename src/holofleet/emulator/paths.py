"""Prints what the emulator answers, for ``docs/graph-emulator.md``: ``python -m holofleet.emulator.paths``."""

from __future__ import annotations

import sys

from holofleet.emulator.edm import Version
from holofleet.emulator.emulator import routes

_VERBS = ("GET", "POST", "PATCH", "PUT", "DELETE")


def table() -> str:
    """Return a Markdown table of all paths with their verbs by version."""
    found: dict[str, dict[Version, set[str]]] = {}
    for route in routes().routes:
        for version in route.versions:
            found.setdefault(route.pattern, {}).setdefault(version, set()).add(route.method)
    lines = ["| path | v1.0 | beta |", "|---|---|---|"]
    for path, verbs in sorted(found.items()):
        cells = (" ".join(verb for verb in _VERBS if verb in verbs.get(version, ())) for version in Version)
        lines.append(f"| `{path}` | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.stdout.write(table())
