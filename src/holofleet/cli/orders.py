"""``holofleet orders``: the brake for everything that is not delivered yet."""

from __future__ import annotations

from typing import Annotated

from cyclopts import App, Parameter

from holofleet.cli.connection import Connection
from holofleet.cli.output import CLEAN, TextOrJson, print_json
from holofleet.cli.plan import NO_CONNECTION

app = App(name="orders", help="Stop or release all orders that are not delivered yet.")


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
