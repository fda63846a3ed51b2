"""``holofleet calls recording``: recordings of calls."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

from cyclopts import App, Parameter

from holofleet.cli.connection import Connection
from holofleet.cli.moments import minute
from holofleet.cli.output import CLEAN, TextOrJson, print_json, table
from holofleet.cli.plan import NO_CONNECTION

app = App(name="recording", help="Recordings of calls: list, save, hold, lift, delete.")
Id = Annotated[str, Parameter(help="Id of the recording.")]
Why = Annotated[str, Parameter(help="Why; it stands in the audit log.")]


@app.command(name="list")
def list_(
    *,
    call: Annotated[str, Parameter(help="Only of this call.")] = "",
    headset: Annotated[str, Parameter(help="Only of calls of this headset, by serial.")] = "",
    limit: Annotated[int, Parameter(help="At most so many, newest first.")] = 50,
    connection: Connection = NO_CONNECTION,
    format: TextOrJson = "text",
) -> int:
    """List recordings, newest first: call, headset, size, and until when each is kept."""
    with connection.open() as api:
        found = api.get("/recordings", call=call or None, serial=headset or None, limit=limit)
    if format == "json":
        print_json(found)
        return CLEAN
    head = ("recording", "began", "call", "headset", "bytes", "kept")
    rows = [
        (one["id"], minute(one["started_at"]), one["call"], one["serial"], str(one["bytes"]), _kept(one))
        for one in found["recordings"]
    ]
    print(table(head, rows), end="")
    return CLEAN


@app.command
def save(
    recording: Id,
    /,
    *,
    to: Annotated[Path, Parameter(help="File to write; it must not be there yet.")],
    reason: Why,
    connection: Connection = NO_CONNECTION,
) -> int:
    """Write a recording into a file that nobody else can read. It stays on the server until its time is over."""
    with connection.open() as api:
        size = api.save(f"{_path(recording)}/media", {"reason": reason}, to)
    print(f"{to}: {size} bytes")
    return CLEAN


@app.command
def hold(recording: Id, /, *, reason: Why, connection: Connection = NO_CONNECTION) -> int:
    """Keep a recording, whatever its time, until the hold is lifted."""
    with connection.open() as api:
        api.post(f"{_path(recording)}/hold", {"reason": reason})
    print(f"{recording} is held")
    return CLEAN


@app.command
def lift(recording: Id, /, *, reason: Why, connection: Connection = NO_CONNECTION) -> int:
    """Lift a hold; a recording that is past its time goes with the next round of upkeep."""
    with connection.open() as api:
        api.post(f"{_path(recording)}/lift", {"reason": reason})
    print(f"{recording} is not held any more")
    return CLEAN


@app.command
def delete(recording: Id, /, *, reason: Why, connection: Connection = NO_CONNECTION) -> int:
    """Delete a recording for ever: its key, then its files."""
    with connection.open() as api:
        api.post(f"{_path(recording)}/deletion", {"reason": reason})
    print(f"{recording} is deleted")
    return CLEAN


def _path(recording: str) -> str:
    return f"/recordings/{quote(recording, safe='')}"


def _kept(one: dict[str, Any]) -> str:
    if one["deleted_at"]:
        return f"deleted {minute(one['deleted_at'])}: {one['why']}"
    if one["held_at"]:
        return f"held: {one['held_why']}"
    return f"until {minute(one['until'])}" if one["ended_at"] else "it goes on"
