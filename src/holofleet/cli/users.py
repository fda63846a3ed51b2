"""``holofleet users``: who is in the directory, what they may do, and letting them leave."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

from cyclopts import App, Parameter

from holofleet.cli.connection import Connection
from holofleet.cli.output import CLEAN, TextOrJson, Yes, confirm, note, print_json, table
from holofleet.cli.plan import NO_CONNECTION
from holofleet.errors import ConflictError, InputError

app = App(name="users", help="People and accounts: list, add, roles, leaving.")

_MAX_CSV_BYTES = 8 << 20
_COLUMNS = ("upn", "display_name", "client", "site", "email", "call_roles")
_Key = Annotated[str, Parameter(help="UPN or id.")]


@app.command(name="list")
def list_(
    *,
    text: Annotated[str, Parameter(help="Beginning of a name or UPN.")] = "",
    client: Annotated[str, Parameter(help="People of this client only.")] = "",
    role: Annotated[str, Parameter(help="Who has this console role or call role.")] = "",
    left: Annotated[bool, Parameter(help="Those who left instead.", negative="")] = False,
    connection: Connection = NO_CONNECTION,
    format: TextOrJson = "text",
) -> int:
    """List people and accounts."""
    here = "false" if left else "true"
    with connection.open() as api:
        pages = api.pages("/people", text=text, client=client, role=role, here=here, limit=500)
        found: list[dict[str, Any]] = [one for page in pages for one in page["people"]]
    if format == "json":
        print_json({"people": found})
    else:
        rows = [
            (
                one["upn"],
                one["display_name"],
                one["client"],
                ", ".join([*one["roles"], *one["call_roles"]]),
                one["source"],
            )
            for one in found
        ]
        print(table(("upn", "name", "client", "roles", "source"), rows), end="")
    return CLEAN


@app.command
def show(key: _Key, /, *, connection: Connection = NO_CONNECTION) -> int:
    """Show one of them, as JSON."""
    with connection.open() as api:
        print_json(api.get(f"/people/{key}"))
    return CLEAN


@app.command
def add(
    upn: Annotated[str, Parameter(help="Name to sign in with: name@domain.")],
    /,
    *,
    name: Annotated[str, Parameter(help="Name as others see it.")] = "",
    client: Annotated[str, Parameter(help="Whose person it is.")] = "own",
    site: Annotated[str, Parameter(help="Where they work.")] = "",
    connection: Connection = NO_CONNECTION,
) -> int:
    """Add somebody, without any right."""
    with connection.open() as api:
        print_json(api.post("/people", {"upn": upn, "display_name": name, "client": client, "site": site}))
    return CLEAN


@app.command
def change(
    key: _Key,
    /,
    *,
    name: Annotated[str | None, Parameter(help="Name as others see it.")] = None,
    site: Annotated[str | None, Parameter(help="Where they work.")] = None,
    email: Annotated[str | None, Parameter(help="Their mail address.")] = None,
    calls: Annotated[
        str | None, Parameter(help="What they do in calls: expert, wearer, both with a comma, or none.")
    ] = None,
    connection: Connection = NO_CONNECTION,
) -> int:
    """Change what is known of somebody; what is not named stays."""
    wish: dict[str, Any] = {"display_name": name, "site": site, "email": email}
    wish = {field: value for field, value in wish.items() if value is not None}
    if calls is not None:
        wish["call_roles"] = [] if calls == "none" else [role.strip() for role in calls.split(",")]
    if not wish:
        raise InputError("nothing to change", mend="Say --name, --site, --email or --calls.")
    with connection.open() as api:
        print_json(api.patch(f"/people/{key}", wish))
    return CLEAN


@app.command
def sessions(*, connection: Connection = NO_CONNECTION, format: TextOrJson = "text") -> int:
    """List who is signed in to the console, newest first."""
    with connection.open() as api:
        found = api.get("/sessions")["sessions"]
    if format == "json":
        print_json({"sessions": found})
    else:
        columns = ("id", "name", "opened_at", "used_at", "browser")
        print(table(columns, [tuple(one[column] for column in columns) for one in found]), end="")
    return CLEAN


@app.command(name="end-session")
def end_session(
    session: Annotated[str, Parameter(help="Id of the session, from `users sessions`.")],
    /,
    *,
    connection: Connection = NO_CONNECTION,
) -> int:
    """End a session: whoever it is has to sign in again."""
    with connection.open() as api:
        api.delete(f"/sessions/{session}")
    print(f"Session {session} has ended.")
    return CLEAN


@app.command
def role(
    key: _Key,
    role: Annotated[str, Parameter(help="viewer, helpdesk, deployer, auditor or administrator.")],
    /,
    *,
    take: Annotated[bool, Parameter(help="Take it away instead.", negative="")] = False,
    connection: Connection = NO_CONNECTION,
) -> int:
    """Give somebody a console role, or take it; it counts from their next request on."""
    with connection.open() as api:
        if take:
            api.delete(f"/people/{key}/roles/{role}")
        else:
            api.post(f"/people/{key}/roles", {"role": role})
    print(f"{key} is {'no longer' if take else 'now'} {role}.")
    return CLEAN


@app.command
def scope(
    key: _Key,
    /,
    *,
    client: Annotated[
        list[str] | None,
        Parameter(negative="", help="Only this client's things; own is the organization; repeatable."),
    ] = None,
    site: Annotated[
        list[str] | None, Parameter(negative="", help="Only headsets and people at this site; repeatable.")
    ] = None,
    deployment: Annotated[
        list[str] | None, Parameter(negative="", help="Only headsets of this deployment; repeatable.")
    ] = None,
    connection: Connection = NO_CONNECTION,
) -> int:
    """Say what somebody's roles hold for; what is not named is not limited. It counts at once."""
    with connection.open() as api:
        wish = {"clients": client, "sites": site, "deployments": deployment}
        print_json(api.put(f"/people/{key}/scope", wish))
    return CLEAN


@app.command
def groups(*, connection: Connection = NO_CONNECTION, format: TextOrJson = "text") -> int:
    """List groups of people: who says who is in them, and how many are."""
    with connection.open() as api:
        found = api.get("/groups")["groups"]
    if format == "json":
        print_json({"groups": found})
    else:
        rows = [
            (one["name"], one["client"], one["source"], one["rule"], str(len(one["members"]))) for one in found
        ]
        print(table(("name", "client", "source", "rule", "members"), rows), end="")
    return CLEAN


@app.command(name="add-group")
def add_group(
    name: Annotated[str, Parameter(help="Its name: lower-case letters, digits, dots, hyphens.")],
    /,
    *,
    display_name: Annotated[str, Parameter(help="Its name for people.")] = "",
    client: Annotated[str, Parameter(help="Whose people are in it.")] = "own",
    connection: Connection = NO_CONNECTION,
) -> int:
    """Make a group whose members are set here."""
    with connection.open() as api:
        print_json(api.post("/groups", {"name": name, "display_name": display_name, "client": client}))
    return CLEAN


@app.command
def members(
    group: Annotated[str, Parameter(help="Name or id of the group.")],
    /,
    *,
    add: Annotated[tuple[str, ...], Parameter(negative="", help="UPN of somebody to put in; repeatable.")] = (),
    remove: Annotated[
        tuple[str, ...], Parameter(negative="", help="UPN of somebody to take out; repeatable.")
    ] = (),
    connection: Connection = NO_CONNECTION,
) -> int:
    """Put people into a group and take people out; the fleet file and rules decide on their own groups."""
    if not add and not remove:
        raise InputError("nothing to change", mend="Name people with --add or --remove.")
    with connection.open() as api:
        ids = {upn: api.get(f"/people/{upn}")["id"] for upn in (*add, *remove)}
        wish = {"add": [ids[upn] for upn in add], "remove": [ids[upn] for upn in remove]}
        print_json(api.patch(f"/groups/{group}/members", wish))
    return CLEAN


@app.command(name="remove-group")
def remove_group(
    group: Annotated[str, Parameter(help="Name or id of the group.")],
    /,
    *,
    connection: Connection = NO_CONNECTION,
    yes: Yes = False,
) -> int:
    """Remove a group; its members stay, licenses that come from it end."""
    confirm(f"Remove the group {group}?", yes=yes)
    with connection.open() as api:
        api.delete(f"/groups/{group}")
    print(f"The group {group} is gone.")
    return CLEAN


@app.command
def invite(key: _Key, /, *, connection: Connection = NO_CONNECTION) -> int:
    """Print the link with which somebody gets a way to sign in: for them only, once, within 24 hours."""
    with connection.open() as api:
        made = api.post(f"/people/{key}/invitation", {})
    print(f"{connection.server.rstrip('/')}{made['path']}" if connection.server else made["path"])
    if connection.server is None:
        note("Write the console's address before it.")
    return CLEAN


@app.command
def leave(
    key: _Key,
    /,
    *,
    reason: Annotated[str, Parameter(help="For the record.")] = "",
    yes: Annotated[bool, Parameter(help="Do it; else only what would end is listed.", negative="")] = False,
    connection: Connection = NO_CONNECTION,
) -> int:
    """Let somebody leave: their sessions, tokens, custody, licenses, roles and memberships end."""
    with connection.open() as api:
        if yes:
            ended = api.post(f"/people/{key}/leave", {"reason": reason})["ended"]
        else:
            ended = api.get(f"/people/{key}/endings")["endings"]
    listed = ", ".join(f"{one['what']} ({one['count']})" for one in ended) or "nothing"
    print(f"{key} has left. Ended: {listed}." if yes else f"Would end: {listed}. Say --yes to do it.")
    return CLEAN


@app.command(name="import")
def import_(
    path: Annotated[Path, Parameter(help=f"CSV with a head line; columns: {', '.join(_COLUMNS)}.")],
    /,
    *,
    connection: Connection = NO_CONNECTION,
) -> int:
    """Add people from a CSV file. All rows are read before the first is sent; whoever is there already is left."""
    wishes = list(_read(path))
    added, there = 0, 0
    with connection.open() as api:
        for wish in wishes:
            try:
                api.post("/people", wish)
                added += 1
            except ConflictError:
                there += 1
    print(f"{added} added, {there} were there already.")
    return CLEAN


def _read(path: Path) -> list[dict[str, Any]]:
    from holofleet.cli.disk import read_file
    from holofleet.server.directory.sheet import read_sheet

    content = read_file(path, _MAX_CSV_BYTES)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: not UTF-8", mend="Save it as CSV UTF-8.") from error
    people = read_sheet(text, str(path))
    if not people:
        sys.stderr.write(f"note: {path} has no rows\n")
    return [
        {
            "upn": person.upn,
            "display_name": person.display_name,
            "client": person.client,
            "site": person.site,
            "email": person.email,
            "call_roles": sorted(person.call_roles),
            "csv": True,
        }
        for person in people
    ]
