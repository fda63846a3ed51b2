"""``holofleet approvals``: what waits for a second person, deciding about it, and carrying it out."""

from __future__ import annotations

import sys
from typing import Annotated, Any

from cyclopts import App, Parameter

from holofleet.cli.connection import Connection
from holofleet.cli.output import CLEAN, TextOrJson, Yes, confirm, note, print_json, table
from holofleet.cli.plan import NO_CONNECTION
from holofleet.diagnostics.render import visible
from holofleet.errors import ConflictError

app = App(name="approvals", help="What waits for a second person: look, approve, refuse, carry out.")

RequestId = Annotated[str, Parameter(help="Id of the request, from `approvals list`.")]
_SHOWN = 40


@app.command(name="list")
def list_(*, connection: Connection = NO_CONNECTION, format: TextOrJson = "text") -> int:
    """List what waits for a second person, and what became of it, newest first."""
    with connection.open() as api:
        found = api.get("/approvals")["approvals"]
    if format == "json":
        print_json({"approvals": found})
    else:
        rows = [(a["id"], a["subject"], a["status"], a["author"], a["expires_at"], a["reason"]) for a in found]
        print(table(("id", "subject", "status", "author", "expires_at", "reason"), rows), end="")
    return CLEAN


@app.command
def show(request: RequestId, /, *, connection: Connection = NO_CONNECTION, format: TextOrJson = "text") -> int:
    """Show one request: who asks, why, and the exact list or the plan."""
    with connection.open() as api:
        found = api.get(f"/approvals/{request}")
    if format == "json":
        print_json(found)
    else:
        sys.stdout.write(as_text(found))
    return CLEAN


@app.command
def approve(
    request: RequestId,
    /,
    *,
    reason: Annotated[str, Parameter(help="Why; it is kept with the decision.")],
    hash: Annotated[str | None, Parameter(help="Approve only if the request has this hash.")] = None,
    connection: Connection = NO_CONNECTION,
    yes: Yes = False,
    format: TextOrJson = "text",
) -> int:
    """Approve what somebody else asks for. Nobody approves their own, with whatever token."""
    with connection.open() as api:
        found = api.get(f"/approvals/{request}")
        if format == "text":
            sys.stdout.write(as_text(found))
            sys.stdout.flush()
        if hash is not None and hash != found["hash"]:
            raise ConflictError(
                "this is not the request that you mean", detail=f"Its hash is {found['hash']}, not {hash}."
            )
        confirm(f"Approve this {found['subject']}?", yes=yes)
        found = api.post(f"/approvals/{request}/approval", {"hash": found["hash"], "reason": reason})
    if format == "json":
        print_json(found)
    else:
        print(
            f"Approved. It can be carried out from {found['ready_at']} on: holofleet approvals carry-out {request}"
        )
    return CLEAN


@app.command
def refuse(
    request: RequestId,
    /,
    *,
    reason: Annotated[str, Parameter(help="Why; it is kept with the decision.")],
    connection: Connection = NO_CONNECTION,
    format: TextOrJson = "text",
) -> int:
    """Refuse a request, take back one's own, or stop one that was approved and not carried out."""
    with connection.open() as api:
        found = api.post(f"/approvals/{request}/refusal", {"reason": reason})
    if format == "json":
        print_json(found)
    else:
        print(f"Request {request} is refused; nothing of it is done.")
    return CLEAN


@app.command(name="carry-out")
def carry_out(
    request: RequestId,
    /,
    *,
    connection: Connection = NO_CONNECTION,
    yes: Yes = False,
    format: TextOrJson = "text",
) -> int:
    """Do what was approved: give the orders, or publish the plan."""
    with connection.open() as api:
        found = api.get(f"/approvals/{request}")
        confirm(f"Carry out this {found['subject']}: {_extent(found)}?", yes=yes)
        done = api.post(f"/approvals/{request}/execution", {})
    if format == "json":
        print_json(done)
        return CLEAN
    for serial in done["left_out"]:
        note(f"{serial} is left out: it has left, is lost, or enrolled again since.")
    if done["published"]:
        print(f"Published {done['published'][:12]}.")
    else:
        print(f"Ordered: {found['subject']} of {len(done['orders'])} headsets, sent when they check in.")
    return CLEAN


def as_text(found: dict[str, Any]) -> str:
    """Return a request for a person who has to decide."""
    lines = [
        f"{found['subject']}  {found['status']}  until {found['expires_at']}",
        f"    asked by {found['author']} at {found['created_at']}: {found['reason']}",
    ]
    if found["decider"]:
        lines.append(f"    {found['decider']} at {found['decided_at']}: {found['decision_reason']}")
    if found["headsets"]:
        lines.append(f"    {_extent(found)}:")
        lines += [f"      {one['serial']}" for one in found["headsets"][:_SHOWN]]
        more = len(found["headsets"]) - _SHOWN
        lines += [f"      and {more} more; see all with --format json"] if more > 0 else []
    if plan := found["plan"]:
        lines.append(f"    {_extent(found)}:")
        lines += [f"      {change['act']} {change['address']}" for change in plan["changes"][:_SHOWN]]
        more = len(plan["changes"]) - _SHOWN
        lines += [f"      and {more} more; see all with --format json"] if more > 0 else []
        lines += [f"      ! weaker: {text}" for text in plan["weakening"]]
        lines.append(f"    plan hash {found['plan_hash']}")
    lines.append(f"    hash {found['hash']}")
    return "".join(f"{visible(line)}\n" for line in lines)


def _extent(found: dict[str, Any]) -> str:
    if found["subject"] == "publish":
        plan = found["plan"]
        return f"{len(plan['changes'])} changes, {len(plan['settings'])} settings on headsets"
    return f"{len(found['headsets'])} headsets"
