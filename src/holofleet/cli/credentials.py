"""``holofleet credentials``: what a headset, a person or a package enrolls with (the on-premise door)."""

from __future__ import annotations

import re
from typing import Annotated

from cyclopts import App, Parameter

from holofleet.cli.connection import Connection
from holofleet.cli.output import CLEAN, TextOrJson, print_json, table
from holofleet.cli.plan import NO_CONNECTION
from holofleet.errors import InputError

app = App(name="credentials", help="Issue and revoke what headsets enroll with.")

_DURATION = re.compile(r"(\d+)([mhd])\Z")
_SECONDS = {"m": 60, "h": 3600, "d": 86400}


def duration_s(text: str) -> int:
    """Read a duration such as ``30m``, ``24h`` or ``30d`` as seconds.

    Raises:
        InputError: not a number followed by m, h or d.
    """
    match = _DURATION.match(text.strip())
    if match is None:
        raise InputError(f"{text!r} is no duration", mend="Write a number and m, h or d, as in 24h.")
    return int(match.group(1)) * _SECONDS[match.group(2)]


@app.command
def issue(
    *,
    deployment: Annotated[str, Parameter(help="Deployment that headsets enroll into.")],
    uses: Annotated[int, Parameter(help="How many headsets may enroll with it.")] = 1,
    expires: Annotated[str, Parameter(help="How long it is valid: 30m, 24h, at most 30d.")] = "24h",
    connection: Connection = NO_CONNECTION,
) -> int:
    """Issue a credential and print it as JSON: username (a UPN) and password. It is shown once."""
    with connection.open() as api:
        issued = api.post(
            "/credentials", {"deployment": deployment, "uses": uses, "expires_s": duration_s(expires)}
        )
    print_json(issued)
    return CLEAN


@app.command(name="list")
def list_(*, connection: Connection = NO_CONNECTION, format: TextOrJson = "text") -> int:
    """List credentials that are still valid, without their passwords."""
    with connection.open() as api:
        found = api.get("/credentials")["credentials"]
    if format == "json":
        print_json({"credentials": found})
    else:
        rows = [(c["id"], c["username"], c["deployment"], str(c["uses_left"]), c["expires_at"]) for c in found]
        print(table(("id", "username", "deployment", "uses_left", "expires_at"), rows), end="")
    return CLEAN


@app.command
def revoke(
    id: Annotated[str, Parameter(help="Id of the credential.")], /, *, connection: Connection = NO_CONNECTION
) -> int:
    """Make a credential useless at once; headsets that enrolled with it stay."""
    with connection.open() as api:
        api.delete(f"/credentials/{id}")
    print(f"Credential {id} is revoked.")
    return CLEAN
