"""A small tenant of groups and profiles that shows things late, and two kinds that manage it."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.unit.targets.graph.wire import Answer, Asked, error

from holofleet.plans import Act
from holofleet.resources import Address
from holofleet.targets.graph.operations import Lookup, Operation, Response, directory, intune
from holofleet.targets.graph.reconcile import Care, Ids, Scope, Seen, Wanted
from holofleet.targets.graph.reconcile.meaning import Comparer, any_case
from holofleet.targets.graph.work import Work, ask, together


@dataclass
class Tenant:
    """Holds objects by path; ``late_s`` after a creation lists and reads do not know them."""

    now: Callable[[], float]
    late_s: float = 0.0
    objects: dict[str, dict[str, dict[str, Any]]] = field(
        default_factory=lambda: {"/groups": {}, "/deviceManagement/deviceConfigurations": {}}
    )
    born: dict[str, float] = field(default_factory=dict)
    members: dict[str, list[str]] = field(default_factory=dict)
    strangers_touched: int = 0

    def put(self, path: str, body: dict[str, Any], *, old: bool = True) -> str:
        made = {"id": str(uuid.uuid4()), "createdDateTime": "x", **body}
        self.objects[path][made["id"]] = made
        self.born[made["id"]] = -1e9 if old else self.now()
        return str(made["id"])

    def answer(self, asked: Asked) -> Answer:
        path = asked.path
        if path in self.objects:
            if asked.method == "POST":
                return 201, {}, self.objects[path][self.put(path, asked.body, old=False)]
            return 200, {}, {"value": [o for o in self.objects[path].values() if self._shown(o["id"])]}
        if not path.startswith(tuple(self.objects)):
            return error(403, "Forbidden", "no logs for you")
        base, _, rest = next((b, *path[len(b) :].partition("/")[1:]) for b in self.objects if path.startswith(b))
        id_, _, action = rest.partition("/")
        known = self.objects[base].get(id_)
        if known is None or not self._shown(id_):
            return error(404, "Request_ResourceNotFound")
        self.strangers_touched += "holofleet" not in str(known.get("description"))
        if action == "assign":
            groups = [a["target"]["groupId"] for a in asked.body["assignments"]]
            if not all(group in self.objects["/groups"] and self._shown(group) for group in groups):
                return error(400, "BadRequest")
            known["assignments"] = asked.body["assignments"]
            return 200, {}, {"value": []}
        if asked.method == "PATCH":
            known.update(asked.body)
            return 204, {}, None
        del self.objects[base][id_]
        return 204, {}, None

    def _shown(self, id_: str) -> bool:
        return self.born[id_] + self.late_s <= self.now()


def _match(scope: Scope, address: Address) -> Callable[[Response], Mapping[str, Any] | None]:
    def match(response: Response) -> Mapping[str, Any] | None:
        return next((o for o in response.value if scope.marker.read(o.get("description")) == address), None)

    return match


class GroupKind:
    name = "small-group"
    after: Sequence[str] = ()
    comparers: Mapping[str, Comparer] = {"displayName": any_case}
    closed: Sequence[str] = ()
    reads: Sequence[Operation] = (directory.LIST_GROUPS,)

    def __init__(self, names: Sequence[str], *, care: Care = Care.MANAGE) -> None:
        self.names = names
        self.care = care

    def writes(self, act: Act, fields: frozenset[str]) -> Sequence[Operation]:
        return {
            Act.CREATE: (directory.CREATE_GROUP,),
            Act.UPDATE: (directory.UPDATE_GROUP,),
            Act.DELETE: (directory.DELETE_GROUP,),
        }[act]

    def wanted(self, scope: Scope) -> Sequence[Wanted]:
        return [
            Wanted(
                Address(self.name, name),
                name,
                {"displayName": name, "description": scope.marker.described("A group.", Address(self.name, name))},
                care=self.care,
            )
            for name in self.names
        ]

    def read(self, scope: Scope) -> Work[Sequence[Seen]]:
        response = yield from ask(directory.LIST_GROUPS.request())
        return [
            Seen(o["id"], o["displayName"], o, address=scope.marker.read(o.get("description")))
            for o in response.value
        ]

    def create(self, wanted: Wanted, ids: Ids, scope: Scope) -> Work[str]:
        lookup = Lookup(directory.LIST_GROUPS.request(), _match(scope, wanted.address), str(wanted.address))
        request = directory.CREATE_GROUP.request(body=dict(wanted.properties), lookup=lookup)
        return (yield from ask(request)).id

    def update(self, seen: Seen, wanted: Wanted, fields: frozenset[str], ids: Ids, scope: Scope) -> Work[None]:
        body = {name: wanted.properties[name] for name in fields & wanted.properties.keys()}
        yield from ask(directory.UPDATE_GROUP.request(id=seen.id, body=body))

    def delete(self, seen: Seen, scope: Scope) -> Work[None]:
        yield from ask(directory.DELETE_GROUP.request(id=seen.id, accept={404}))


class ProfileKind:
    name = "small-profile"
    after: Sequence[str] = ()
    comparers: Mapping[str, Comparer] = {}
    closed: Sequence[str] = ("./",)
    reads: Sequence[Operation] = (intune.LIST_PROFILES,)

    def __init__(self, profiles: Mapping[str, Sequence[str]], settings: Mapping[str, Any] | None = None) -> None:
        self.profiles = profiles
        self.settings = dict(settings or {"./Device/A": 1})

    def writes(self, act: Act, fields: frozenset[str]) -> Sequence[Operation]:
        if act is Act.CREATE:
            return intune.CREATE_PROFILE, intune.ASSIGN_PROFILE
        return (intune.UPDATE_PROFILE, intune.ASSIGN_PROFILE) if act is Act.UPDATE else (intune.DELETE_PROFILE,)

    def wanted(self, scope: Scope) -> Sequence[Wanted]:
        return [
            Wanted(
                Address(self.name, name),
                name,
                {
                    "displayName": name,
                    "description": scope.marker.described("A profile.", Address(self.name, name)),
                    **self.settings,
                },
                {"groups": tuple(Address("small-group", group) for group in groups)},
                serials=("1", "2"),
            )
            for name, groups in self.profiles.items()
        ]

    def read(self, scope: Scope) -> Work[Sequence[Seen]]:
        response = yield from ask(intune.LIST_PROFILES.request(query={"$expand": "assignments"}))
        return [
            Seen(
                o["id"],
                o["displayName"],
                {**o, **{s["omaUri"]: s["value"] for s in o.get("omaSettings", ())}},
                {"groups": tuple(a["target"]["groupId"] for a in o.get("assignments", ()))},
                scope.marker.read(o.get("description")),
            )
            for o in response.value
        ]

    def create(self, wanted: Wanted, ids: Ids, scope: Scope) -> Work[str]:
        lookup = Lookup(intune.LIST_PROFILES.request(), _match(scope, wanted.address), str(wanted.address))
        made = yield from ask(intune.CREATE_PROFILE.request(body=self._body(wanted), lookup=lookup))
        yield from self._assign(made.id, wanted, ids)
        return made.id

    def update(self, seen: Seen, wanted: Wanted, fields: frozenset[str], ids: Ids, scope: Scope) -> Work[None]:
        works: list[Work[None]] = []
        if fields - {"groups"}:
            works.append(self._patch(seen.id, wanted))
        if "groups" in fields:
            works.append(self._assign(seen.id, wanted, ids))
        yield from together(works)

    def delete(self, seen: Seen, scope: Scope) -> Work[None]:
        yield from ask(intune.DELETE_PROFILE.request(id=seen.id, accept={404}))

    def _body(self, wanted: Wanted) -> dict[str, Any]:
        plain = {name: value for name, value in wanted.properties.items() if not name.startswith("./")}
        settings = [{"omaUri": k, "value": v} for k, v in wanted.properties.items() if k.startswith("./")]
        return {**plain, "omaSettings": settings}

    def _patch(self, id_: str, wanted: Wanted) -> Work[None]:
        yield from ask(intune.UPDATE_PROFILE.request(id=id_, body=self._body(wanted)))

    def _assign(self, id_: str, wanted: Wanted, ids: Ids) -> Work[None]:
        targets = [{"target": {"groupId": group}} for group in ids.of(wanted.references["groups"])]
        yield from ask(intune.ASSIGN_PROFILE.request(id=id_, body={"assignments": targets}))
