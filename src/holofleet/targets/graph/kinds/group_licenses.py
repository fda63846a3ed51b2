"""Licenses that all members of a group get, worked out by the service in the background.

A second call on the way loses what the first one set, so each waits for what is going on, and then for its own.
Who did not get the licenses, and why, is told in the plan and at the end of an apply.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from holofleet.plans import Act
from holofleet.resources import Address, Group, User
from holofleet.targets.graph.kinds import groups
from holofleet.targets.graph.kinds.license_errors import LicenseError, mendable, sentence
from holofleet.targets.graph.kinds.licenses import PLANS_OFF, Licenses, Names, entries_of, owned, plans_off
from holofleet.targets.graph.kinds.products import PRODUCTS, bought, free_seats, licensed
from holofleet.targets.graph.operations import Operation, Request, Response, directory
from holofleet.targets.graph.reconcile import Ids, Problem, Scope, Seen, Side, Wanted
from holofleet.targets.graph.reconcile.meaning import at_least
from holofleet.targets.graph.work import Work, ask, until

_GOING_ON: Final = ("QueuedForProcessing", "ProcessingInProgress")
AGAIN: Final = "membersToTryAgain"
"""Members who lacked a seat when there was none, and for whom there is one now."""
_EVERY_S: Final = 10.0
_WITHIN_S: Final = 1800.0
"""How long an apply waits for licenses of a group; the service goes on by itself. Ours."""


class GroupLicenses(Licenses):
    """Licenses that all members of a group get."""

    name = "group-license"
    holder = Group.kind
    after: Sequence[str] = (Group.kind, User.kind)
    reads: Sequence[Operation] = (directory.LIST_GROUPS, directory.LIST_SKUS, directory.LIST_LICENSE_ERRORS)
    _state = "id,assignedLicenses,licenseProcessingState,hasMembersWithLicenseErrors"
    _select = f"{_state},description,displayName,mailEnabled,mailNickname,onPremisesSyncEnabled"

    def writes(self, act: Act, fields: frozenset[str]) -> Sequence[Operation]:
        """Return the operations of an act."""
        needed = (directory.ASSIGN_LICENSES, directory.GET_GROUP, directory.LIST_LICENSE_ERRORS)
        return (*needed, directory.REPROCESS_LICENSES) if AGAIN in fields else needed

    def wanted(self, scope: Scope) -> Sequence[Wanted]:
        """Return the licenses of all groups that have some."""
        found = [noun for noun in licensed(scope) if isinstance(noun, Group)]
        wishes = [self.wish(group, key=group.object_id or groups.displayed(group)) for group in found]
        return [replace(wish, properties={**wish.properties, AGAIN: []}) for wish in wishes]

    def read(self, scope: Scope) -> Work[Sequence[Seen]]:
        """Read the licenses of groups, and who did not get them."""
        products, *responses = yield [bought(), *groups.group_lists(scope, self._select)]
        found = {str(item["id"]): item for response in responses for item in response.value}
        names = Names(products)
        known = groups.Known(scope)
        wanted = self.wanted(scope)
        seen = [self._seen(item, wanted, names, known) for item in found.values()]
        kept = [one for one in seen if one is not None]
        failed = [one for one in kept if one.ours and one.raw.get("hasMembersWithLicenseErrors")]
        lists = yield [_errors_of(str(one.raw["id"])) for one in failed]
        errors = {one.id: response.value for one, response in zip(failed, lists, strict=True)}
        free = free_seats(products)
        return [_with_errors(one, errors.get(one.id, []), free) for one in kept]

    def _seen(
        self, item: Mapping[str, Any], wanted: Sequence[Wanted], names: Names, known: groups.Known
    ) -> Seen | None:
        """Return the licenses of a group; ``None`` where there is nothing to compare."""
        entries = item.get("assignedLicenses") or []
        view = self.view(item, entries, names)
        holder = known.owner(item)
        key = known.key(item)
        if holder is not None:
            return owned(view, Address(self.name, holder.name), key) if entries else None
        match = next((one for one in wanted if one.key.casefold() == key.casefold()), None)
        if match is None:
            return None
        just_so = {names.product(entry) for entry in entries} == {a.name for a in match.references[PRODUCTS]}
        just_so = just_so and plans_off(match.properties[PLANS_OFF], view.properties[PLANS_OFF])
        return owned(view, match.address if just_so else None, key)

    def problems(self, sides: Mapping[str, Side], scope: Scope) -> Sequence[Problem]:
        """Return who got nothing, and what is still going on."""
        found = []
        for seen in sides[self.name].seen:
            state = str((seen.raw.get("licenseProcessingState") or {}).get("state"))
            if seen.address is not None and seen.raw.get("errors"):
                said, mend = sentence(str(seen.raw["id"]), seen.raw["errors"])
                found.append(Problem(seen.address, f"Members did not get the licenses: {said} {mend}"))
            elif seen.address is not None and state in _GOING_ON:
                found.append(Problem(seen.address, f"The tenant is still giving these licenses out ({state})."))
        return found

    def update(self, seen: Seen, wanted: Wanted, fields: frozenset[str], ids: Ids, scope: Scope) -> Work[None]:
        """Assign what differs; try again for those who lacked a seat."""
        if fields - {AGAIN}:
            yield from super().update(seen, wanted, fields, ids, scope)
        if AGAIN in fields:
            again: Mapping[str, str] = seen.raw[AGAIN]
            yield [directory.REPROCESS_LICENSES.request(id=member) for member in again]

            def done(response: Response) -> bool:
                return again.keys().isdisjoint(str(member["id"]) for member in response.value)

            request = _errors_of(str(seen.raw["id"]))
            yield from until(request, done, every_s=_EVERY_S, within_s=_WITHIN_S, what="licenses of members")

    def assign(self, holder: str, held: frozenset[str], wanted: Wanted | None, ids: Ids) -> Work[None]:
        """Wait for what is going on, assign, and wait until all members were treated.

        Raises:
            LicenseError: some members did not get the licenses.
            NeverError: the tenant is not done in time; it goes on by itself.
        """
        entries = entries_of(wanted, ids)
        meant = {str(entry["skuId"]).casefold() for entry in entries}
        before = yield from self._until(holder, _settled, "what is going on with its licenses")
        now = {str(entry["skuId"]) for entry in before.body.get("assignedLicenses") or ()}
        gone = sorted(sku for sku in now if sku.casefold() not in meant)
        if not entries and not gone:
            return
        body = {"addLicenses": entries, "removeLicenses": gone}
        yield from ask(directory.ASSIGN_LICENSES.request(id=holder, body=body))

        def treated(response: Response) -> bool:
            return _settled(response) and _as_meant(response, entries)

        after = yield from self._until(holder, treated, "its licenses for all members")
        if after.body.get("hasMembersWithLicenseErrors") and entries:
            failing = yield from ask(_errors_of(holder))
            said, mend = sentence(holder, failing.value)
            raise LicenseError(f"members did not get the licenses: {said}", mend=mend)

    def _until(self, holder: str, holds: Callable[[Response], bool], what: str) -> Work[Response]:
        request = directory.GET_GROUP.request(id=holder, query={"$select": self._state})
        return (yield from until(request, holds, every_s=_EVERY_S, within_s=_WITHIN_S, what=what))


def _settled(response: Response) -> bool:
    return (response.body.get("licenseProcessingState") or {}).get("state") not in _GOING_ON


def _as_meant(response: Response, entries: Sequence[Mapping[str, Any]]) -> bool:
    """Return whether a group has these licenses and no others, with at least these plans off."""
    there = {str(e["skuId"]).casefold(): e for e in response.body.get("assignedLicenses") or ()}
    meant = {str(e["skuId"]).casefold(): e for e in entries}
    return there.keys() == meant.keys() and all(
        at_least(entry["disabledPlans"], there[sku].get("disabledPlans")) for sku, entry in meant.items()
    )


def _errors_of(group: str) -> Request:
    query = {"$select": "id,userPrincipalName,licenseAssignmentStates"}
    return directory.LIST_LICENSE_ERRORS.request(id=group, query=query)


def _with_errors(seen: Seen, errors: Sequence[Mapping[str, Any]], free: Mapping[str, int]) -> Seen:
    again = mendable(str(seen.raw["id"]), errors, free)
    properties = {**seen.properties, AGAIN: sorted(again.values())}
    return replace(seen, properties=properties, raw={**seen.raw, "errors": list(errors), AGAIN: again})
