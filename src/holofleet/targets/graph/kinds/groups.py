"""Groups of people and accounts.

Ours by the marker at the end of the description. A name is not unique in a directory, so a group of that name
which somebody else made is adopted with consent or not touched. A group that the file names by its object id
belongs to somebody else: without members it only has to be there; with members these alone are managed, the
marker is added behind its own description, and leaving the file never deletes it.

Members of a group by rule are the service's business and are neither read nor written. Members of others are
compared whole: who was added in a portal is a difference. Somebody who is not in the tenant keeps nobody else out.

Source: 'Create group', 'Update group', 'List group members', Microsoft Graph reference. ``$expand=members`` gives
20 at most, so members are read as one list for each group, all of them together.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from holofleet.plans import Act
from holofleet.resources import Address, Group, User
from holofleet.targets.graph import members
from holofleet.targets.graph.kinds.filters import among, begins, quoted
from holofleet.targets.graph.kinds.marked import address_of, by_marker
from holofleet.targets.graph.operations import Operation, Request, directory
from holofleet.targets.graph.reconcile import Care, Ids, Problem, Scope, Seen, Side, Wanted
from holofleet.targets.graph.reconcile.meaning import Comparer, any_order
from holofleet.targets.graph.work import Work, ask

MEMBERS: Final = "members"
BEGINNING: Final = "HoloLens people and accounts"
NICKNAME: Final = "holofleet-"
_DYNAMIC: Final = "DynamicMembership"
_NOT_IN_NICKNAMES: Final = re.compile(r"[^A-Za-z0-9._-]")
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
        directory.LIST_GROUPS.request(query={"$filter": one, "$select": select, "$top": "999"}) for one in filters
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


def owner(item: Mapping[str, Any], scope: Scope) -> Address | None:
    """Return the address of one group that is ours; for many, keep a :class:`Known`."""
    return Known(scope).owner(item)


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
    reads: Sequence[Operation] = (directory.LIST_GROUPS, directory.LIST_MEMBERS)
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
    _select = ",".join(("id", "onPremisesSyncEnabled", *_shown))

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
        """Read groups, and the members of those whose members the file sets."""
        responses = yield group_lists(scope, self._select)
        found = {str(item["id"]): item for response in responses for item in response.value}
        known = Known(scope)
        seen = [self._seen(item, known) for item in found.values()]
        sets = [wanted for wanted in self.wanted(scope) if MEMBERS in wanted.references]
        named = {a for wanted in sets for a in (wanted.address, wanted.formerly) if a is not None}
        keys = {wanted.key.casefold() for wanted in sets}
        whole = [one for one in seen if one.address in named or (not one.ours and one.key.casefold() in keys)]
        query = {"$select": "id", "$top": "999"}
        lists = yield [directory.LIST_MEMBERS.request(id=one.id, query=query) for one in whole]
        held = {one.id: tuple(sorted(members.ids(response))) for one, response in zip(whole, lists, strict=True)}
        return [self._seen(found[one.id], known, held.get(one.id)) for one in seen]

    def _seen(self, item: Mapping[str, Any], known: Known, held: tuple[str, ...] | None = None) -> Seen:
        return Seen(
            str(item["id"]),
            known.key(item),
            {name: item.get(name) for name in self._shown},
            {} if held is None else {MEMBERS: held},
            known.owner(item),
            raw=item,
        )

    def problems(self, sides: Mapping[str, Side], scope: Scope) -> Sequence[Problem]:
        """Return why members of somebody else's groups cannot be set."""
        there = {seen.key.casefold(): seen.raw for seen in sides[self.name].seen}
        problems = []
        for group in scope.state.of_kind(Group).values():
            if group.object_id and group.members:
                reason = _not_ours_to_set(there.get(group.object_id.casefold()))
                if reason:
                    problems.append(Problem(group.address, reason, frozenset([group.address])))
        return problems

    def create(self, wanted: Wanted, ids: Ids, scope: Scope) -> Work[str]:
        """Make it, then add its members."""
        body = {name: value for name, value in wanted.properties.items() if value not in (None, [])}
        named = f"mailNickname eq {quoted(body['mailNickname'])}"
        query = {"$filter": named, "$select": self._select, "$top": "999"}
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


def _not_ours_to_set(item: Mapping[str, Any] | None) -> str:
    """Return why the members of a group that is named by its id cannot be set; empty where they can."""
    if item is None:
        return "The tenant has no group of the object id that the file names."
    if _DYNAMIC in (item.get("groupTypes") or ()):
        return "Its members follow a rule; take the members out of the file, or name another group."
    if item.get("onPremisesSyncEnabled"):
        return "It comes from a directory on premises; its members are set there."
    return ""
