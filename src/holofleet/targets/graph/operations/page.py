"""The page of requests, ``docs/graph-requests.md``, written from the registry.

    .venv/bin/python -m holofleet.targets.graph.operations.page > docs/graph-requests.md

A test holds the page equal to what this writes.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable

from holofleet.targets.graph.operations import AREAS, OPERATIONS, Effect, Operation
from holofleet.targets.graph.quotas import LIMITS

_HEAD = """# Requests to Microsoft Graph

Every request that the target `graph` can send. There is no other: a request is made from one of these operations
or it is not sent. The page is written from the code (`python -m holofleet.targets.graph.operations.page`).

- *Permission* is the least application permission. A plan needs those of the reads, an apply those of the
  operations that its plan shows; `person` means that Graph lets only a signed-in person do it.
- *Again* says what happens when the answer is lost. `yes`: it is sent again, a second time changes nothing more.
  `looks first`: it makes something, so the tenant is asked whether it is there already. `never`: it is not
  repeated, and reported as of unknown outcome.
- *Secret* names the properties that are masked in `--record` and never stand in a log.
- Reads and writes to one service count together; the client keeps below the limits at the end of this page.
- The token goes to the configured address only, never to a list that goes on elsewhere, never along a redirect,
  and never over plain http.
"""
_AGAIN = {Effect.READ: "yes", Effect.REPLACE: "yes", Effect.CREATE: "looks first", Effect.ONCE: "never"}


def page() -> str:
    """Return the whole page."""
    parts = [_HEAD]
    for area, operations in AREAS.items():
        parts.append(f"\n## {area}\n\n{_table(operations)}")
    parts.append(f"\n## Permissions\n\n{_permissions()}")
    parts.append(f"\n## Limits that the client keeps\n\n{_limits()}")
    return "".join(parts)


def _table(operations: Iterable[Operation]) -> str:
    rows = [
        "| operation | request | what for | permission | again | secret |",
        "|---|---|---|---|---|---|",
    ]
    for operation in operations:
        permission = ", ".join(operation.permissions) + (" (person)" if operation.delegated_only else "")
        secret = ", ".join(f"`{path}`" for path in operation.secrets)
        request = f"`{operation.method} /{operation.version}{operation.path}`"
        alone = " (never in a batch)" if operation.alone else ""
        rows.append(
            f"| `{operation.name}` | {request}{alone} | {operation.about} | {permission} | "
            f"{_AGAIN[operation.effect]} | {secret} |"
        )
    return "\n".join(rows) + "\n"


def _permissions() -> str:
    reads = {
        p for o in OPERATIONS.values() if o.effect is Effect.READ and not o.delegated_only for p in o.permissions
    }
    writes = {p for o in OPERATIONS.values() if o.effect is not Effect.READ for p in o.permissions} - reads
    delegated = {p for o in OPERATIONS.values() if o.delegated_only for p in o.permissions} - reads
    return (
        "Two app registrations keep drift checks harmless: one that reads, one that applies. No fleet needs all "
        "of these; a plan prints the ones that it needs.\n\n"
        f"- To read: {', '.join(sorted(reads))}.\n"
        f"- To apply, beside these: {', '.join(sorted(writes - delegated))}.\n"
        f"- Of a signed-in person only: {', '.join(sorted(delegated))}.\n"
    )


def _limits() -> str:
    rows = ["| service | reads | writes |", "|---|---|---|"]
    for service, limits in LIMITS.items():
        read, write = (f"{limit.most:,} in {limit.within_s:g} s" for limit in (limits.read, limits.write))
        rows.append(f"| {service} | {read} | {write} |")
    return (
        "Identity reads are counted in resource units. Conditional access, audit logs and exports share one limit "
        "for reads and writes. When the service says otherwise (429, `Retry-After`, "
        "`x-ms-throttle-limit-percentage`), that holds.\n\n" + "\n".join(rows) + "\n"
    )


if __name__ == "__main__":
    sys.stdout.write(page())
