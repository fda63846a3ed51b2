"""``holofleet headsets``: list them, look at one, give orders, decide about an identity in doubt."""

from __future__ import annotations

from typing import Annotated, Any

from cyclopts import App, Parameter

from holofleet.cli.connection import Connection
from holofleet.cli.output import CLEAN, TextOrJson, Yes, confirm, print_json, table
from holofleet.cli.plan import NO_CONNECTION

app = App(name="headsets", help="List headsets, look at one, give it orders.")

Serial = Annotated[str, Parameter(help="Serial of the headset.")]
Reason = Annotated[str, Parameter(help="Why; it is kept with the order.")]


@app.command(name="list")
def list_(
    *,
    connection: Connection = NO_CONNECTION,
    compliance: Annotated[str | None, Parameter(help="Only headsets with this word.")] = None,
    deployment: Annotated[str | None, Parameter(help="Only headsets of this deployment.")] = None,
    client: Annotated[str | None, Parameter(help="Only headsets of this client.")] = None,
    search: Annotated[str | None, Parameter(help="Part of a serial or a name.")] = None,
    format: TextOrJson = "text",
) -> int:
    """List headsets with their compliance, all pages."""
    found: list[dict[str, Any]] = []
    with connection.open() as api:
        after: str | None = None
        while True:
            page = api.get(
                "/headsets",
                compliance=compliance,
                deployment=deployment,
                client=client,
                q=search,
                after=after,
                limit=500,
            )
            found.extend(page["headsets"])
            after = page["next"]
            if after is None:
                break
    if format == "json":
        print_json({"headsets": found, "total": len(found)})
        return CLEAN
    rows = [
        (
            h["serial"],
            h.get("name") or "",
            h["deployment"],
            h["compliance"],
            h.get("build") or "-",
            h.get("last_seen_at") or "never",
        )
        for h in found
    ]
    print(table(("serial", "name", "deployment", "compliance", "build", "last_seen_at"), rows), end="")
    return CLEAN


@app.command
def show(serial: Serial, /, *, connection: Connection = NO_CONNECTION, format: TextOrJson = "text") -> int:
    """Show one headset: its compliance and why, and every setting with desired and reported value."""
    with connection.open() as api:
        detail = api.get(f"/headsets/{serial}")
    if format == "json":
        print_json(detail)
        return CLEAN
    print(f"{detail['serial']}  {detail.get('name') or ''}  {detail['deployment']}  {detail['compliance']}")
    for reason in detail.get("reasons", ()):
        print(f"    {reason}")
    rows = [
        (s["status"], s["oma_uri"], _short(s["desired"]), _short(s["reported"]), s.get("reason") or "")
        for s in detail["settings"]
    ]
    print(table(("status", "oma_uri", "desired", "reported", "reason"), rows), end="")
    return CLEAN


def _short(value: str | None) -> str:
    if value is None:
        return "-"
    flat = " ".join(value.split())
    return flat if len(flat) <= 40 else flat[:37] + "..."


def _order(serial: str, kind: str, reason: str, connection: Connection, format: str) -> int:
    with connection.open() as api:
        order = api.post(f"/headsets/{serial}/orders", {"kind": kind, "reason": reason})
    if format == "json":
        print_json(order)
    else:
        print(f"Order {order['id']}: {kind} {serial}. It is sent when the headset checks in.")
    return CLEAN


@app.command
def sync(
    serial: Serial, /, *, reason: Reason = "", connection: Connection = NO_CONNECTION, format: TextOrJson = "text"
) -> int:
    """Read everything back at the next check-in, and mend what differs."""
    return _order(serial, "sync", reason, connection, format)


@app.command
def reboot(
    serial: Serial,
    /,
    *,
    reason: Reason = "",
    connection: Connection = NO_CONNECTION,
    yes: Yes = False,
    format: TextOrJson = "text",
) -> int:
    """Restart a headset."""
    confirm(f"Reboot {serial}: whoever wears it is interrupted.", yes=yes)
    return _order(serial, "reboot", reason, connection, format)


@app.command
def wipe(
    serial: Serial,
    /,
    *,
    reason: Reason,
    connection: Connection = NO_CONNECTION,
    yes: Yes = False,
    format: TextOrJson = "text",
) -> int:
    """Erase a headset. The tenant lock is released and confirmed before."""
    confirm(f"Wipe {serial}: everything on it is lost and cannot be brought back.", yes=yes)
    return _order(serial, "wipe", reason, connection, format)


@app.command
def unenroll(
    serial: Serial,
    /,
    *,
    reason: Reason,
    connection: Connection = NO_CONNECTION,
    yes: Yes = False,
    format: TextOrJson = "text",
) -> int:
    """Release a headset from management. The tenant lock is released and confirmed before."""
    confirm(f"Unenroll {serial}: its settings fall back and it is no longer managed.", yes=yes)
    return _order(serial, "unenroll", reason, connection, format)


@app.command
def lost(
    serial: Serial,
    /,
    *,
    reason: Reason,
    connection: Connection = NO_CONNECTION,
    yes: Yes = False,
    format: TextOrJson = "text",
) -> int:
    """Mark a headset as lost: from now on it gets its wipe and nothing else."""
    confirm(f"Mark {serial} as lost: it gets no settings, secrets or calls any more.", yes=yes)
    with connection.open() as api:
        result = api.post(f"/headsets/{serial}/lost", {"reason": reason})
    print_json(result) if format == "json" else print(f"{serial} is marked as lost.")
    return CLEAN


@app.command
def doubtful(*, connection: Connection = NO_CONNECTION, format: TextOrJson = "text") -> int:
    """List enrollments whose identity is in doubt: they get nothing until somebody decides."""
    with connection.open() as api:
        found = api.get("/enrollments", standing="quarantined")["enrollments"]
    if format == "json":
        print_json({"enrollments": found})
    else:
        rows = [
            (e["id"], e.get("serial") or "-", e["deployment"], e.get("standing_reason") or "", e["enrolled_at"])
            for e in found
        ]
        print(table(("enrollment", "serial", "deployment", "reason", "enrolled_at"), rows), end="")
    return CLEAN


@app.command
def decide(
    enrollment: Annotated[str, Parameter(help="Id of the enrollment, from `headsets doubtful`.")],
    decision: Annotated[str, Parameter(help="adopt or reject.")],
    /,
    *,
    serial: Annotated[str | None, Parameter(help="Adopt it as this headset of the fleet file.")] = None,
    reason: Reason,
    connection: Connection = NO_CONNECTION,
    yes: Yes = False,
    format: TextOrJson = "text",
) -> int:
    """Decide about an enrollment in doubt: adopt it as a headset of the file, or reject it."""
    confirm(f"{decision.capitalize()} enrollment {enrollment}.", yes=yes)
    with connection.open() as api:
        result = api.post(
            f"/enrollments/{enrollment}/decision", {"decision": decision, "serial": serial, "reason": reason}
        )
    print_json(result) if format == "json" else print(f"Enrollment {enrollment}: {decision}.")
    return CLEAN
