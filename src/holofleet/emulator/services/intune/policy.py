"""What policies of Intune share: made, changed, deleted, and assigned as a whole set."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from holofleet.emulator.call import Call
from holofleet.emulator.collection import Listing, part_of
from holofleet.emulator.edm import Body, Mode, Version, checked
from holofleet.emulator.edm.schema import BOTH
from holofleet.emulator.message import Response, bad
from holofleet.emulator.routing import NO_CONTENT, Area, Handler, Route, ok
from holofleet.emulator.tenant import Item, Tenant

ALL_DEVICES = "adadadad-808e-44e2-905a-0b7873a8a531"
ALL_USERS = "acacacac-9df4-4c7d-9d50-4ef0226f57a9"
"""How assignments to everything are named, as seen in other implementations."""

Hook = Callable[[Call, Body, Item | None], None]


def _nothing(call: Call, body: Body, item: Item | None) -> None:
    """Have no opinion."""


@dataclass(frozen=True)
class Policies:
    """One collection of policies.

    Args:
        path: Where it is.
        listing: How it is read.
        area: Service and permissions.
        versions: Roots that have it.
        tagged: Whether bodies must name their type.
        assignment: Type of its assignments; empty when it has none of this form.
        assign_key: Key of the body of ``assign``.
        check: Called with a body that fits, before it is stored; with the object when it changes.
        before_delete: May refuse a deletion.
        before_assign: May refuse an assignment.
        after: Called when it was made, changed or assigned.
        new_id: Makes the id of a new one.
        update_status: What a change answers.
    """

    path: str
    listing: Listing
    area: Area
    versions: frozenset[Version] = BOTH
    tagged: bool = True
    assignment: str = ""
    assign_key: str = "assignments"
    check: Hook = _nothing
    before_delete: Callable[[Call, Item], None] = lambda call, item: None
    before_assign: Callable[[Call, Item], None] = lambda call, item: None
    after: Callable[[Tenant, Item], None] = lambda tenant, item: None
    new_id: Callable[[Tenant, str], str] = lambda tenant, type_: tenant.new_id()
    defaults: dict[str, Any] = field(default_factory=dict)
    update_status: int = 200

    def routes(self) -> Iterator[Route]:
        """Return the routes that every such collection has."""
        area, versions = self.area, self.versions
        one = f"{self.path}/{{id}}"

        def route(method: str, path: str, handler: Handler) -> Route:
            permissions = area.read if method == "GET" else area.write
            return Route(method, path, handler, area, permissions, versions)

        yield route("GET", self.path, self._list)
        yield route("POST", self.path, self._create)
        yield route("GET", one, self._get)
        yield route("PATCH", one, self._update)
        yield route("DELETE", one, self._delete)
        if self.assignment:
            yield route("GET", f"{one}/assignments", self._assignments)
            yield route("POST", f"{one}/assign", self._assign)

    @property
    def _name(self) -> str:
        return self.listing.name

    def find(self, call: Call) -> Item:
        """Return the policy that the path names."""
        return call.tenant.find(self._name, call.id())

    def _list(self, call: Call) -> Response:
        items = [
            item
            for item in call.tenant.seen(self._name)
            if call.version in call.tenant.schema.types[item.type].versions
        ]
        return self.listing.many(call, items)

    def _get(self, call: Call) -> Response:
        return self.listing.one(call, self.find(call))

    def _create(self, call: Call) -> Response:
        tenant = call.tenant
        body = call.body(self.listing.type, Mode.CREATE, tagged=self.tagged)
        self.check(call, body, None)
        stamp = tenant.stamp()
        known = tenant.schema.properties(body.type, Version.BETA)
        served = {"createdDateTime": stamp, "lastModifiedDateTime": stamp, "version": 1, "roleScopeTagIds": ["0"]}
        properties = {**{k: v for k, v in served.items() if k in known}, **self.defaults, **body.properties}
        item = tenant.create(self._name, body.type, properties, id_=self.new_id(tenant, body.type))
        _store_parts(call, item, body)
        self.after(tenant, item)
        value = self.listing.render(call, item)
        return Response(201, {"@odata.context": call.context(f"{self._name}/$entity"), **value})

    def _update(self, call: Call) -> Response:
        tenant = call.tenant
        item = self.find(call)
        body = call.body(self.listing.type, Mode.UPDATE, tagged=self.tagged)
        if body.type != item.type:
            raise bad(f"The type of an object cannot change: it is '{item.type}', not '{body.type}'.")
        if not body.properties and not body.binds:
            raise bad("The body of an update says nothing.")
        self.check(call, body, item)
        served: dict[str, Any] = {}
        if "lastModifiedDateTime" in item.properties:
            served["lastModifiedDateTime"] = tenant.stamp()
        if "version" in item.properties:
            served["version"] = item.properties["version"] + 1
        tenant.update(self._name, item, {**served, **_plain(call, body)})
        self.after(tenant, item)
        if self.update_status == 204:
            return NO_CONTENT
        return ok({"@odata.context": call.context(f"{self._name}/$entity"), **self.listing.render(call, item)})

    def _delete(self, call: Call) -> Response:
        item = self.find(call)
        self.before_delete(call, item)
        call.tenant.delete(self._name, item)
        return NO_CONTENT

    def _assignments(self, call: Call) -> Response:
        item = self.find(call)
        parts = [part_of(call, part) for part in item.contained("assignments").values()]
        return ok({"@odata.context": call.context(f"{self._name}('{item.id}')/assignments"), "value": parts})

    def _assign(self, call: Call) -> Response:
        tenant = call.tenant
        item = self.find(call)
        self.before_assign(call, item)
        given = call.parameters(self.assign_key)[self.assign_key]
        if not isinstance(given, list):
            raise bad(f"'{self.assign_key}' is a list.")
        parts: dict[str, Item] = {}
        for entry in given:
            body = checked(tenant.schema, call.version, self.assignment, entry, Mode.CREATE)
            identity = f"{item.id}_{target_key(tenant, body.properties['target'])}"
            if identity in parts:
                raise bad("The same target is assigned twice.")
            parts[identity] = Item(identity, self.assignment, _with_filter(body.properties), 0, call.now)
        item.parts["assignments"] = parts
        tenant.touch(self._name, item)
        self.after(tenant, item)
        rendered = [part_of(call, part) for part in parts.values()]
        return ok({"@odata.context": call.context(f"Collection({self.assignment})"), "value": rendered})


def target_key(tenant: Tenant, target: dict[str, Any]) -> str:
    """Return what names an assignment's target; Intune knows a group later than the directory does.

    Raises:
        GraphError: 400: a group that Intune does not know (yet).
    """
    kind = str(target["@odata.type"]).removeprefix("#microsoft.graph.")
    if kind == "allDevicesAssignmentTarget":
        return ALL_DEVICES
    if kind == "allLicensedUsersAssignmentTarget":
        return ALL_USERS
    identity = str(target["groupId"])
    if not known_to_intune(tenant, identity):
        raise bad(f"The target group '{identity}' does not exist.")
    return identity


def known_to_intune(tenant: Tenant, group: str) -> bool:
    """Return whether Intune knows a group already."""
    item = tenant.collection("groups").get(group)
    if item is None:
        return False
    created = item.visible_from - tenant.settings.delays.visible
    return tenant.now() >= created + tenant.settings.delays.intune


def targeted(tenant: Tenant, item: Item) -> tuple[set[str], set[str]]:
    """Return the objects that a policy's assignments include and exclude, by their directory ids."""
    included: set[str] = set()
    excluded: set[str] = set()
    for part in item.contained("assignments").values():
        target = part.properties["target"]
        kind = str(target["@odata.type"]).removeprefix("#microsoft.graph.")
        if kind == "allDevicesAssignmentTarget":
            included |= set(tenant.collection("devices"))
        elif kind == "allLicensedUsersAssignmentTarget":
            included |= set(tenant.collection("users"))
        else:
            group = tenant.collection("groups").get(str(target["groupId"]))
            members = set(group.links.get("members", {})) if group is not None else set()
            if kind == "exclusionGroupAssignmentTarget":
                excluded |= members
            else:
                included |= members
    return included, excluded


def _with_filter(properties: dict[str, Any]) -> dict[str, Any]:
    """Return an assignment with what Intune adds by itself."""
    target = {
        **properties["target"],
        "deviceAndAppManagementAssignmentFilterId": properties["target"].get(
            "deviceAndAppManagementAssignmentFilterId"
        ),
        "deviceAndAppManagementAssignmentFilterType": properties["target"].get(
            "deviceAndAppManagementAssignmentFilterType", "none"
        ),
    }
    return {**properties, "target": target}


def _plain(call: Call, body: Body) -> dict[str, Any]:
    known = call.tenant.schema.properties(body.type, call.version)
    return {name: value for name, value in body.properties.items() if not known[name].navigation}


def _store_parts(call: Call, item: Item, body: Body) -> None:
    """Move deep entities of a new object out of its properties."""
    known = call.tenant.schema.properties(body.type, call.version)
    for name, value in body.properties.items():
        if known[name].navigation:
            del item.properties[name]
            keep_parts(call.tenant, item, name, known[name].type, value)


def keep_parts(tenant: Tenant, owner: Item, name: str, type_: str, values: list[dict[str, Any]]) -> None:
    """Replace the contained objects of a navigation property, nested ones too."""
    parts: dict[str, Item] = {}
    known = tenant.schema.properties(type_, Version.BETA)
    for value in values:
        own = {key: member for key, member in value.items() if not known[key].navigation}
        part = Item(tenant.new_id(), type_, own, 0, tenant.now())
        for key, member in value.items():
            if known[key].navigation:
                keep_parts(tenant, part, key, known[key].type, member)
        parts[part.id] = part
    owner.parts[name] = parts
