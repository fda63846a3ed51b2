"""``holofleet orders``: what was ordered, and the brakes for what is not delivered yet."""

from __future__ import annotations

from typing import Annotated

from cyclopts import App, Parameter

from holofleet.cli.connection import Connection
from holofleet.cli.output import CLEAN, TextOrJson, print_json, table
from holofleet.cli.plan import NO_CONNECTION

app = App(name="orders", help="List orders, take one back, stop or release all that are not delivered yet.")


@app.command(name="list")
def list_(
    serial: Annotated[str, Parameter(help="Serial of the headset.")],
    /,
    *,
    connection: Connection = NO_CONNECTION,
    format: TextOrJson = "text",
) -> int:
    """List the newest orders of a headset, and how they went."""
    with connection.open() as api:
        found = api.get(f"/headsets/{serial}/orders")["orders"]
    if format == "json":
        print_json({"orders": found})
    else:
        rows = [(o["id"], o["kind"], o["status"], o["created_at"], o["actor"], o["outcome"]) for o in found]
        print(table(("id", "kind", "status", "created_at", "actor", "outcome"), rows), end="")
    return CLEAN


@app.command
def progress(
    given: Annotated[str, Parameter(help="Orders given together, as `headsets bulk` names them.")],
    /,
    *,
    connection: Connection = NO_CONNECTION,
    format: TextOrJson = "text",
) -> int:
    """Show how far orders have come that were given together: what failed or is late first."""
    with connection.open() as api:
        found = api.get(f"/orders/given/{given}")
    if format == "json":
        print_json(found)
        return CLEAN
    counts = ", ".join(f"{number} {status}" for status, number in sorted(found["counts"].items()))
    late = f" {found['late']} of them wait for a headset that is late." if found["late"] else ""
    print(f"{len(found['orders'])} orders: {counts}.{late}")
    first = {"failed": 0, "outcome-unknown": 1, "expired": 2, "queued": 3, "sent": 4}
    rows = sorted(found["orders"], key=lambda one: (first.get(one["status"], 5), not one["late"], one["serial"]))
    columns = ("serial", "name", "status", "sent_at", "closed_at", "outcome")
    print(table(columns, [tuple(one[column] or "" for column in columns) for one in rows]), end="")
    return CLEAN


@app.command
def cancel(
    order: Annotated[str, Parameter(help="Id of the order, from `orders list`.")],
    /,
    *,
    connection: Connection = NO_CONNECTION,
) -> int:
    """Take back an order that was not sent yet."""
    with connection.open() as api:
        api.delete(f"/orders/{order}")
    print(f"Order {order} is cancelled.")
    return CLEAN


@app.command
def freeze(
    *,
    reason: Annotated[str, Parameter(help="Why; it is kept in the audit log.")],
    release: Annotated[bool, Parameter(negative="", help="Let orders go out again.")] = False,
    connection: Connection = NO_CONNECTION,
    format: TextOrJson = "text",
) -> int:
    """Stop every undelivered order at once, in all processes; with --release let them go out again."""
    with connection.open() as api:
        result = api.post("/orders/freeze", {"frozen": not release, "reason": reason})
    if format == "json":
        print_json(result)
    else:
        print("Orders go out again." if release else "No order goes out until: holofleet orders freeze --release")
    return CLEAN
