"""``holofleet calls links``: one-time links of guests."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote

from cyclopts import App, Parameter

from holofleet.cli.connection import Connection
from holofleet.cli.moments import minute
from holofleet.cli.output import CLEAN, TextOrJson, print_json, table
from holofleet.cli.plan import NO_CONNECTION

app = App(name="links", help="One-time links of guests: list, withdraw. Experts make them in the console.")


@app.command(name="list")
def list_(*, connection: Connection = NO_CONNECTION, format: TextOrJson = "text") -> int:
    """List links that are not over: for whom, to which headset, whose they are, and where they stand."""
    with connection.open() as api:
        found = api.get("/calls/links")
    if format == "json":
        print_json(found)
        return CLEAN
    head = ("link", "for", "says", "headset", "link of", "state", "counts until")
    rows = [
        (
            one["id"],
            one["words"],
            one["name"],
            one["serial"],
            one["by"],
            one["state"],
            minute(one["expires_at"]),
        )
        for one in found["links"]
    ]
    print(table(head, rows), end="")
    return CLEAN


@app.command
def withdraw(
    link: Annotated[str, Parameter(help="Id of the link.")], /, *, connection: Connection = NO_CONNECTION
) -> int:
    """Take a link back; whoever came by it is out of the call."""
    with connection.open() as api:
        api.delete(f"/calls/links/{quote(link, safe='')}")
    print(f"{link} is taken back")
    return CLEAN
