"""``holofleet webhooks``: programs elsewhere that are told what happens."""

from __future__ import annotations

from typing import Annotated, Any

from cyclopts import App, Parameter

from holofleet.cli.connection import Connection
from holofleet.cli.moments import minute
from holofleet.cli.output import CLEAN, TextOrJson, print_json, table
from holofleet.cli.plan import NO_CONNECTION

app = App(name="webhooks", help="Programs elsewhere that are told what happens: list, show, add, test.")
Id = Annotated[str, Parameter(help="Id of the webhook.")]


@app.command(name="list")
def list_(*, connection: Connection = NO_CONNECTION, format: TextOrJson = "text") -> int:
    """List webhooks with how they stand."""
    with connection.open() as api:
        found = api.get("/webhooks")["webhooks"]
    if format == "json":
        print_json({"webhooks": found})
        return CLEAN
    head = ("id", "name", "url", "stands", "waits", "given up", "arrived last")
    print(table(head, [_row(one) for one in found]), end="")
    return CLEAN


@app.command
def show(webhook: Id, /, *, connection: Connection = NO_CONNECTION, format: TextOrJson = "text") -> int:
    """Show a webhook with its newest deliveries and what was answered."""
    with connection.open() as api:
        found = api.get(f"/webhooks/{webhook}")
    if format == "json":
        print_json(found)
        return CLEAN
    print(f"{found['name']} to {found['url']}, {_stands(found)}")
    clients = "every client" if found["clients"] is None else ", ".join(found["clients"])
    print(f"takes {', '.join(found['events'])} of {clients}")
    rows = [
        (one["id"], minute(one["at"]), one["kind"], one["state"], str(one["attempts"]), _answer(one))
        for one in found["deliveries"]
    ]
    print(table(("delivery", "at", "event", "state", "tries", "answer"), rows), end="")
    return CLEAN


@app.command
def add(
    name: Annotated[str, Parameter(help="What it is called, for people and for the record.")],
    url: Annotated[str, Parameter(help="Where to: https://hooks.contoso.com/fleet.")],
    /,
    *,
    event: Annotated[list[str], Parameter(negative="", help="What it takes, as call.missed; repeatable.")],
    client: Annotated[
        list[str] | None, Parameter(negative="", help="Only what happens at this client; repeatable.")
    ] = None,
    connection: Connection = NO_CONNECTION,
) -> int:
    """Make a webhook, and print its secret as JSON. It is shown once."""
    with connection.open() as api:
        print_json(api.post("/webhooks", {"name": name, "url": url, "events": event, "clients": client}))
    return CLEAN


@app.command
def switch(
    webhook: Id,
    /,
    *,
    on: Annotated[bool, Parameter(negative="--off", help="Tell it again, or nothing any more.")],
    connection: Connection = NO_CONNECTION,
) -> int:
    """Switch a webhook on or off; switched off, what waits is given up."""
    with connection.open() as api:
        found = api.get(f"/webhooks/{webhook}")
        api.put(
            f"/webhooks/{webhook}",
            {name: found[name] for name in ("name", "url", "events", "clients")} | {"on": on},
        )
    print(f"Webhook {found['name']} is {'on' if on else 'off'}.")
    return CLEAN


@app.command(name="test")
def send_test(webhook: Id, /, *, connection: Connection = NO_CONNECTION) -> int:
    """Send a test message; ``holofleet webhooks show`` says what was answered."""
    with connection.open() as api:
        sent = api.post(f"/webhooks/{webhook}/test", {})
    print(f"Delivery {sent['delivery']} is on its way; look with: holofleet webhooks show {webhook}")
    return CLEAN


@app.command
def secret(webhook: Id, /, *, connection: Connection = NO_CONNECTION) -> int:
    """Make a new secret and print it as JSON; for a day the one before signs too."""
    with connection.open() as api:
        print_json(api.post(f"/webhooks/{webhook}/secret", {}))
    return CLEAN


@app.command
def remove(webhook: Id, /, *, connection: Connection = NO_CONNECTION) -> int:
    """Remove a webhook with what waits for it."""
    with connection.open() as api:
        api.delete(f"/webhooks/{webhook}")
    print(f"Webhook {webhook} is removed.")
    return CLEAN


def _row(one: dict[str, Any]) -> tuple[str, ...]:
    last = minute(one["arrived_at"]) if one["arrived_at"] else "never"
    return one["id"], one["name"], one["url"], _stands(one), str(one["waiting"]), str(one["given_up"]), last


def _stands(one: dict[str, Any]) -> str:
    return "on" if one["on"] else f"off: {one['why_off']}"


def _answer(one: dict[str, Any]) -> str:
    return " ".join(str(part) for part in (one["status"], one["trouble"]) if part)
