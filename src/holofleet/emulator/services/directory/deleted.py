"""What was deleted in the last thirty days, and its return."""

from __future__ import annotations

from collections.abc import Iterator

from holofleet.emulator.call import Call
from holofleet.emulator.collection import Listing
from holofleet.emulator.message import Response, missing
from holofleet.emulator.routing import NO_CONTENT, Route, ok
from holofleet.emulator.services.directory.areas import USERS
from holofleet.emulator.services.directory.users import FILTERS, restore_user
from holofleet.emulator.tenant import Item

_LISTING = Listing("deletedItems", "user", filters=FILTERS, consistency=True)


def routes() -> Iterator[Route]:
    """Return the routes of deleted objects."""
    write = ("User.DeleteRestore.All", *USERS.write)
    base = "/directory/deletedItems"
    read = (*write, *USERS.read)
    yield Route("GET", f"{base}/microsoft.graph.user", _list, USERS, read)
    yield Route("GET", f"{base}/{{id}}", _get, USERS, read)
    yield Route("POST", f"{base}/{{id}}/restore", _restore, USERS, write)
    yield Route("DELETE", f"{base}/{{id}}", _purge, USERS, write)


def _list(call: Call) -> Response:
    return _LISTING.many(call, call.tenant.seen("deletedUsers"), context="users")


def _get(call: Call) -> Response:
    return _LISTING.one(call, _find(call))


def _find(call: Call) -> Item:
    item = call.tenant.collection("deletedUsers").get(call.id())
    if item is None:
        raise missing(call.id())
    return item


def _restore(call: Call) -> Response:
    call.parameters()
    item = restore_user(call.tenant, _find(call))
    value = _LISTING.render(call, item)
    return ok({"@odata.context": call.context("directoryObjects/$entity"), **value})


def _purge(call: Call) -> Response:
    item = _find(call)
    call.tenant.user_names.pop(str(item.properties["userPrincipalName"]).casefold(), None)
    call.tenant.delete("deletedUsers", item)
    return NO_CONTENT
