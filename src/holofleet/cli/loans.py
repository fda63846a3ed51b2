"""``holofleet loans``: what is at which client, what must be done before it leaves, and what was done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import quote

from cyclopts import App, Parameter

from holofleet.cli.connection import Connection
from holofleet.cli.moments import minute, moment
from holofleet.cli.output import CLEAN, TextOrJson, print_json, table
from holofleet.cli.plan import NO_CONNECTION

AMISS = 1

app = App(
    name="loans", help="Headsets at clients: list, checklist, ship, arrived, returned, reset, wiped, released."
)

_Loan = Annotated[str, Parameter(help="Name of the loan (client and shipping day) or its id.")]


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class Done:
    """What was done to which headsets of the loan, and when."""

    serial: Annotated[list[str] | None, Parameter(help="Only this headset; repeat for more.", negative="")] = None
    at: Annotated[str, Parameter(help="When: 2026-11-24T10:00 (UTC), or 2h ago as 2h; now without.")] = ""
    note: Annotated[str, Parameter(help="Anything worth knowing.")] = ""


ALL_NOW = Done()


@app.command(name="list")
def list_(*, connection: Connection = NO_CONNECTION, format: TextOrJson = "text") -> int:
    """List loans with their stage, what is overdue first. Exit 1: something is overdue."""
    with connection.open() as api:
        found = api.get("/loans")
    if format == "json":
        print_json(found)
    else:
        rows = [
            (
                one["name"],
                one["client"],
                one["stage"] + (" (overdue)" if one["overdue"] else ""),
                str(len(one["serials"])),
                one["ships"],
                one["returns"] or "",
                "" if one["in_file"] else "no longer in the fleet file",
            )
            for one in found["loans"]
        ]
        print(table(("loan", "client", "stage", "headsets", "ships", "returns", ""), rows), end="")
    return AMISS if any(one["overdue"] for one in found["loans"]) else CLEAN


@app.command
def show(loan: _Loan, /, *, connection: Connection = NO_CONNECTION, format: TextOrJson = "text") -> int:
    """Show a loan headset by headset, with the checklist before shipping. Exit 1: something is in the way."""
    with connection.open() as api:
        found = api.get(f"/loans/{quote(loan, safe='')}")
    if format == "json":
        print_json(found)
    else:
        _print(found)
    return AMISS if any(line["stops"] for one in found["headsets"] for line in one["lines"]) else CLEAN


@app.command
def ship(
    loan: _Loan,
    /,
    *,
    done: Done = ALL_NOW,
    connection: Connection = NO_CONNECTION,
) -> int:
    """Record that headsets left. Refused while password, wipe or tenant lock of the client before stands open."""
    return _record(loan, "shipped", done, connection)


@app.command
def arrived(
    loan: _Loan,
    /,
    *,
    done: Done = ALL_NOW,
    connection: Connection = NO_CONNECTION,
) -> int:
    """Record that headsets arrived at the client."""
    return _record(loan, "arrived", done, connection)


@app.command
def returned(
    loan: _Loan,
    /,
    *,
    done: Done = ALL_NOW,
    connection: Connection = NO_CONNECTION,
) -> int:
    """Record that headsets came back."""
    return _record(loan, "returned", done, connection)


@app.command(name="test-call")
def call_tried(
    loan: _Loan,
    /,
    *,
    done: Done = ALL_NOW,
    connection: Connection = NO_CONNECTION,
) -> int:
    """Record that a call to an expert was tried before shipping."""
    return _record(loan, "test-call", done, connection)


@app.command(name="password-reset")
def password_reset(
    loan: _Loan,
    /,
    *,
    done: Done = ALL_NOW,
    connection: Connection = NO_CONNECTION,
) -> int:
    """Attest that the password was reset after the return."""
    return _record(loan, "password-reset", done, connection)


@app.command
def wiped(
    loan: _Loan,
    /,
    *,
    done: Done = ALL_NOW,
    connection: Connection = NO_CONNECTION,
) -> int:
    """Attest that headsets were wiped after the return: you saw their first start."""
    return _record(loan, "wiped", done, connection)


@app.command(name="lock-released")
def lock_released(
    loan: _Loan,
    /,
    *,
    done: Done = ALL_NOW,
    connection: Connection = NO_CONNECTION,
) -> int:
    """Attest that the tenant lock is off, where the headset itself could not confirm it."""
    return _record(loan, "lock-released", done, connection)


@app.command
def released(
    loan: _Loan,
    /,
    *,
    done: Done = ALL_NOW,
    connection: Connection = NO_CONNECTION,
) -> int:
    """Close the loan of headsets: everything is done, they may go on."""
    return _record(loan, "released", done, connection)


@app.command
def mistake(
    loan: _Loan,
    act: Annotated[int, Parameter(help="Number of the act.")],
    /,
    *,
    note: Annotated[str, Parameter(help="Why.")],
    connection: Connection = NO_CONNECTION,
) -> int:
    """Take an act back; it stays in the record, with your name and reason."""
    with connection.open() as api:
        api.post(f"/loans/{quote(loan, safe='')}/acts/{act}/mistake", {"note": note})
    print(f"Act {act} is taken back.")
    return CLEAN


def _record(loan: str, kind: str, done: Done, connection: Connection) -> int:
    wish: dict[str, Any] = {"kind": kind, "serials": done.serial or [], "note": done.note}
    when = moment(done.at, past=True)
    with connection.open() as api:
        found = api.post(f"/loans/{quote(loan, safe='')}/acts", wish | ({"at": when} if when else {}))
    count = len(done.serial or found["serials"])
    print(f"{count} of {len(found['serials'])} headsets of {found['name']}: {kind}. The loan is {found['stage']}.")
    return CLEAN


def _print(found: dict[str, Any]) -> None:
    back = f", expected back {found['returns']}" if found["returns"] else ""
    print(f"{found['name']}: {found['stage']}, to {found['client']}, ships {found['ships']}{back}.")
    for one in found["headsets"]:
        print(f"{one['serial']}: {one['stage']}")
        for line in one["lines"]:
            sign = "blocks" if line["stops"] else line["state"]
            print(f"  {line['what']:<12} {sign:<11} {line['why']}")
        for act in one["acts"]:
            note = f" ({act['note']})" if act["note"] else ""
            print(f"  {act['kind']:<12} {minute(act['at'])} by {act['actor']}, act {act['sequence']}{note}")
