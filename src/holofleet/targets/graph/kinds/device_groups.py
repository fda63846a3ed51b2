"""Groups of headsets that get the same settings, and their members.

A group by rule needs no request for a headset: the service follows the group tag. The members of others are
devices of the directory, which exist once a headset is registered with Autopilot or joined, so members are a kind
of their own that comes after registrations. A headset that the directory does not know yet, and that this file
does not register, is told and keeps nobody else out.

Ours by the marker at the end of the description. Source: 'Create group', 'List group members', 'Device' of the
Microsoft Graph reference; 'Create device groups for Windows Autopilot' (Microsoft).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Final

from holofleet.plans import Act
from holofleet.resources import Address, DeviceGroup, Headset, Registration
from holofleet.targets.graph import members
from holofleet.targets.graph.kinds.filters import AMONG, among, begins, quoted
from holofleet.targets.graph.kinds.groups import nickname
from holofleet.targets.graph.kinds.marked import address_of, by_marker
from holofleet.targets.graph.operations import Operation, Request, Response, autopilot, directory, reports
from holofleet.targets.graph.reconcile import Ids, Problem, Scope, Seen, Side, Wanted
from holofleet.targets.graph.reconcile.meaning import Comparer, any_order
from holofleet.targets.graph.work import Work, ask, together, until

BEGINNING: Final = "HoloLens headsets of the fleet file"
MODEL: Final = "HoloLens 2"
HEADSETS: Final = "headsets"
GROUP: Final = "group"
_DYNAMIC: Final = "DynamicMembership"
_ZTDID: Final = "[ZTDID]:"
_REGISTERED: Final = "physicalIds/any(p:startswith(p,'[ZTDID]'))"
"""Devices registered with Autopilot. Source: 'Windows Autopilot: FAQ and known issues' (Microsoft)."""
_NO_DEVICE: Final = "00000000-0000-0000-0000-000000000000"
_SHOWN: Final = (
    "description",
    "displayName",
    "groupTypes",
    "mailEnabled",
    "mailNickname",
    "membershipRule",
    "membershipRuleProcessingState",
    "securityEnabled",
)
_SELECT: Final = ",".join(("id", "createdDateTime", *_SHOWN))
_APPEARS_WITHIN_S: Final = 1_800.0
"""How long a device may take from its registration to the directory's list; imports take minutes. Ours."""


class DeviceGroups:
    """The groups themselves."""

    name = DeviceGroup.kind
    after: Sequence[str] = ()
    comparers: Mapping[str, Comparer] = {"groupTypes": any_order}
    closed: Sequence[str] = ()
    reads: Sequence[Operation] = (directory.LIST_GROUPS,)

    def writes(self, act: Act, fields: frozenset[str]) -> Sequence[Operation]:
        """Return the operations of an act."""
        return {
            Act.CREATE: (directory.CREATE_GROUP,),
            Act.UPDATE: (directory.UPDATE_GROUP,),
            Act.DELETE: (directory.DELETE_GROUP,),
        }[act]

    def wanted(self, scope: Scope) -> Sequence[Wanted]:
        """Return all groups of headsets."""
        return [_wanted(group, scope) for group in scope.state.of_kind(DeviceGroup).values()]

    def read(self, scope: Scope) -> Work[Sequence[Seen]]:
        """Read ours, and those that could be adopted by their name."""
        names = {group.display_name for group in scope.state.of_kind(DeviceGroup).values()}
        filters = [begins("description", BEGINNING), *among("displayName", names)]
        responses = yield [_listing(one) for one in filters]
        found = {str(item["id"]): item for response in responses for item in response.value}
        return [_seen(item, scope) for item in found.values()]

    def create(self, wanted: Wanted, ids: Ids, scope: Scope) -> Work[str]:
        """Make it; a rule gives its members, or :class:`DeviceMembers` sets them."""
        body = {name: value for name, value in wanted.properties.items() if value not in (None, [])}
        listing = _listing(f"mailNickname eq {quoted(body['mailNickname'])}")
        request = directory.CREATE_GROUP.request(body=body, lookup=by_marker(listing, wanted, scope))
        return (yield from ask(request)).id

    def update(self, seen: Seen, wanted: Wanted, fields: frozenset[str], ids: Ids, scope: Scope) -> Work[None]:
        """Change what differs."""
        body = {name: value for name, value in wanted.properties.items() if name in fields}
        if body:
            yield from ask(directory.UPDATE_GROUP.request(id=seen.id, body=body))

    def delete(self, seen: Seen, scope: Scope) -> Work[None]:
        """Delete it; its members stay what they are."""
        yield from ask(directory.DELETE_GROUP.request(id=seen.id, accept={404}))


class DeviceMembers:
    """Who is in a group of headsets that has no rule; one object for each such group.

    Args:
        root: Address of the Graph, which references to members name.
    """

    name = "device-members"
    after: Sequence[str] = (DeviceGroup.kind, Registration.kind)
    comparers: Mapping[str, Comparer] = {HEADSETS: any_order}
    closed: Sequence[str] = ()
    reads: Sequence[Operation] = (
        directory.LIST_GROUPS,
        directory.LIST_DEVICES,
        directory.LIST_MEMBERS,
        autopilot.LIST_IDENTITIES,
        reports.LIST_MANAGED,
    )

    def __init__(self, root: str) -> None:
        self._root = root

    def writes(self, act: Act, fields: frozenset[str]) -> Sequence[Operation]:
        """Return the operations of an act."""
        added = (directory.ADD_DEVICE_MEMBERS, directory.ADD_DEVICE_MEMBER)
        return (*added, directory.REMOVE_MEMBER) if act is Act.UPDATE else added

    def wanted(self, scope: Scope) -> Sequence[Wanted]:
        """Return the headsets of each group without a rule."""
        return [
            Wanted(
                Address(self.name, group.name),
                properties={HEADSETS: sorted(group.serials)},
                references={GROUP: (group.address,)},
            )
            for group in _static(scope)
        ]

    def read(self, scope: Scope) -> Work[Sequence[Seen]]:
        """Read who is in the groups of ours; nothing is asked where every group has a rule."""
        groups = {group.name: group for group in _static(scope)}
        if not groups:
            return []
        found, devices, lists = yield from self._look(groups, scope)
        known = devices.serials
        return [
            Seen(
                group_id,
                properties={HEADSETS: _held(groups[name], members.ids(response), known, scope)},
                references={GROUP: (group_id,)},
                address=Address(self.name, name),
                raw={"members": sorted(members.ids(response)), "devices": devices.objects},
            )
            for (name, group_id), response in zip(found.items(), lists, strict=True)
        ]

    def _look(
        self, groups: Mapping[str, DeviceGroup], scope: Scope
    ) -> Work[tuple[dict[str, str], _Devices, Sequence[Response]]]:
        requests = _device_requests(_unregistered(groups.values(), scope))
        responses = yield [_listing(begins("description", BEGINNING)), *requests]
        found: dict[str, str] = {}
        for item in responses[0].value:
            address = address_of(item, scope)
            if address is not None and address.kind == DeviceGroup.kind and address.name in groups:
                found[address.name] = str(item["id"])
        devices = _Devices(responses[1:])
        more = devices.lookups({serial for group in groups.values() for serial in group.serials})
        query = {"$select": "id", "$top": "999"}
        lists = [directory.LIST_MEMBERS.request(id=id_, query=query) for id_ in found.values()]
        answers: Sequence[Response] = ()
        if lists or more:
            answers = yield [*lists, *more]
        return found, _Devices([*responses[1:], *answers[len(lists) :]]), answers[: len(lists)]

    def memberships(self, scope: Scope, serials: Collection[str]) -> Work[dict[str, frozenset[str]]]:
        """Return which of these headsets are in each group that is meant to have one of them, rule or not.

        A group that the tenant does not have is left out.
        """
        wanted = frozenset(serials)
        groups = {
            group.name: group
            for group in scope.state.of_kind(DeviceGroup).values()
            if not wanted.isdisjoint(group.serials)
        }
        if not groups:
            return {}
        found, devices, lists = yield from self._look(groups, scope)
        return {
            name: frozenset(devices.serials[id_] for id_ in members.ids(response) if id_ in devices.serials)
            for name, response in zip(found, lists, strict=True)
        }

    def problems(self, sides: Mapping[str, Side], scope: Scope) -> Sequence[Problem]:
        """Return which headsets cannot be members yet."""
        problems = []
        registering = {r.serial for r in scope.state.of_kind(Registration).values() if r.hash_sha256}
        there = {seen.address: seen for seen in sides[self.name].seen}
        for group in _static(scope):
            seen = there.get(Address(self.name, group.name))
            known: Mapping[str, str] = seen.raw["devices"] if seen is not None else {}
            missing = sorted(s for s in group.serials if s not in known and s not in registering)
            if seen is not None and missing:
                named = ", ".join(missing[:3]) + (f" and {len(missing) - 3} more" if len(missing) > 3 else "")
                reason = f"The tenant does not know {named} yet; plan again when they are registered or enrolled."
                problems.append(Problem(Address(self.name, group.name), reason))
        return problems

    def create(self, wanted: Wanted, ids: Ids, scope: Scope) -> Work[str]:
        """Put the headsets in that the directory knows; those that were registered just now are waited for."""
        group_id = ids[wanted.references[GROUP][0]]
        yield from self._set(group_id, frozenset(), wanted, scope)
        return group_id

    def update(self, seen: Seen, wanted: Wanted, fields: frozenset[str], ids: Ids, scope: Scope) -> Work[None]:
        """Put in who is missing, take out who is too much."""
        if HEADSETS in fields:
            yield from self._set(seen.id, frozenset(seen.raw["members"]), wanted, scope)

    def delete(self, seen: Seen, scope: Scope) -> Work[None]:
        """Do nothing: memberships end with their group."""
        yield from together([])

    def _set(self, group_id: str, held: frozenset[str], wanted: Wanted, scope: Scope) -> Work[None]:
        serials = frozenset(wanted.properties[HEADSETS])
        registered = {r.serial for r in scope.state.of_kind(Registration).values() if r.hash_sha256} & serials
        enrolled = bool(serials - scope.state.of_kind(Registration).keys())
        first, *rest = _device_requests(enrolled)
        # The directory shows a device some time after its registration.
        response = yield from until(
            first,
            lambda answer: registered <= {str(item.get("serialNumber")) for item in answer.value},
            every_s=30.0,
            within_s=_APPEARS_WITHIN_S,
            what="the registered headsets in the list of Autopilot devices",
        )
        responses = [response, *(yield rest)]
        more = _Devices(responses).lookups(serials)
        if more:
            responses += yield more
        objects = _Devices(responses).objects
        meant = {objects[serial] for serial in serials if serial in objects}
        yield from members.add(group_id, sorted(meant - held), root=self._root, devices=True)
        yield from members.remove(group_id, sorted(held - meant))


class _Devices:
    """Serial numbers and objects of the directory, joined over the lists that were read.

    ``objects``: id of the directory object by serial number. ``serials``: the other way round.
    """

    def __init__(self, responses: Iterable[Response]) -> None:
        self._by_device: dict[str, str] = {}
        by_registration: dict[str, str] = {}
        rows: list[Mapping[str, Any]] = []
        for item in (item for response in responses for item in response.value):
            if "serialNumber" not in item:
                rows.append(item)
                continue
            serial = str(item["serialNumber"])
            by_registration[str(item["id"]).lower()] = serial
            device = str(item.get("azureAdDeviceId") or item.get("azureADDeviceId") or _NO_DEVICE)
            self._by_device[device.lower()] = serial
        self._by_device.pop(_NO_DEVICE, None)
        self.objects: dict[str, str] = {}
        for row in rows:
            registrations = [
                str(text)[len(_ZTDID) :].lower()
                for text in row.get("physicalIds") or ()
                if str(text).upper().startswith(_ZTDID)
            ]
            found = next((by_registration[one] for one in registrations if one in by_registration), None)
            found = found or self._by_device.get(str(row.get("deviceId")).lower())
            if found is not None:
                self.objects[found] = str(row["id"])
        self.serials = {id_: serial for serial, id_ in self.objects.items()}

    def lookups(self, serials: Collection[str]) -> list[Request]:
        """Return requests for the objects of headsets that are enrolled without a registration."""
        missing = sorted(
            device
            for device, serial in self._by_device.items()
            if serial in serials and serial not in self.objects
        )
        filters = [
            " or ".join(f"deviceId eq {quoted(device)}" for device in missing[start : start + AMONG])
            for start in range(0, len(missing), AMONG)
        ]
        return [_devices(filter_) for filter_ in filters]


def _static(scope: Scope) -> list[DeviceGroup]:
    return [group for group in scope.state.of_kind(DeviceGroup).values() if not group.rule]


def _unregistered(groups: Iterable[DeviceGroup], scope: Scope) -> bool:
    """Return whether some headset has no registration in the file: then enrolled devices are read too."""
    return any(set(group.serials) - scope.state.of_kind(Registration).keys() for group in groups)


def _device_requests(enrolled: bool) -> list[Request]:
    """Return the lists of registrations, of their directory devices, and where needed of enrolled headsets."""
    requests = [autopilot.LIST_IDENTITIES.request(), _devices(_REGISTERED)]
    if enrolled:
        query = {"$filter": f"model eq {quoted(MODEL)}", "$select": "id,serialNumber,azureADDeviceId"}
        requests.append(reports.LIST_MANAGED.request(query=query))
    return requests


def _devices(filter_: str) -> Request:
    query = {"$filter": filter_, "$select": "id,deviceId,physicalIds", "$top": "999"}
    return directory.LIST_DEVICES.request(query=query)


def _held(group: DeviceGroup, held: frozenset[str], known: Mapping[str, str], scope: Scope) -> list[str]:
    """Return who is in a group, by serial; what is no headset of ours by its id; and who cannot be yet."""
    registering = {r.serial for r in scope.state.of_kind(Registration).values() if r.hash_sha256}
    waiting = set(group.serials) - set(known.values()) - registering
    return sorted({known.get(id_, id_) for id_ in held} | waiting)


def _wanted(group: DeviceGroup, scope: Scope) -> Wanted:
    properties: dict[str, Any] = {
        "description": scope.marker.described(f"{BEGINNING}.", group.address),
        "displayName": group.display_name,
        "groupTypes": [_DYNAMIC] if group.rule else [],
        "mailEnabled": False,
        "mailNickname": nickname(f"headsets-{group.name}"),
        "membershipRule": group.rule or None,
        "securityEnabled": True,
    }
    if group.rule:
        properties["membershipRuleProcessingState"] = "On"
    return Wanted(group.address, group.display_name, properties, serials=group.serials)


def _seen(item: Mapping[str, Any], scope: Scope) -> Seen:
    address = address_of(item, scope)
    ours = address if address is not None and address.kind == DeviceGroup.kind else None
    key = "" if item.get("mailEnabled") else str(item.get("displayName") or "")
    return Seen(str(item["id"]), key, {name: item.get(name) for name in _SHOWN}, address=ours, raw=item)


def _listing(filter_: str) -> Request:
    return directory.LIST_GROUPS.request(query={"$filter": filter_, "$select": _SELECT, "$top": "999"})


def headsets_of(group: DeviceGroup, scope: Scope) -> list[Headset]:
    """Return the headsets of a group."""
    headsets = scope.state.headsets
    return [headsets[serial] for serial in group.serials if serial in headsets]
