"""Membership: at most twenty references a change, all or nothing; removal only with ``/$ref``."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import timedelta
from urllib.parse import urlparse

from holofleet.emulator.call import Call
from holofleet.emulator.collection import Listing
from holofleet.emulator.message import GraphError, Response, bad, missing
from holofleet.emulator.routing import NO_CONTENT, Handler, Route
from holofleet.emulator.services.directory import licensing
from holofleet.emulator.services.directory.areas import GROUPS, MEMBERS
from holofleet.emulator.services.directory.dynamic import is_dynamic
from holofleet.emulator.tenant import Item, Tenant

MAX_BINDS = 20
"""References in one request (vendor documentation)."""
_REFERENCE = re.compile(
    r"/(?:v1\.0|beta)/(?:directoryObjects|users|groups|devices)(?:/|\(')([0-9a-fA-F-]{36})(?:'\))?"
)
_EXISTS = "One or more added object references already exist for the following modified properties: 'members'."


def routes() -> Iterator[Route]:
    """Return the routes of membership."""
    read, write = MEMBERS.read, MEMBERS.write
    for path in ("/groups/{id}/members", "/groups/{id}/transitiveMembers"):
        units = 3 if path.endswith("/members") else 5
        yield Route("GET", path, _list, MEMBERS, read, units=units)
        for cast in ("user", "device", "group"):
            yield Route("GET", f"{path}/microsoft.graph.{cast}", _cast(cast), MEMBERS, read, units=units)
    yield Route("GET", "/groups/{id}/members/$count", _count, MEMBERS, read)
    yield Route("POST", "/groups/{id}/members/$ref", _add, MEMBERS, write)
    yield Route("DELETE", "/groups/{id}/members/{member}/$ref", _remove, MEMBERS, write)
    yield Route("DELETE", "/groups/{id}/members/{member}", _delete_object, GROUPS, GROUPS.write)


def join(tenant: Tenant, group: Item, member: str, *, delay: timedelta = timedelta(0)) -> None:
    """Make an object a member; reads show it after a delay."""
    group.links.setdefault("members", {})[member] = tenant.now() + delay
    tenant.groups_of.setdefault(member, set()).add(group.id)
    tenant.touch("groups", group, cascade=True)
    _moved(tenant, member)


def leave(tenant: Tenant, group: Item, member: str) -> None:
    """End a membership."""
    group.links.get("members", {}).pop(member, None)
    tenant.groups_of.get(member, set()).discard(group.id)
    tenant.touch("groups", group, cascade=True)
    _moved(tenant, member)


def leave_all(tenant: Tenant, member: str) -> None:
    """End all memberships of an object that goes away."""
    for identity in list(tenant.groups_of.get(member, ())):
        group = tenant.collection("groups").get(identity)
        if group is not None:
            leave(tenant, group, member)
    tenant.groups_of.pop(member, None)


def _moved(tenant: Tenant, member: str) -> None:
    from holofleet.emulator.services.intune.profile_delivery import device_moved

    licensing.user_changed(tenant, member)
    device_moved(tenant, member)


def referenced(tenant: Tenant, addresses: Sequence[str], origin: str) -> list[str]:
    """Return the ids that references name.

    Raises:
        GraphError: 400 for an address of another form or place, 404 for an object that is not there (yet).
    """
    found = []
    for address in addresses:
        parts = urlparse(address)
        home = f"{parts.scheme}://{parts.netloc}"
        match = _REFERENCE.fullmatch(parts.path)
        if home not in ("https://graph.microsoft.com", origin) or match is None:
            raise bad(f"Invalid URL format specified in 'odata.bind' for members: '{address}'.")
        known = tenant.object(match[1])
        if known is None or not known[1].visible(tenant.now()):
            raise missing(match[1])
        found.append(match[1])
    return found


_ALSO = {
    "devices": ("Device.ReadWrite.All", "Directory.ReadWrite.All"),
}


def require_kinds(call: Call, members: Sequence[str]) -> None:
    """Refuse members of kinds that ask for a permission of their own (vendor documentation: users do not).

    Raises:
        GraphError: 403.
    """
    for member in members:
        found = call.tenant.object(member)
        needed = _ALSO.get(found[0], ()) if found is not None else ()
        if call.roles is not None and needed and not call.roles & set(needed):
            raise GraphError(403, "Insufficient privileges to complete the operation.")


def add_all(tenant: Tenant, group: Item, members: Sequence[str]) -> None:
    """Add members, all or none.

    Raises:
        GraphError: 400.
    """
    if is_dynamic(group):
        raise bad("Insufficient privileges to complete the operation: the group has dynamic membership.")
    if len(members) > MAX_BINDS:
        raise bad(f"The number of members to be added exceeds {MAX_BINDS}.")
    held = group.links.get("members", {})
    if len(set(members)) != len(members) or any(member in held for member in members):
        raise bad(_EXISTS)
    if group.id in members:
        raise bad("A group cannot be a member of itself.")
    for member in members:
        join(tenant, group, member, delay=tenant.settings.delays.members)


def _list(call: Call) -> Response:
    return _page(call, "directoryObject", None)


def _cast(kind: str) -> Handler:
    def answer(call: Call) -> Response:
        return _page(call, kind, f"{kind}s")

    return answer


def _page(call: Call, declared: str, only: str | None) -> Response:
    tenant = call.tenant
    group = tenant.find("groups", call.id())
    found = [tenant.object(member) for member in group.linked("members", call.now)]
    items = [known[1] for known in found if known is not None and (only is None or known[0] == only)]
    if declared == "directoryObject" and call.query.select:
        # Members are of several types: a property counts when one of them has it.
        names = {name for name in call.query.select if not _known_somewhere(call, name)}
        if names:
            raise bad(
                f"Could not find a property named '{names.pop()}' on type 'microsoft.graph.directoryObject'."
            )
        listing: Listing = _MIXED
    else:
        listing = Listing("members", declared, consistency=True, polymorph=only is None)
    return listing.many(call, items, context="directoryObjects" if only is None else only)


class _Mixed(Listing):
    """Members as they are, each with those selected properties that its type has."""

    def require_known(self, call: Call) -> None:
        """Have the caller look: a property counts when one of the types has it."""

    def render(self, call: Call, item: Item) -> dict[str, object]:
        shown = item.shown(call.now)
        value: dict[str, object] = {"@odata.type": f"#microsoft.graph.{item.type}"}
        known = call.tenant.schema.properties(item.type, call.version)
        for name in call.query.select:
            if name == "id":
                value["id"] = item.id
            elif name in known:
                value[name] = shown.get(name)
        return value


_MIXED = _Mixed("members", "directoryObject", consistency=True, polymorph=True)


def _known_somewhere(call: Call, name: str) -> bool:
    return any(name in call.tenant.schema.properties(kind, call.version) for kind in ("user", "group", "device"))


def _count(call: Call) -> Response:
    if call.headers.get("consistencylevel", "").casefold() != "eventual":
        raise bad("$count is not currently supported. It requires the header 'ConsistencyLevel: eventual'.")
    group = call.tenant.find("groups", call.id())
    return Response(200, str(len(group.linked("members", call.now))).encode(), {"Content-Type": "text/plain"})


def _add(call: Call) -> Response:
    given = call.given
    if not isinstance(given, dict) or set(given) != {"@odata.id"} or not isinstance(given["@odata.id"], str):
        raise bad("The body of a reference is an object with '@odata.id'.")
    group = call.tenant.find("groups", call.id())
    members = referenced(call.tenant, [given["@odata.id"]], call.origin)
    require_kinds(call, members)
    add_all(call.tenant, group, members)
    return NO_CONTENT


def _remove(call: Call) -> Response:
    group = call.tenant.find("groups", call.id())
    member = call.id("member")
    if is_dynamic(group):
        raise bad("Insufficient privileges to complete the operation: the group has dynamic membership.")
    if member not in group.linked("members", call.now):
        raise missing(member)
    leave(call.tenant, group, member)
    return NO_CONTENT


def _delete_object(call: Call) -> Response:
    """Without ``/$ref`` the address means the member itself: the service deletes it, and so does this."""
    from holofleet.emulator.services.directory.users import delete_user

    tenant = call.tenant
    group = tenant.find("groups", call.id())
    member = call.id("member")
    found = tenant.object(member)
    if found is None or member not in group.linked("members", call.now):
        raise missing(member)
    collection, item = found
    tenant.deletions_without_ref.append(member)
    if collection == "users":
        delete_user(tenant, item)
    else:
        leave_all(tenant, member)
        tenant.delete(collection, item)
    return NO_CONTENT
