"""``holofleet licenses``: seats, who has what and why, and what a fleet file would come to."""

from __future__ import annotations

from typing import Annotated, Any

from cyclopts import App, Parameter

from holofleet.cli.connection import Connection
from holofleet.cli.fleet_file import FleetPath
from holofleet.cli.output import CLEAN, FOUND, TextOrJson, print_json, table
from holofleet.cli.plan import NO_CONNECTION
from holofleet.errors import InputError

app = App(name="licenses", help="Seats, who has which, what is lacking, and what a fleet file would come to.")

_SHOWN = 20
_BEFORE_THE_FILE = 1 << 60
"""What was assigned on the server was there before the file that is being looked at."""
_Sku = Annotated[str, Parameter(help="SKU part number of the product, as AAD_PREMIUM.")]
_User = Annotated[str, Parameter(help="UPN of a person or of a headset's account.")]
_Group = Annotated[str, Parameter(help="Name of a group.")]


@app.command(name="list")
def list_(*, connection: Connection = NO_CONNECTION, format: TextOrJson = "text") -> int:
    """List seats, and what is short, wasted, expiring or lacking: exit status 1 when somebody lacks something."""
    with connection.open() as api:
        found = api.get("/licenses", limit=500)
    return _show(found, format)


@app.command
def forecast(
    fleet: FleetPath,
    /,
    *,
    connection: Connection = NO_CONNECTION,
    format: TextOrJson = "text",
) -> int:
    """Say what licenses a fleet file would come to, before it is applied; works without a server.

    With --server or --data, what was assigned there beside the file counts too.
    """
    from holofleet.cli.fleet_file import compiled
    from holofleet.clock import SystemClock
    from holofleet.server.licenses import Demand, forecast, rules_of_the_catalog
    from holofleet.web.api.licenses import report_of

    more: list[Demand] = []
    if connection != NO_CONNECTION:
        with connection.open() as api:
            more = list(_assigned_there(api))
    _, state = compiled(fleet, target="server")
    found = forecast(state, rules=rules_of_the_catalog(), today=SystemClock().now().date(), more=more)
    return _show(report_of(found, limit=500), format)


@app.command
def assign(
    sku: _Sku,
    /,
    *,
    user: _User = "",
    group: _Group = "",
    without: Annotated[str, Parameter(help="Service plans that stay off, with commas.")] = "",
    connection: Connection = NO_CONNECTION,
) -> int:
    """Assign a product to a user, if a seat is left, or to a group, whose members wait where none is."""
    plans = [plan.strip() for plan in without.split(",") if plan.strip()]
    with connection.open() as api:
        api.post("/licenses/assignments", {"sku": sku, "user": user, "group": group, "disabled_plans": plans})
    print(f"{user or group}: {sku} is assigned.")
    return CLEAN


@app.command
def take(
    sku: _Sku,
    /,
    *,
    user: _User = "",
    group: _Group = "",
    allow_removal: Annotated[
        int | None, Parameter(help="How many people may lose it; needed for more than two.")
    ] = None,
    connection: Connection = NO_CONNECTION,
) -> int:
    """Take back what was assigned here; what the fleet file gives is taken there."""
    with connection.open() as api:
        lost = api.post("/licenses/removals", {"sku": sku, "user": user, "group": group, "allow": allow_removal})[
            "people"
        ]
    print(f"{user or group}: {sku} is taken back; {lost} have it no longer.")
    return CLEAN


@app.command
def why(
    upn: Annotated[str, Parameter(help="UPN or id.")],
    /,
    *,
    connection: Connection = NO_CONNECTION,
    format: TextOrJson = "text",
) -> int:
    """Say which licenses somebody has and from where, what did not arrive and why, and what they lack."""
    with connection.open() as api:
        found = api.get(f"/licenses/people/{upn}")
    if format == "json":
        print_json(found)
        return CLEAN
    rows = [
        (one["sku"], f"group {one['group']}" if one["group"] else "direct", one["error"] or "active")
        for one in found["licenses"]
    ]
    print(table(("product", "from", "state"), rows), end="")
    print(f"Service plans: {', '.join(found['plans']) or 'none'}.")
    for one in found["lacking"]:
        need = "Lacks" if one["required"] else "Could use"
        print(f"{need} {one['plan']} as {one['role']}: {one['why']}.")
    for one in found["wasted"]:
        print(f"Wasted: {one['sku']}: {one['why']}.")
    return CLEAN


def _assigned_there(api: Any) -> Any:
    from holofleet.server.licenses import Demand

    pages = api.pages("/licenses/assignments", source="console", limit=500)
    for one in (one for page in pages for one in page["assignments"]):
        upns = [one["person"]] if one["person"] else _members(api, one["group"])
        for upn in upns:
            off = frozenset(one["disabled_plans"])
            yield Demand(upn, one["sku"], one["group"], off, order=one["number"] - _BEFORE_THE_FILE)


def _members(api: Any, group: str) -> list[str]:
    groups = {one["name"]: one["members"] for one in api.get("/groups")["groups"]}
    if group not in groups:
        raise InputError(f"the server has no group {group} any more", mend="Ask again.")
    names = {one["id"]: one["upn"] for page in api.pages("/people", limit=500) for one in page["people"]}
    return [names[member] for member in groups[group] if member in names]


def _show(found: dict[str, Any], format: str) -> int:
    if format == "json":
        print_json(found)
    else:
        _say(found)
    return CLEAN if found["clean"] else FOUND


def _say(found: dict[str, Any]) -> None:
    rows = [
        (
            pool["sku"],
            str(pool["seats"]),
            str(pool["used"]),
            str(pool["seats"] - pool["used"]),
            str(pool["short"] or ""),
            _until(pool),
        )
        for pool in found["pools"]
    ]
    if rows:
        print(table(("product", "seats", "used", "free", "short", "remark"), rows), end="")
    _listed("Did not arrive", found, "problems", lambda o: f"{o['upn']}: {o['sku']}: {o['error']}{_by(o)}")
    _listed("Lacking", found, "lacking", lambda o: f"{o['upn']}: {o['plan']} as {o['role']}: {o['why']}{_not(o)}")
    _listed("Wasted", found, "wasted", lambda o: f"{o['upn']}: {o['sku']}: {o['why']}")
    if found["clean"]:
        print("Everybody has what they need.")


def _listed(title: str, found: dict[str, Any], key: str, line: Any) -> None:
    from holofleet.diagnostics.render import visible

    total = found["counts"][key]
    if not total:
        return
    print(f"{title}: {total}")
    for one in found[key][:_SHOWN]:
        print(f"  {visible(line(one))}")
    if total > _SHOWN:
        print(f"  and {total - _SHOWN} more (--format json)")


def _until(pool: dict[str, Any]) -> str:
    said = [] if pool["known"] else ["not in the catalog"]
    days = pool["ends_in_days"]
    if days is not None:
        said.append(f"trial ended {-days} days ago" if days < 0 else f"trial ends in {days} days")
    return ", ".join(said)


def _by(problem: dict[str, Any]) -> str:
    return f" (group {problem['group']})" if problem["group"] else ""


def _not(lack: dict[str, Any]) -> str:
    return "" if lack["required"] else " (not required)"
