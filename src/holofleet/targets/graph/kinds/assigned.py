"""Objects of Intune that are marked in their description and assigned to groups.

The service replaces the set of assignments whole, so what somebody added in a portal shows as a difference:
groups by reference, and everything that is not "this group gets it" (a filter, an exclusion, all devices) under
the property ``other assignments``, which a fleet file never wants.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from holofleet.plans import Act
from holofleet.resources import Address
from holofleet.targets.graph.kinds.marked import address_of, by_marker
from holofleet.targets.graph.kinds.rest import AtRest
from holofleet.targets.graph.operations import Operation, Request
from holofleet.targets.graph.reconcile import Ids, Scope, Seen, Wanted
from holofleet.targets.graph.reconcile.meaning import Comparer
from holofleet.targets.graph.work import Work, ask, together

GROUPS: Final = "groups"
OTHERS: Final = "other assignments"
_GROUP: Final = "#microsoft.graph.groupAssignmentTarget"
_NO_FILTER: Final = (None, "", "none", "00000000-0000-0000-0000-000000000000")


def targets(groups: Iterable[str], **more: Any) -> list[dict[str, Any]]:
    """Return assignments to groups by their ids; ``more`` is part of each."""
    return [{**more, "target": {"@odata.type": _GROUP, "groupId": group}} for group in groups]


def assigned(assignments: Iterable[Mapping[str, Any]]) -> tuple[tuple[str, ...], list[str]]:
    """Return the ids of the groups that get an object, and all other assignments in words."""
    groups: list[str] = []
    others: list[str] = []
    for assignment in assignments:
        target = assignment.get("target") or {}
        kind = str(target.get("@odata.type", "")).removeprefix("#microsoft.graph.")
        filtered = target.get("deviceAndAppManagementAssignmentFilterType") not in _NO_FILTER
        if target.get("@odata.type") == _GROUP and not filtered:
            groups.append(str(target.get("groupId")))
            continue
        words = [kind, str(target.get("groupId") or "")]
        if filtered:
            words.append(f"with filter {target.get('deviceAndAppManagementAssignmentFilterId')}")
        others.append(" ".join(word for word in words if word))
    return tuple(groups), sorted(others)


class Assigned:
    """A kind of marked objects that are assigned to groups; subclasses say what its objects hold.

    Attributes:
        name, after, comparers, closed: As :class:`~holofleet.targets.graph.reconcile.kind.Kind` has them.
        reads: Operations that reading may ask for: the list, unless a subclass says more.
        listing: Reads all of them, with their assignments.
        marked: Property whose text holds the marker.
        rest: How properties rest that the file says nothing of.
        once: Properties that are sent when it is made and cannot change.
        beside: Names of fields that are no properties of its body.
        making, changing, deleting, assigning: The operations.
    """

    name: str
    after: Sequence[str] = ()
    comparers: Mapping[str, Comparer] = {}
    closed: Sequence[str] = ()
    marked: str = "description"
    rest: AtRest = AtRest()
    once: frozenset[str] = frozenset()
    beside: frozenset[str] = frozenset({GROUPS, OTHERS, "adopt"})
    listing: Operation
    making: Operation
    changing: Operation
    deleting: Operation
    assigning: Operation
    reads: Sequence[Operation] = ()

    def __init_subclass__(cls) -> None:
        """A kind reads its list, unless it says what else."""
        super().__init_subclass__()
        if not cls.reads and hasattr(cls, "listing"):
            cls.reads = (cls.listing,)

    def list_request(self) -> Request:
        """Return the request that lists them with assignments."""
        return self.listing.request(query={"$expand": "assignments"})

    def holds(self, item: Mapping[str, Any]) -> bool:
        """Return whether a listed object is of this kind (collections hold several)."""
        return True

    def properties(self, item: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return what is compared of an object, as it was read."""
        raise NotImplementedError

    def body(self, wanted: Wanted, scope: Scope, ids: Ids) -> dict[str, Any]:
        """Return the whole body that makes an object, its description with the marker too."""
        raise NotImplementedError

    def changed(
        self, seen: Seen, wanted: Wanted, fields: frozenset[str], scope: Scope, ids: Ids
    ) -> dict[str, Any]:
        """Return the body that changes an object: whole, and what somebody else set in it at rest again."""
        surplus = fields - wanted.properties.keys() - self.beside
        body = self.body(wanted, scope, ids) | self.rest.resting(surplus, seen.properties)
        return {name: value for name, value in body.items() if name not in self.once}

    def secrets(self, wanted: Wanted) -> tuple[str, ...]:
        """Return the paths of the body that hold secrets, for the recorder; none unless a subclass has some."""
        return ()

    def assignments(self, wanted: Wanted, ids: Ids) -> dict[str, Any]:
        """Return the body of the assigning request."""
        return {"assignments": targets(ids.of(wanted.references.get(GROUPS, ())))}

    def wanted(self, scope: Scope) -> Sequence[Wanted]:
        """Return what is wanted: with ``OTHERS: []`` among the properties, and groups as references."""
        raise NotImplementedError

    def writes(self, act: Act, fields: frozenset[str]) -> Sequence[Operation]:
        """Return the operations that an act may ask for."""
        if act is Act.CREATE:
            return self.making, self.assigning
        return (self.changing, self.assigning) if act is Act.UPDATE else (self.deleting,)

    def read(self, scope: Scope) -> Work[Sequence[Seen]]:
        """Read all of them."""
        response = yield from ask(self.list_request())
        return [self.seen(item, scope) for item in response.value if self.holds(item)]

    def seen(self, item: Mapping[str, Any], scope: Scope) -> Seen:
        """Return one object as it stands."""
        groups, others = assigned(item.get("assignments") or ())
        return Seen(
            id=str(item["id"]),
            key=str(item.get("displayName") or ""),
            properties={**self.properties(item), OTHERS: others},
            references={GROUPS: groups},
            address=self.address(item, scope),
            version=str(item.get("version") or item.get("lastModifiedDateTime") or ""),
            raw=item,
        )

    def address(self, item: Mapping[str, Any], scope: Scope) -> Address | None:
        """Return the address of an object of ours; a marker of another kind is none of this kind's."""
        address = address_of(item, scope, text=self.marked)
        return address if address is not None and address.kind == self.name else None

    def create(self, wanted: Wanted, ids: Ids, scope: Scope) -> Work[str]:
        """Make and assign it."""
        id_ = yield from self.make(wanted, ids, scope)
        yield from self.assign(id_, wanted, ids)
        return id_

    def make(self, wanted: Wanted, ids: Ids, scope: Scope) -> Work[str]:
        """Make it, assigned to nobody yet."""
        lookup = by_marker(self.list_request(), wanted, scope, text=self.marked)
        body = self.body(wanted, scope, ids)
        made = yield from ask(self.making.request(body=body, lookup=lookup, secrets=self.secrets(wanted)))
        return made.id

    def update(self, seen: Seen, wanted: Wanted, fields: frozenset[str], ids: Ids, scope: Scope) -> Work[None]:
        """Change what differs."""
        works: list[Work[None]] = []
        if fields - {GROUPS, OTHERS} or not seen.ours or seen.address != wanted.address:
            works.append(self._change(seen.id, wanted, self.changed(seen, wanted, fields, scope, ids)))
        if fields & {GROUPS, OTHERS}:
            works.append(self.assign(seen.id, wanted, ids))
        yield from together(works)

    def delete(self, seen: Seen, scope: Scope) -> Work[None]:
        """Delete it; one that is gone is deleted."""
        yield from ask(self.deleting.request(id=seen.id, accept={404}))

    def assign(self, id_: str, wanted: Wanted, ids: Ids) -> Work[None]:
        """Replace its assignments."""
        yield from ask(self.assigning.request(id=id_, body=self.assignments(wanted, ids)))

    def _change(self, id_: str, wanted: Wanted, body: Mapping[str, Any]) -> Work[None]:
        yield from ask(self.changing.request(id=id_, body=dict(body), secrets=self.secrets(wanted)))
