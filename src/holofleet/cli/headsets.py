"""``holofleet headsets``: list them, look at one, give orders, decide about an identity in doubt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from cyclopts import App, Parameter

from holofleet.cli.bulk import bulk
from holofleet.cli.connection import Connection
from holofleet.cli.output import CLEAN, TextOrJson, Yes, confirm, note, print_json, table
from holofleet.cli.plan import NO_CONNECTION
from holofleet.diagnostics.render import visible
from holofleet.errors import InputError

app = App(name="headsets", help="List headsets, look at one, give it orders.")
app.command(bulk)

Serial = Annotated[str, Parameter(help="Serial of the headset.")]


@app.command(name="list")
def list_(
    *,
    connection: Connection = NO_CONNECTION,
    compliance: Annotated[str | None, Parameter(help="Only headsets with this word.")] = None,
    deployment: Annotated[str | None, Parameter(help="Only headsets of this deployment.")] = None,
    client: Annotated[str | None, Parameter(help="Only headsets of this client.")] = None,
    search: Annotated[str | None, Parameter(help="Part of a serial or a name.")] = None,
    filter: Annotated[
        str | None, Parameter(help='As in the console, alone: --filter "build:<22621.1244 seen:>30d".')
    ] = None,
    format: TextOrJson = "text",
) -> int:
    """List headsets with their compliance, all pages."""
    found: list[dict[str, Any]] = []
    with connection.open() as api:
        asked = {"compliance": compliance, "deployment": deployment, "client": client, "q": search}
        for page in api.pages("/headsets", **asked, filter=filter, limit=500):
            found.extend(page["headsets"])
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
    print(visible(f"{detail['serial']}  {detail['name']}  {detail['deployment']}  {detail['compliance']}"))
    for reason in detail["reasons"]:
        print(visible(f"    {reason}"))
    for item in detail["undelivered"]:
        print(visible(f"    undelivered: {item['key']}: {item['reason']}"))
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


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class Act:
    """What every act on a headset takes."""

    reason: Annotated[str, Parameter(help="Why; it is kept with the act. Destructive acts need one.")] = ""
    connection: Connection = NO_CONNECTION
    yes: Yes = False
    format: TextOrJson = "text"

    def confirmed(self, question: str) -> None:
        """Ask before an act, unless ``--yes`` was given."""
        confirm(question, yes=self.yes)

    def require_reason(self, what: str) -> None:
        """Refuse a destructive act without a reason.

        Raises:
            InputError: no reason was given.
        """
        if not self.reason.strip():
            raise InputError(f"{what} needs a reason", mend="Say why with --reason TEXT.")

    def post(self, path: str, said: str, **more: str | None) -> int:
        """Tell the server, and print its answer or ``said``."""
        with self.connection.open() as api:
            answer = api.post(path, {"reason": self.reason, **more})
        if self.format == "json":
            print_json(answer)
        else:
            print(said)
        return CLEAN

    def order(self, serial: str, kind: str) -> int:
        """Give an order."""
        said = f"Ordered: {kind} {serial}. It is sent when the headset checks in."
        return self.post(f"/headsets/{serial}/orders", said, kind=kind)


PLAIN_ACT = Act()


@app.command
def sync(serial: Serial, /, *, act: Act = PLAIN_ACT) -> int:
    """Read everything back at the next check-in, and mend what differs."""
    return act.order(serial, "sync")


@app.command
def reboot(serial: Serial, /, *, act: Act = PLAIN_ACT) -> int:
    """Restart a headset."""
    act.confirmed(f"Reboot {serial}: whoever wears it is interrupted.")
    return act.order(serial, "reboot")


@app.command
def wipe(serial: Serial, /, *, act: Act = PLAIN_ACT) -> int:
    """Erase a headset. The tenant lock is released and confirmed before."""
    act.require_reason("a wipe")
    act.confirmed(f"Wipe {serial}: everything on it is lost and cannot be brought back.")
    return act.order(serial, "wipe")


@app.command
def unenroll(serial: Serial, /, *, act: Act = PLAIN_ACT) -> int:
    """Release a headset from management. The tenant lock is released and confirmed before."""
    act.require_reason("an unenrollment")
    act.confirmed(f"Unenroll {serial}: its settings fall back and it is no longer managed.")
    return act.order(serial, "unenroll")


@app.command
def lost(serial: Serial, /, *, act: Act = PLAIN_ACT) -> int:
    """Mark a headset as lost: from now on it gets its wipe and nothing else."""
    act.require_reason("marking a headset as lost")
    act.confirmed(f"Mark {serial} as lost: it gets no settings, secrets or calls any more.")
    return act.post(f"/headsets/{serial}/lost", f"{serial} is marked as lost.")


@app.command
def found(serial: Serial, /, *, act: Act = PLAIN_ACT) -> int:
    """Take back that a headset is lost: it gets its settings again."""
    act.require_reason("taking back a loss")
    act.confirmed(f"Mark {serial} as found: it gets settings and secrets again.")
    status = act.post(f"/headsets/{serial}/found", f"{serial} is marked as found.")
    with act.connection.open() as api:
        waiting = api.get(f"/headsets/{serial}/orders")["orders"]
    for order in waiting:
        if order["kind"] == "wipe" and order["status"] == "queued":
            note(f"Its wipe still goes out at the next check-in, unless: holofleet orders cancel {order['id']}")
    return status


@app.command
def retire(serial: Serial, /, *, act: Act = PLAIN_ACT) -> int:
    """Stop managing a headset that is not coming back; its record is kept. The tenant lock is released before."""
    act.require_reason("a retirement")
    act.confirmed(f"Retire {serial}: it is no longer managed.")
    return act.post(f"/headsets/{serial}/retire", f"{serial} is retired once its tenant lock is released.")


@app.command
def doubtful(*, connection: Connection = NO_CONNECTION, format: TextOrJson = "text") -> int:
    """List enrollments whose identity is in doubt: they get nothing until somebody decides."""
    with connection.open() as api:
        found = api.get("/enrollments")["enrollments"]
    if format == "json":
        print_json({"enrollments": found})
    else:
        rows = [
            (e["id"], e["serial"] or "-", e["device_name"] or "-", e["deployment"], e["enrolled_at"], e["reason"])
            for e in found
        ]
        print(table(("enrollment", "serial", "device_name", "deployment", "enrolled_at", "reason"), rows), end="")
    return CLEAN


@app.command
def decide(
    enrollment: Annotated[str, Parameter(help="Id of the enrollment, from `headsets doubtful`.")],
    decision: Annotated[Literal["adopt", "reject"], Parameter(help="Whether it is a headset of the file.")],
    /,
    *,
    serial: Annotated[str | None, Parameter(help="Adopt it as this headset of the fleet file.")] = None,
    act: Act = PLAIN_ACT,
) -> int:
    """Decide about an enrollment in doubt: adopt it as a headset of the file, or reject it."""
    act.require_reason("a decision")
    act.confirmed(f"{decision.capitalize()} enrollment {enrollment}.")
    said = f"Enrollment {enrollment}: {decision}."
    return act.post(f"/enrollments/{enrollment}/decision", said, decision=decision, serial=serial)
