"""``holofleet tokens``: API tokens for programs."""

from __future__ import annotations

from typing import Annotated

from cyclopts import App, Parameter

from holofleet.cli.connection import Connection
from holofleet.cli.credentials import duration_s
from holofleet.cli.output import CLEAN, TextOrJson, print_json, table
from holofleet.cli.plan import NO_CONNECTION

app = App(name="tokens", help="Issue, list and revoke API tokens.")


@app.command
def issue(
    *,
    name: Annotated[str, Parameter(help="What it is for; shown in the audit log.")],
    role: Annotated[
        list[str], Parameter(negative="", help="viewer, helpdesk, deployer, auditor or administrator; repeatable.")
    ],
    client: Annotated[
        list[str] | None, Parameter(negative="", help="Only this client's things; repeatable. All without it.")
    ] = None,
    site: Annotated[
        list[str] | None, Parameter(negative="", help="Only what stands at this site; repeatable.")
    ] = None,
    deployment: Annotated[
        list[str] | None, Parameter(negative="", help="Only what belongs to this deployment; repeatable.")
    ] = None,
    expires: Annotated[str, Parameter(help="How long it is valid: 90d.")] = "90d",
    connection: Connection = NO_CONNECTION,
) -> int:
    """Issue a token and print it as JSON. It is shown once, and never worth more than its maker."""
    with connection.open() as api:
        seen = {"clients": client, "sites": site, "deployments": deployment}
        body = {"name": name, "roles": role, **seen, "expires_s": duration_s(expires)}
        print_json(api.post("/tokens", body))
    return CLEAN


@app.command(name="list")
def list_(*, connection: Connection = NO_CONNECTION, format: TextOrJson = "text") -> int:
    """List tokens that are still valid."""
    with connection.open() as api:
        found = api.get("/tokens")["tokens"]
    if format == "json":
        print_json({"tokens": found})
    else:
        rows = [(t["id"], t["name"], " ".join(t["roles"]), t["expires_at"]) for t in found]
        print(table(("id", "name", "roles", "expires_at"), rows), end="")
    return CLEAN


@app.command
def revoke(
    id: Annotated[str, Parameter(help="Id of the token.")], /, *, connection: Connection = NO_CONNECTION
) -> int:
    """Make a token useless at once."""
    with connection.open() as api:
        api.delete(f"/tokens/{id}")
    print(f"Token {id} is revoked.")
    return CLEAN
