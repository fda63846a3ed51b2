"""``holofleet audit``: what people and programs did, and the proof that nobody changed it afterwards."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import App, Parameter

from holofleet.cli.connection import Connection
from holofleet.cli.disk import read_file
from holofleet.cli.output import CLEAN, FOUND, TextOrJson, Yes, confirm, note, print_json, table
from holofleet.cli.plan import NO_CONNECTION
from holofleet.errors import InputError

if TYPE_CHECKING:
    from holofleet.targets.server.client import ApiClient

app = App(name="audit", help="Search, verify, export and cut the audit log; what is kept about a person.")
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
            (str(r["sequence"]), r["at"], _actor(r), r["action"], r["subject"], _short(r["data"])) for r in found
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


@app.command
def retention(
    *,
    cut_before: Annotated[str, Parameter(help="Delete what is older than this day: 2026-01-31.")] = "",
    checkpoints: Annotated[
        Path | None, Parameter(help="File of checkpoint lines that were kept elsewhere.")
    ] = None,
    reason: Annotated[str, Parameter(help="For the record.")] = "",
    yes: Yes = False,
    connection: Connection = NO_CONNECTION,
    format: TextOrJson = "text",
) -> int:
    """Say how far the log reaches back and what proves it; with --cut-before, delete what is older.

    Deleted is up to the newest checkpoint of before that day that was kept outside; what is left stays provable.
    """
    if cut_before:
        before = _day(cut_before)
        lines = _lines(checkpoints) if checkpoints is not None else []
        confirm(f"Audit records of before {cut_before} are deleted for good.", yes=yes)
        with connection.open() as api:
            done = api.post("/audit/retention", {"before": before, "checkpoints": lines, "reason": reason})
        if format == "json":
            print_json(done)
        else:
            print(f"{done['records']} records are deleted, the last of them number {done['sequence']}.")
        return CLEAN
    with connection.open() as api:
        found = api.get("/audit/retention")
    if format == "json":
        print_json(found)
    else:
        _say_retention(found)
    return CLEAN


@app.command(name="person-export")
def person_export(
    key: Annotated[str, Parameter(help="UPN or id.")],
    /,
    *,
    out: Annotated[Path, Parameter(help="File to write, as JSON.")],
    connection: Connection = NO_CONNECTION,
) -> int:
    """Write everything that is kept about somebody into a file; secrets are left out."""
    if out.exists():
        raise InputError(f"{out}: exists already", mend="Name another file, or move this one away.")
    with connection.open() as api:
        found = api.post(f"/audit/people/{key}/export", {})
    with os.fdopen(os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        json.dump(found, file, indent=2, ensure_ascii=False)
        file.write("\n")
    note(f"{out}: {sum(len(rows) for rows in found['rooms'].values())} rows of {len(found['rooms'])} rooms.")
    return CLEAN


@app.command(name="person-erase")
def person_erase(
    key: Annotated[str, Parameter(help="UPN or id of somebody who left.")],
    /,
    *,
    reason: Annotated[str, Parameter(help="For the record; it must not name them.")] = "",
    yes: Yes = False,
    connection: Connection = NO_CONNECTION,
) -> int:
    """Erase what names somebody who left. What they did stays, under an id that leads to nobody."""
    confirm(f"What names {key} is erased for good.", yes=yes)
    with connection.open() as api:
        done = api.post(f"/audit/people/{key}/erasure", {"reason": reason})
    print(f"Erased: {done['fields']} names in audit records, {done['rows']} other rows.")
    for sentence in done["kept"]:
        print(f"Kept: {sentence}")
    return CLEAN


def _day(text: str) -> str:
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise InputError(f"{text!r} is no day", mend="Write it as 2026-01-31.") from error
    return f"{day.isoformat()}T00:00:00Z"


def _say_retention(found: dict[str, Any]) -> None:
    if not found["first"]:
        print("The log is empty.")
        return
    print(f"Records {found['first']} to {found['last']}, the oldest of {found['first_at']}.")
    for cut in found["cuts"]:
        print(f"Cut up to record {cut['sequence']} on {cut['at']} by {cut['actor']}.")
    sent = next((one for one in found["checkpoints"] if one["sent_at"]), None)
    if found["checkpoints"]:
        newest = found["checkpoints"][0]
        print(f"Newest checkpoint: record {newest['sequence']}, {newest['at']}.")
    if sent is None:
        print("No checkpoint was sent outside by itself: holofleet serve --checkpoints-to.")
    else:
        print(f"Newest checkpoint outside: record {sent['sequence']}; {found['unsent']} wait to be sent.")


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
    if proof["cut"] and proof["intact"]:
        cut = proof["cut"]
        print(
            f"Records up to {cut['sequence']} were cut on {cut['at']} by {cut['actor']}; a checkpoint proves them."
        )
        if not cut["kept_outside"]:
            print("None of the checkpoints that you gave is that of the cut: its key's holder could have made it.")
    if proof["anchors"]:
        print(f"Checkpoints used: {len(proof['anchors'])}, the newest of record {max(proof['anchors'])}.")
    if proof["foreign"]:
        print(f"{proof['foreign']} checkpoints were signed by a key that this server never had.")
    print(proof["not_excluded"])


def _actor(record: dict[str, Any]) -> str:
    """Return who did it by name, as long as the name is not erased."""
    name = record["personal"].get("actor")
    return f"person:{name}" if name else str(record["actor"])


def _short(data: dict[str, Any]) -> str:
    text = json.dumps(data, ensure_ascii=False, sort_keys=True)
    return text if len(text) <= 80 else text[:77] + "..."
