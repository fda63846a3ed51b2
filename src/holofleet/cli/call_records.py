"""``holofleet calls``: calls between headsets and experts, from the records."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from urllib.parse import quote

from cyclopts import App, Parameter

from holofleet.cli import call_recordings, guest_links
from holofleet.cli.connection import Connection
from holofleet.cli.moments import minute, moment
from holofleet.cli.output import CLEAN, TextOrJson, print_json, table
from holofleet.cli.plan import NO_CONNECTION

app = App(name="calls", help="Calls between headsets and experts: list, show, left; links of guests; recordings.")
app.command(guest_links.app)
app.command(call_recordings.app)


@app.command(name="list")
def list_(
    *,
    headset: Annotated[str, Parameter(help="Only calls of this headset, by serial.")] = "",
    person: Annotated[str, Parameter(help="Only calls with this expert, by sign-in name.")] = "",
    came: Annotated[
        Literal["connected", "unanswered", "running"] | None, Parameter(help="Only calls of which this came.")
    ] = None,
    since: Annotated[
        str, Parameter(help="Only from then on: 2026-11-24T10:00 (UTC), or 2d for two days ago.")
    ] = "",
    until: Annotated[str, Parameter(help="Only before then.")] = "",
    limit: Annotated[int, Parameter(help="At most so many, newest first.")] = 50,
    connection: Connection = NO_CONNECTION,
    format: TextOrJson = "text",
) -> int:
    """List calls, newest first: headset, wearer, experts, what came of them and how long they lasted."""
    with connection.open() as api:
        found = api.get(
            "/calls",
            serial=headset or None,
            person=person or None,
            came=came,
            since=moment(since, past=True) or None,
            until=moment(until, past=True) or None,
            limit=limit,
        )
    if format == "json":
        print_json(found)
        return CLEAN
    head = ("call", "began", "headset", "worn by", "with", "came", "lasted")
    print(table(head, [_row(one) for one in found["calls"]]), end="")
    if found["next"]:
        print("There are older ones; say --until, or a higher --limit.")
    return CLEAN


@app.command
def show(
    call: Annotated[str, Parameter(help="Id of the call.")],
    /,
    *,
    marks: Annotated[
        bool,
        Parameter(
            negative="", help="Also what was drawn in it, step by step; that you read it is in the audit log."
        ),
    ] = False,
    connection: Connection = NO_CONNECTION,
    format: TextOrJson = "text",
) -> int:
    """Show what is kept of a call: parties, how they are known, path and quality of the media, files and marks.

    As JSON the marks stand under "drawn", in the form in which the page of the call saves them, with the steps in
    words.
    """
    address = f"/calls/{quote(call, safe='')}"
    with connection.open() as api:
        found = api.get(address)
        drawn = api.get(f"{address}/marks") if marks and found["replayable"] else None
    if format == "json":
        print_json({**found, "drawn": drawn} if marks else found)
        return CLEAN
    print(f"call {found['id']} of headset {found['serial']}, client {found['client']}")
    print(
        f"began {minute(found['created_at'])}, {_came(found)}, {found['reason'] or 'not ended'}, {_lasted(found)}"
    )
    if found["asset"] or found["work_order"]:
        print(f"about {' '.join(text for text in (found['asset'], found['work_order']) if text)}")
    print(f"{found['marks']} marks, {found['files']} files, {found['messages']} messages kept")
    head = ("party", "name", "account", "worn by", "path", "left", "quality")
    print(table(head, [_party(one) for one in found["parties"]]), end="")
    if marks:
        print(_steps(drawn))
    return CLEAN


def _steps(drawn: dict[str, Any] | None) -> str:
    """Write what was drawn as a sheet of steps."""
    if drawn is None:
        return "no marks are kept of this call, or it goes on"
    lines = (f"{one['at'][11:19]}  {one['who']} {one['words']}" for one in drawn["steps"])
    return "\n".join(f"{number:>3}. {line}" for number, line in enumerate(lines, start=1))


@app.command
def left(
    *,
    limit: Annotated[int, Parameter(help="At most so many, newest first.")] = 50,
    connection: Connection = NO_CONNECTION,
    format: TextOrJson = "text",
) -> int:
    """List messages that headsets left for experts: when, for whom, who sees to them; never what is in them."""
    with connection.open() as api:
        found = api.get("/calls/left", limit=limit)
    if format == "json":
        print_json(found)
        return CLEAN
    head = ("message", "left", "headset", "worn by", "for", "with", "seen to by", "deleted")
    print(table(head, [_message(one) for one in found["messages"]]), end="")
    if found["next"]:
        print("There are older ones; say a higher --limit.")
    return CLEAN


def _message(one: dict[str, Any]) -> tuple[str, ...]:
    taken = (one["taken_by"] or "somebody") if one["taken_at"] else ""
    parts = ", ".join(one["parts"]) or "words"
    until = minute(one["kept_until"])
    return one["id"], minute(one["left_at"]), one["serial"], one["holder"], one["for"], parts, taken, until


def _row(one: dict[str, Any]) -> tuple[str, ...]:
    worn = next((party["holder"] for party in one["parties"] if party["kind"] == "headset"), "")
    others = ", ".join(party["name"] for party in one["parties"] if party["kind"] != "headset")
    return one["id"], minute(one["created_at"]), one["serial"], worn, others, _came(one), _lasted(one)


def _party(one: dict[str, Any]) -> tuple[str, ...]:
    grades = ", ".join(f"{grade} {round(seconds)} s" for grade, seconds in one["grades"].items())
    worn = f"{one['holder']} ({one['holder_method']}, {one['assurance']} of 3)" if one["holder"] else ""
    return one["kind"], one["name"], one["account"], worn, one["path"], one["why"], grades


def _came(one: dict[str, Any]) -> str:
    if one["state"] != "ended":
        return str(one["state"])
    return "connected" if one["started_at"] else "never connected"


def _lasted(one: dict[str, Any]) -> str:
    return f"{one['seconds'] // 60}:{one['seconds'] % 60:02} min" if one["seconds"] else ""
