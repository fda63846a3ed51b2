"""Groups of people and accounts.

Ours by the marker at the end of the description. A name is not unique in a directory, so a group of that name
which somebody else made is adopted with consent or not touched. A group that the file names by its object id
belongs to somebody else: without members it only has to be there; with members these alone are managed, the
marker is added behind its own description, and leaving the file never deletes it.

Members of a group by rule are the service's business: never written, and read only to say whom the rule takes
beside those whom the file means. Members of others are compared whole: who was added in a portal is a difference.
Somebody who is not in the tenant keeps nobody else out.

Source: 'Create group', 'Update group', 'List group members', Microsoft Graph reference. ``$expand=members`` gives
20 at most, so members are read as one list for each group, all of them together.
"""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from holofleet.plans import Act
from holofleet.resources import Address, Group, User
from holofleet.targets.graph import members
from holofleet.targets.graph.kinds.filters import among, begins, quoted
from holofleet.targets.graph.kinds.marked import address_of, by_marker
from holofleet.targets.graph.operations import Operation, Request, Response, directory
from holofleet.targets.graph.reconcile import Care, Ids, Problem, Scope, Seen, Side, Wanted
from holofleet.targets.graph.reconcile.meaning import Comparer, any_order
from holofleet.targets.graph.work import Work, ask

MEMBERS: Final = "members"
BEGINNING: Final = "HoloLens people and accounts"
NICKNAME: Final = "holofleet-"
_DYNAMIC: Final = "DynamicMembership"
_NOT_IN_NICKNAMES: Final = re.compile(r"[^A-Za-z0-9._-]")
_PAGE: Final = "999"
_SHOWN: Final = 5
_LONGEST_NICKNAME: Final = 64
_LONGEST_DESCRIPTION: Final = 1024


def nickname(name: str) -> str:
    """Return the mail nickname of a group: stable, and never used for mail."""
    plain = NICKNAME + _NOT_IN_NICKNAMES.sub("-", name)
    if len(plain) <= _LONGEST_NICKNAME and plain == NICKNAME + name:
        return plain
    return f"{plain[: _LONGEST_NICKNAME - 9]}-{hashlib.sha256(name.encode()).hexdigest()[:8]}"


def displayed(group: Group) -> str:
    """Return the name that people see."""
    return group.display_name or group.name


def group_lists(scope: Scope, select: str) -> list[Request]:
    """Return the lists that together hold groups of ours, those that could be adopted, and those named by id."""
    groups = scope.state.of_kind(Group).values()
    names = {displayed(group) for group in groups if not group.object_id}
    filters = [
        begins("description", BEGINNING),
        begins("mailNickname", NICKNAME),
        *among("displayName", names),
        *among("id", {group.object_id for group in groups if group.object_id}),
    ]
    return [
        directory.LIST_GROUPS.request(query={"$filter": one, "$select": select, "$top": _PAGE}) for one in filters
    ]


class Known:
    """Groups as the file knows them, to say of a group in the tenant what it is."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope
        self._groups = scope.state.of_kind(Group)
        self._by_id = {group.object_id.casefold() for group in self._groups.values() if group.object_id}

    def key(self, item: Mapping[str, Any]) -> str:
        """Return its natural key: its id where the file names it, else its name.

        One that cannot be ours has none: for mail, from a directory on premises, or marked as something else.
        """
        if str(item["id"]).casefold() in self._by_id:
            return str(item["id"])
        marked = address_of(item, self._scope)
        other = marked is not None and marked.kind != Group.kind
        if other or item.get("mailEnabled") or item.get("onPremisesSyncEnabled"):
            return ""
        return str(item.get("displayName") or "")

    def owner(self, item: Mapping[str, Any]) -> Address | None:
        """Return its address where it is ours.

        A marked group that we did not make (it keeps its own description) is ours only while the file names it.
        """
        address = address_of(item, self._scope)
        if address is None or address.kind != Group.kind:
            return None
        group = self._groups.get(address.name)
        if group is not None and group.object_id:
            return address if group.object_id.casefold() == str(item["id"]).casefold() else None
        return address if made_by_us(item) else None


def made_by_us(item: Mapping[str, Any]) -> bool:
    """Return whether a marked group was made here, or adopted whole."""
    return str(item.get("description")).startswith(BEGINNING) or str(item.get("mailNickname")).startswith(NICKNAME)


class Groups:
    """Groups of the directory, but those of headsets.

    Args:
        root: Address of the Graph, which references to members name.
    """

    name = Group.kind
    after: Sequence[str] = ()
    comparers: Mapping[str, Comparer] = {"groupTypes": any_order}
    closed: Sequence[str] = ()
    reads: Sequence[Operation] = (directory.LIST_GROUPS, directory.LIST_MEMBERS, directory.LIST_USER_MEMBERS)
    _shown = (
        "description",
        "displayName",
        "groupTypes",
        "mailEnabled",
        "mailNickname",
        "membershipRule",
        "membershipRuleProcessingState",
        "securityEnabled",
    )
    _select = ",".join(("id", "createdDateTime", "onPremisesSyncEnabled", *_shown))

    def __init__(self, root: str) -> None:
        self._root = root

    def writes(self, act: Act, fields: frozenset[str]) -> Sequence[Operation]:
        """Return the operations of an act."""
        if act is Act.DELETE:
            return (directory.DELETE_GROUP,)
        needed = [directory.CREATE_GROUP] if act is Act.CREATE else []
        if act is Act.UPDATE and fields - {MEMBERS}:
            needed.append(directory.UPDATE_GROUP)
        if MEMBERS in fields:
            needed += [directory.ADD_MEMBERS, directory.ADD_MEMBER]
            needed += [directory.REMOVE_MEMBER] if act is Act.UPDATE else []
        return needed

    def wanted(self, scope: Scope) -> Sequence[Wanted]:
        """Return all groups of the file."""
        return [self._wanted(group, scope) for group in scope.state.of_kind(Group).values()]

    def _wanted(self, group: Group, scope: Scope) -> Wanted:
        if group.object_id and not group.members:
            why = f"The file names the group by its object id {group.object_id}, and the tenant has no such group."
            return Wanted(group.address, group.object_id, care=Care.EXPECT, why=why)
        references = {} if group.rule else {MEMBERS: tuple(Address(User.kind, upn) for upn in group.members)}
        lenient = frozenset([MEMBERS])
        if group.object_id:
            return Wanted(group.address, group.object_id, {}, references, lenient)
        properties: dict[str, Any] = {
            "description": scope.marker.described(f"{BEGINNING} of the fleet file.", group.address),
            "displayName": displayed(group),
            "groupTypes": [_DYNAMIC] if group.rule else [],
            "mailEnabled": False,
            "mailNickname": nickname(group.name),
            "membershipRule": group.rule or None,
            "securityEnabled": True,
        }
        if group.rule:
            properties["membershipRuleProcessingState"] = "On"
        formerly = Address(Group.kind, group.formerly) if group.formerly else None
        return Wanted(group.address, displayed(group), properties, references, lenient, formerly=formerly)

    def read(self, scope: Scope) -> Work[Sequence[Seen]]:
        """Read groups, and their members: those whom the file sets, and those whom a rule of ours takes."""
        responses = yield group_lists(scope, self._select)
        found = {str(item["id"]): item for response in responses for item in response.value}
        known = Known(scope)
        seen = [self._seen(item, known) for item in found.values()]
        requests = self._member_lists(seen, scope)
        answers = yield list(requests.values())
        lists = dict(zip(requests, answers, strict=True))
        return [_with_members(one, requests.get(one.id), lists.get(one.id)) for one in seen]

    def _seen(self, item: Mapping[str, Any], known: Known) -> Seen:
        properties = {name: item.get(name) for name in self._shown}
        return Seen(str(item["id"]), known.key(item), properties, {}, known.owner(item), raw=item)

    def _member_lists(self, seen: Sequence[Seen], scope: Scope) -> dict[str, Request]:
        """Return the lists of members to be read, by id of the group."""
        ours = {one.address: one.id for one in seen if one.address is not None}
        strangers: dict[str, list[str]] = defaultdict(list)
        for one in seen:
            if not one.ours and one.key:
                strangers[one.key.casefold()].append(one.id)
        requests: dict[str, Request] = {}
        for wanted in self.wanted(scope):
            found = [ours[a] for a in (wanted.address, wanted.formerly) if a in ours][:1]
            if MEMBERS in wanted.references:
                query = {"$select": "id", "$top": _PAGE}
                for id_ in found or strangers[wanted.key.casefold()]:
                    requests[id_] = directory.LIST_MEMBERS.request(id=id_, query=query)
            elif wanted.properties:
                query = {"$select": "id,userPrincipalName", "$top": _PAGE}
                for id_ in found:
                    requests[id_] = directory.LIST_USER_MEMBERS.request(id=id_, query=query)
        return requests

    def problems(self, sides: Mapping[str, Side], scope: Scope) -> Sequence[Problem]:
        """Return why members of somebody else's groups cannot be set, and whom a rule takes beside those meant."""
        there = {seen.key.casefold(): seen.raw for seen in sides[self.name].seen}
        ruled = {seen.address: seen.raw.get(MEMBERS) for seen in sides[self.name].seen}
        problems = []
        for group in scope.state.of_kind(Group).values():
            if group.object_id and group.members:
                reason = _not_ours_to_set(there.get(group.object_id.casefold()))
                if reason:
                    problems.append(Problem(group.address, reason, frozenset([group.address])))
            elif group.rule:
                meant = {upn.casefold() for upn in group.members}
                taken = [str(user.get("userPrincipalName")) for user in ruled.get(group.address) or ()]
                if strangers := sorted(upn for upn in taken if upn.casefold() not in meant):
                    problems.append(Problem(group.address, _too_wide(strangers)))
        return problems

    def create(self, wanted: Wanted, ids: Ids, scope: Scope) -> Work[str]:
        """Make it, then add its members."""
        body = {name: value for name, value in wanted.properties.items() if value not in (None, [])}
        named = f"mailNickname eq {quoted(body['mailNickname'])}"
        query = {"$filter": named, "$select": self._select, "$top": _PAGE}
        lookup = by_marker(directory.LIST_GROUPS.request(query=query), wanted, scope)
        made = yield from ask(directory.CREATE_GROUP.request(body=body, lookup=lookup))
        yield from self._set(made.id, frozenset(), wanted, ids)
        return made.id

    def update(self, seen: Seen, wanted: Wanted, fields: frozenset[str], ids: Ids, scope: Scope) -> Work[None]:
        """Change what differs; one with a rule has to lose it before it takes members."""
        body = {name: value for name, value in wanted.properties.items() if name in fields}
        if not wanted.properties and not seen.ours:
            body["description"] = _behind(
                str(seen.raw.get("description") or ""), scope.marker.text(wanted.address)
            )
        if body:
            yield from ask(directory.UPDATE_GROUP.request(id=seen.id, body=body))
        if MEMBERS in fields:
            yield from self._set(seen.id, frozenset(seen.references.get(MEMBERS, ())), wanted, ids)

    def _set(self, group: str, held: frozenset[str], wanted: Wanted, ids: Ids) -> Work[None]:
        meant = ids.of(wanted.references.get(MEMBERS, ()))
        yield from members.add(group, [one for one in meant if one not in held], root=self._root)
        yield from members.remove(group, sorted(held - set(meant)))

    def delete(self, seen: Seen, scope: Scope) -> Work[None]:
        """Delete one that was made here."""
        if made_by_us(seen.raw):
            yield from ask(directory.DELETE_GROUP.request(id=seen.id, accept={404}))


def _behind(description: str, marker: str) -> str:
    """Add a marker behind somebody else's description, as much of which is kept as there is room for."""
    return f"{description[: _LONGEST_DESCRIPTION - len(marker) - 3]} [{marker}]".lstrip()


def _with_members(seen: Seen, request: Request | None, response: Response | None) -> Seen:
    """Add members: to be compared where the file sets them, to be looked at where a rule does."""
    if request is None or response is None:
        return seen
    if request.operation is directory.LIST_USER_MEMBERS:
        return replace(seen, raw={**seen.raw, MEMBERS: response.value})
    return replace(seen, references={MEMBERS: tuple(sorted(members.ids(response)))})


def _too_wide(strangers: Sequence[str]) -> str:
    more = f" and {len(strangers) - _SHOWN} more" if len(strangers) > _SHOWN else ""
    return (
        f"Its rule also takes {', '.join(strangers[:_SHOWN])}{more}, whom the file does not mean. "
        "Begin the names of accounts with what nobody else has."
    )


def _not_ours_to_set(item: Mapping[str, Any] | None) -> str:
    """Return why the members of a group that is named by its id cannot be set; empty where they can."""
    if item is None:
        return "The tenant has no group of the object id that the file names."
    if _DYNAMIC in (item.get("groupTypes") or ()):
        return "Its members follow a rule; take the members out of the file, or name another group."
    if item.get("onPremisesSyncEnabled"):
        return "It comes from a directory on premises; its members are set there."
    return ""
