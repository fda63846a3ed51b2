"""``holofleet audit``: what people and programs did, and the proof that nobody changed it afterwards."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import App, Parameter

from holofleet.cli.connection import Connection
from holofleet.cli.disk import read_file
from holofleet.cli.output import CLEAN, FOUND, TextOrJson, note, print_json, table
from holofleet.cli.plan import NO_CONNECTION
from holofleet.errors import InputError

if TYPE_CHECKING:
    from holofleet.targets.server.client import ApiClient

app = App(name="audit", help="Search, verify and export the audit log; sign how far it reaches.")
_MAX_FILE = 1 << 20


@app.command
def search(
    *,
    actor: Annotated[str, Parameter(help="Who did it: token:ci, person:..., local-admin.")] = "",
    action: Annotated[str, Parameter(help="What was done: order-wipe, publish-state ...")] = "",
    subject: Annotated[str, Parameter(help="What it was done to: headset:003421800101.")] = "",
    client: Annotated[str | None, Parameter(help="Whose thing it was.")] = None,
    since: Annotated[str | None, Parameter(help="From this time on: 2026-11-25T10:00:00Z.")] = None,
    until: Annotated[str | None, Parameter(help="Before this time.")] = None,
    limit: Annotated[int, Parameter(help="At most so many records, newest first.")] = 50,
    connection: Connection = NO_CONNECTION,
    format: TextOrJson = "text",
) -> int:
    """List what was done, newest first."""
    with connection.open() as api:
        found = api.get(
            "/audit",
            actor=actor or None,
            action=action or None,
            subject=subject or None,
            client=client,
            since=since,
            until=until,
            limit=limit,
        )["records"]
    if format == "json":
        print_json({"records": found})
    else:
        rows = [
            (str(r["sequence"]), r["at"], r["actor"], r["action"], r["subject"], _short(r["data"])) for r in found
        ]
        print(table(("record", "at", "actor", "action", "subject", "data"), rows), end="")
    return CLEAN


@app.command
def verify(
    *,
    checkpoints: Annotated[
        Path | None, Parameter(help="File of checkpoint lines that were kept elsewhere.")
    ] = None,
    connection: Connection = NO_CONNECTION,
    format: TextOrJson = "text",
) -> int:
    """Walk the whole log, and say what that proves and what it does not: exit status 1 when it was changed."""
    lines = _lines(checkpoints) if checkpoints is not None else []
    with connection.open() as api:
        proof = api.post("/audit/verification", {"checkpoints": lines})
    clean = proof["intact"] and not proof["foreign"]
    if format == "json":
        print_json(proof)
    else:
        _say(proof)
    return CLEAN if clean else FOUND


@app.command
def checkpoint(*, connection: Connection = NO_CONNECTION, format: TextOrJson = "text") -> int:
    """Print a signed line that says how far the log reaches. Keep it where this server cannot write."""
    with connection.open() as api:
        made = api.post("/audit/checkpoint", {})
    if format == "json":
        print_json(made)
    else:
        print(made["line"])
    return CLEAN


@app.command
def export(
    *,
    out: Annotated[Path, Parameter(help="File to write: one JSON object a line, oldest first.")],
    connection: Connection = NO_CONNECTION,
) -> int:
    """Write the whole log into a file that an auditor can keep and verify with any tool."""
    if out.exists():
        raise InputError(f"{out}: exists already", mend="Name another file, or move this one away.")
    part = out.with_name(out.name + ".part")
    count = 0
    with connection.open() as api:
        try:
            with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                for record in _all(api):
                    file.write(json.dumps(record, ensure_ascii=False, sort_keys=True) + "\n")
                    count += 1
            os.rename(part, out)
        except BaseException:
            part.unlink(missing_ok=True)
            raise
    note(f"{out}: {count} records.")
    return CLEAN


def _all(api: ApiClient) -> Iterator[Any]:
    for page in api.pages("/audit/export", limit=500):
        yield from page["records"]


def _lines(path: Path) -> list[str]:
    try:
        text = read_file(path, _MAX_FILE).decode()
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: this is no text", mend="Checkpoints are lines of text.") from error
    return [line for line in text.splitlines() if line.strip()]


def _say(proof: dict[str, Any]) -> None:
    if proof["intact"]:
        print(f"{proof['records']} records hold together; the newest has the hash {proof['head']}.")
    else:
        print(f"The log was changed: {proof['problem']}.")
        print(f"{proof['records']} records before that hold together.")
    if proof["anchors"]:
        print(f"Checkpoints used: {len(proof['anchors'])}, the newest of record {max(proof['anchors'])}.")
    if proof["foreign"]:
        print(f"{proof['foreign']} checkpoints were signed by a key that this server never had.")
    print(proof["not_excluded"])


def _short(data: dict[str, Any]) -> str:
    text = json.dumps(data, ensure_ascii=False, sort_keys=True)
    return text if len(text) <= 80 else text[:77] + "..."
