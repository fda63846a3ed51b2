"""Changes behind our back: every value that we sent to a tenant, and how somebody else could change it."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, replace
from typing import Any

from tests.properties.targets.graph.whole_fleets import World, person, stranger

from holofleet.emulator.edm import Schema, Version
from holofleet.emulator.edm.schema import Property
from holofleet.emulator.tenant import Item, Tenant
from holofleet.targets.graph.operations import Request

Path = tuple[str | int, ...]
SOMEBODY = "admin@contoso.com"
TAG = "@odata.type"
_NAMED = ("userPrincipalName", "displayName")
_URI = "./Device/Vendor/MSFT/Policy/Config/Camera/AllowCamera"
_ALL_DEVICES = "#microsoft.graph.allDevicesAssignmentTarget"
_NUMBERS = frozenset({"Int32", "Int64", "Double"})
_TEXTS: Mapping[str, str] = {
    "Guid": "99999999-9999-4999-8999-999999999999",
    "DateTimeOffset": "2031-01-02T03:04:05Z",
    "Duration": "P9D",
    "Date": "2031-01-02",
    "TimeOfDay": "03:04:05",
    "Binary": base64.b64encode(b"something else").decode(),
}


MARKERS = frozenset({"description", "employeeType", "userPrincipalName"})
"""Without its marker or its name an object is a stranger's, and taken over with consent only."""
FIXED = frozenset({"certificate", "assignments", "deviceType", "platformType"})
"""Nobody can change it: another certificate is another authority, another target another assignment."""


@dataclass(frozen=True)
class Leaf:
    """One value of one object.

    Args:
        collection: Where the object is; empty for a policy that there is one of.
        id: The object, or the policy.
        type: Its type.
        path: Where the value stands in it.
    """

    collection: str
    id: str
    type: str
    path: Path

    def __str__(self) -> str:
        return f"{self.type} {'.'.join(str(step) for step in self.path)}"

    @property
    def mendable(self) -> bool:
        """Whether somebody can change it and an apply without consent bring it back."""
        return self.path[0] not in MARKERS and not FIXED & set(self.path)

    @property
    def meaning(self) -> tuple[str, Path]:
        """What it is, whichever object it stands in."""
        return self.type, self.path


def sent_leaves(world: World) -> list[Leaf]:
    """Return every value of every body that was sent, where it stands in the tenant now.

    Values that are not there (references, passwords) are left out; :func:`unstored` names them.
    """
    return [leaf for leaf, stored in _leaves(world) if stored]


def unstored(world: World) -> set[tuple[str, str]]:
    """Return what was sent and stands in no property: by type and name."""
    return {(leaf.type, str(leaf.path[0])) for leaf, stored in _leaves(world) if not stored}


def _leaves(world: World) -> Iterator[tuple[Leaf, bool]]:
    tenant = world.tenant
    found: dict[Leaf, bool] = {}
    for request in world.record.requests:
        for collection, id_, type_, body, at in _targets(tenant, request):
            for path in _paths(body, at):
                leaf = Leaf(collection, id_, type_, path)
                found[leaf] = _holds(_object(tenant, leaf), path)
    yield from found.items()


def _targets(tenant: Tenant, request: Request) -> Iterator[tuple[str, str, str, Mapping[str, Any], Path]]:
    """Yield the objects that a body says something about, and where in them it stands."""
    body, path = request.body, request.path
    if not isinstance(body, Mapping) or request.operation.method == "GET":
        return
    if path.endswith("DeviceIdentities/import"):
        for row in body["importedWindowsAutopilotDeviceIdentities"]:
            for item in tenant.collection("windowsAutopilotDeviceIdentities").values():
                if item.properties["serialNumber"] == row["serialNumber"]:
                    yield "windowsAutopilotDeviceIdentities", item.id, item.type, {"groupTag": row["groupTag"]}, ()
        return
    start, _, ending = path.rpartition("/")
    parent = start.rpartition("/")[2]
    single = next((name for name in tenant.singletons if name.casefold() == ending.casefold()), "")
    if single:
        yield "", single, _single_type(tenant, single), body, ()
        return
    name = next((body[key] for key in _NAMED if key in body), None)
    for collection, items in tenant.collections():
        for item in items.values():
            if item.id == ending or (request.operation.method == "POST" and _is(item, body, name)):
                yield collection, item.id, item.type, body, ()
            elif item.id == parent and ending in item.parts:
                parts = [part.properties for part in item.parts[ending].values()]
                at = next(at for at, part in enumerate(parts) if _says(part, body))
                yield collection, item.id, item.type, body, (ending, at)


def _says(part: Mapping[str, Any], body: Mapping[str, Any]) -> bool:
    return all(part.get(name) == value for name, value in body.items() if isinstance(value, str))


def _is(item: Item, body: Mapping[str, Any], name: str | None) -> bool:
    tag = str(body.get(TAG, "")).rpartition(".")[2]
    return name is not None and name in [item.properties.get(key) for key in _NAMED] and tag in ("", item.type)


def _single_type(tenant: Tenant, name: str) -> str:
    tag = str(tenant.singletons[name].get(TAG, "")).rpartition(".")[2]
    return tag or name


def _paths(value: Any, at: Path = ()) -> Iterator[Path]:
    if isinstance(value, Mapping) and value:
        for key, member in value.items():
            if key != TAG:
                yield from _paths(member, (*at, key))
    elif isinstance(value, list) and value:
        for index, member in enumerate(value):
            yield from _paths(member, (*at, index))
    else:
        yield at


@dataclass
class _Place:
    """A stored object: properties that can be changed, and contained objects."""

    properties: dict[str, Any]
    item: Item | None = None

    def top(self, name: str) -> Any:
        """Return the value of a property, contained objects as a list."""
        if name in self.properties:
            return self.properties[name]
        parts = self.item.parts.get(name) if self.item is not None else None
        return None if parts is None else [_Place(part.properties, part) for part in parts.values()]


def _object(tenant: Tenant, leaf: Leaf) -> _Place:
    if not leaf.collection:
        return _Place(tenant.singletons[leaf.id])
    item = tenant.collection(leaf.collection)[leaf.id]
    return _Place(item.properties, item)


def _holds(place: _Place, path: Path) -> bool:
    value: Any = place
    for step in path:
        if isinstance(value, _Place):
            known = step in value.properties or (value.item is not None and step in value.item.parts)
            value = value.top(str(step)) if known else None
            if not known:
                return False
        else:
            known = step in value if isinstance(value, Mapping) else isinstance(step, int) and step < len(value)
            if not known:
                return False
            value = value[step]
    return True


def change(tenant: Tenant, leaf: Leaf) -> None:
    """Change one value, as somebody does in a portal."""
    place, path, type_ = _object(tenant, leaf), leaf.path, leaf.type
    while (holder := place.top(str(path[0]))) and isinstance(holder, list) and isinstance(holder[0], _Place):
        assert isinstance(path[1], int)
        place, path = holder[path[1]], path[2:]
        assert place.item is not None
        type_ = place.item.type
    name = str(path[0])
    changed = _changed(tenant.schema, type_, {name: deepcopy(place.properties[name])}, path)
    if leaf.collection:
        item = tenant.collection(leaf.collection)[leaf.id]
        tenant.edit(leaf.collection, item, changed if place.item is item else {}, actor=SOMEBODY)
    place.properties.update(changed)


def _changed(schema: Schema, type_: str, value: dict[str, Any], path: Path) -> dict[str, Any]:
    """Change the value at a path below an object of a type."""
    holder: Any = value
    declared: Property | None = None
    for at, step in enumerate(path):
        if isinstance(holder, dict):
            type_ = str(holder.get(TAG, type_)).rpartition(".")[2]
            declared = schema.properties(type_, Version.BETA)[str(step)]
            type_ = declared.type
        assert declared is not None
        if at == len(path) - 1:
            is_list = declared.collection and not isinstance(step, int)
            holder[step] = _other(schema, declared, holder[step], is_list=is_list)
        else:
            holder = holder[step]
    return value


def _other(schema: Schema, declared: Property, value: Any, *, is_list: bool) -> Any:
    if is_list:
        return [*(value or ()), _fresh(schema, declared.type, None)]
    return _fresh(schema, declared.type, value)


def _fresh(schema: Schema, type_: str, value: Any) -> Any:
    """Return another value of a type."""
    if type_ in schema.enums:
        members = [name for name in schema.enums[type_].members if name not in (value, "unknownFutureValue")]
        return members[-1]
    if type_ in schema.types:
        known = schema.properties(type_, Version.BETA).values()
        first = next(one for one in known if one.type not in schema.types and not one.marks)
        return {first.name: _fresh(schema, first.type, None)}
    if type_ == "Boolean":
        return not value
    if type_ in _NUMBERS:
        return (value or 0) + 1
    if type_ in _TEXTS:
        return _TEXTS[type_]
    return f"{value or ''} changed".strip()


@dataclass
class Saved:
    """A tenant as it was, to return to."""

    tenant: Tenant
    singles: dict[str, Any]
    objects: dict[tuple[str, str], tuple[str, dict[str, Any]]]


def saved(tenant: Tenant) -> Saved:
    """Remember the properties of everything."""
    objects = {
        (name, item.id): (item.type, _all(item)) for name, items in tenant.collections() for item in items.values()
    }
    return Saved(tenant, deepcopy(tenant.singletons), objects)


def _all(item: Item) -> dict[str, Any]:
    parts = {name: {id_: _all(part) for id_, part in held.items()} for name, held in item.parts.items()}
    return {"properties": deepcopy(item.properties), "parts": parts}


def restore(before: Saved, leaf: Leaf) -> None:
    """Change one object back, as somebody does who noticed."""
    tenant = before.tenant
    if not leaf.collection:
        tenant.singletons[leaf.id] = deepcopy(before.singles[leaf.id])
        return
    item = tenant.collection(leaf.collection)[leaf.id]
    kept = before.objects[leaf.collection, leaf.id][1]
    served = ("version", "lastModifiedDateTime")
    properties = {name: value for name, value in deepcopy(kept["properties"]).items() if name not in served}
    tenant.edit(leaf.collection, item, properties, actor=SOMEBODY)
    _put_back(item, kept)


def _put_back(item: Item, kept: Mapping[str, Any]) -> None:
    for name, held in kept["parts"].items():
        for id_, part in held.items():
            item.parts[name][id_].properties.update(deepcopy(part["properties"]))
            _put_back(item.parts[name][id_], part)


@dataclass(frozen=True)
class Seeded:
    """One thing that somebody did to what is linked with an object, or contained in it.

    Args:
        what: In words.
        do, undo: Does it, and takes it back.
    """

    what: str
    do: Callable[[], object]
    undo: Callable[[], object]


def surroundings(world: World) -> Iterator[Seeded]:
    """Yield what somebody can do around what we made: members, assignments, settings, whole objects."""
    tenant = world.tenant
    outsider = stranger(tenant, "Other devices")
    guest = person(tenant, "guest@contoso.com")
    for collection, items in list(tenant.collections()):
        for item in list(items.values()):
            if not _ours(item):
                continue
            yield from _assignments(item, outsider.id)
            if item.type == "group" and not item.properties.get("membershipRule"):
                yield from _members(item, guest.id)
            if item.type == "windows10CustomConfiguration":
                yield from _settings(tenant, item)
            if item.type == "group" and item.properties["assignedLicenses"]:
                yield _property(tenant, collection, item, "assignedLicenses", [])
            if "rootCertificate" in item.links:
                yield _swap(item.links, "rootCertificate", {}, f"{item.type}: without its root")
            yield _swap(items, item.id, None, f"{item.type} deleted")


def _ours(item: Item) -> bool:
    texts = (item.properties.get(name) for name in ("description", "employeeType", "displayName"))
    return any("holofleet:fleet:" in str(text) for text in texts)


def _swap(holder: dict[str, Any], name: str, value: Any, what: str) -> Seeded:
    """Put something else in a place, or nothing."""
    before = holder.get(name)

    def put(new: Any) -> None:
        holder.pop(name, None)
        if new is not None:
            holder[name] = new

    return Seeded(what, lambda: put(value), lambda: put(before))


def _assignments(item: Item, outsider: str) -> Iterator[Seeded]:
    held = item.parts.get("assignments") or {}
    for id_, part in list(held.items()):
        yield _swap(held, id_, None, f"{item.type}: without an assignment")
        yield _swap(held, id_, _aimed(part, groupId=outsider), f"{item.type}: for another group")
        excluded = {TAG: "#microsoft.graph.exclusionGroupAssignmentTarget"}
        yield _swap(held, id_, _aimed(part, **excluded), f"{item.type}: for everybody but its group")
        if "deviceAndAppManagementAssignmentFilterType" in part.properties["target"]:
            filtered = {
                "deviceAndAppManagementAssignmentFilterId": _TEXTS["Guid"],
                "deviceAndAppManagementAssignmentFilterType": "include",
            }
            yield _swap(held, id_, _aimed(part, **filtered), f"{item.type}: with a filter")
        yield _swap(held, "more", _aimed(part, groupId=outsider), f"{item.type}: for one group more")
    if held:
        part = next(iter(held.values()))
        all_devices = replace(part, properties={**part.properties, "target": {TAG: _ALL_DEVICES}})
        yield _swap(held, "more", all_devices, f"{item.type}: for all devices")


def _aimed(part: Item, **target: Any) -> Item:
    return replace(part, properties={**part.properties, "target": {**part.properties["target"], **target}})


def _members(item: Item, guest: str) -> Iterator[Seeded]:
    held = item.links.setdefault("members", {})
    for id_ in list(held)[:2]:
        yield _swap(held, id_, None, "group: without a member")
    yield _swap(held, guest, item.visible_from, "group: with one member more")


def _settings(tenant: Tenant, item: Item) -> Iterator[Seeded]:
    settings = item.properties["omaSettings"]
    more = {TAG: "#microsoft.graph.omaSettingInteger", "displayName": "More", "omaUri": _URI, "value": 1}
    yield _property(tenant, "deviceConfigurations", item, "omaSettings", [*settings, more])
    for at in {0, len(settings) - 1}:
        fewer = [setting for index, setting in enumerate(settings) if index != at]
        yield _property(tenant, "deviceConfigurations", item, "omaSettings", fewer)


def _property(tenant: Tenant, collection: str, item: Item, name: str, value: Any) -> Seeded:
    before = deepcopy(item.properties[name])

    def put(new: Any) -> None:
        tenant.edit(collection, item, {name: deepcopy(new)}, actor=SOMEBODY)

    return Seeded(f"{item.type}: other {name}", lambda: put(value), lambda: put(before))
