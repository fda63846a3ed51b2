"""Reading many objects at once, and reading only what changed."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

from holofleet.emulator.call import Call
from holofleet.emulator.collection import Listing
from holofleet.emulator.message import Family, GraphError, Response, bad
from holofleet.emulator.routing import Area, Quota, Route, ok
from holofleet.emulator.services.directory.areas import DEVICES, GROUPS, USERS
from holofleet.emulator.services.directory.devices import LISTING as DEVICE_LISTING
from holofleet.emulator.services.directory.groups import LISTING as GROUP_LISTING
from holofleet.emulator.services.directory.users import LISTING as USER_LISTING

MAX_IDS = 1000
"""Ids of one getByIds (vendor documentation)."""
_PAGE = 200
_BY_IDS = Area(Quota.IDENTITY, Family.DIRECTORY, (*GROUPS.read, *USERS.read), ())
_LISTINGS = {"users": USER_LISTING, "groups": GROUP_LISTING, "devices": DEVICE_LISTING}


def routes() -> Iterator[Route]:
    """Return the routes of reading by ids and of changes."""
    yield Route("POST", "/directoryObjects/getByIds", _by_ids, _BY_IDS, _BY_IDS.read, units=3)
    for area, name in ((USERS, "users"), (GROUPS, "groups"), (DEVICES, "devices")):
        yield Route("GET", f"/{name}/delta", _delta, area, area.read)


def _by_ids(call: Call) -> Response:
    given = call.parameters("ids", "types")
    ids = given["ids"]
    if not isinstance(ids, list) or not all(isinstance(identity, str) for identity in ids):
        raise bad("'ids' is a list of ids.")
    if not ids or len(ids) > MAX_IDS:
        raise bad(f"'ids' has 1 to {MAX_IDS} entries.")
    values = []
    for identity in ids:
        found = call.tenant.object(identity)
        if found is not None and found[1].visible(call.now):
            name, item = found
            if not given.get("types") or item.type in given["types"]:
                value = _LISTINGS[name].render(call, item)
                values.append({"@odata.type": f"#microsoft.graph.{item.type}", **value})
    return ok({"@odata.context": call.context("directoryObjects"), "value": values})


def _delta(call: Call) -> Response:
    """Answer with what changed since a token: every object at the first time, then only the changed ones."""
    query = call.query
    for option in ("expand", "top", "orderby", "search", "count"):
        if option in query.given:
            raise bad(f"The query option '${option}' is not supported with delta.")
    name = call.match.route.pattern.split("/")[1]
    tenant = call.tenant
    newest = len(tenant.changes)
    if query.deltatoken == "latest":
        return ok({"@odata.deltaLink": _link(call, newest), "value": []})
    since = _since(query.deltatoken, newest) if query.deltatoken else 0
    changed = {c.id: c for c in tenant.changes[since:] if c.collection == name}
    if not query.deltatoken:
        listed = {item.id for item in tenant.seen(name)}
    else:
        listed = {identity for identity in changed if identity in tenant.collection(name)}
        gone = [identity for identity in changed if identity not in tenant.collection(name)]
    values: list[dict[str, Any]] = [_value(call, name, identity) for identity in sorted(listed)]
    if query.deltatoken:
        values += [{"id": identity, "@removed": {"reason": "deleted"}} for identity in gone]
    return ok({"@odata.context": call.context(name), "@odata.deltaLink": _link(call, newest), "value": values})


def _value(call: Call, name: str, identity: str) -> dict[str, Any]:
    item = call.tenant.collection(name)[identity]
    listing: Listing = _LISTINGS[name]
    select = tuple(part for part in call.query.select if part != "members")
    plain = Call(**{**call.__dict__, "query": type(call.query)(call.query.given, select=select)})
    value = {"id": item.id, **listing.render(plain, item)}
    if "members" in call.query.select:
        members = [call.tenant.object(member) for member in item.linked("members", call.now)]
        value["members@delta"] = [
            {"@odata.type": f"#microsoft.graph.{m[1].type}", "id": m[1].id} for m in members if m is not None
        ]
    return value


def _since(token: str, newest: int) -> int:
    try:
        since = int(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
    except ValueError as error:
        raise bad("The delta token is not valid.") from error
    if not 0 <= since <= newest:
        raise GraphError(
            410, "The sync state is not known any more: read everything again.", code="syncStateNotFound"
        )
    return since


def _link(call: Call, newest: int) -> str:
    token = base64.urlsafe_b64encode(str(newest).encode()).decode().rstrip("=")
    options = [f"$deltatoken={token}"]
    if call.query.select:
        options.insert(0, "$select=" + ",".join(call.query.select))
    return f"{call.origin}{call.address}?{'&'.join(options)}"
