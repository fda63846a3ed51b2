"""Licenses of one account, beside those of its groups."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from holofleet.plans import Act
from holofleet.resources import Address, User
from holofleet.targets.graph.kinds import accounts
from holofleet.targets.graph.kinds.licenses import Licenses, Names, entries_of, owned
from holofleet.targets.graph.kinds.products import PRODUCTS, bought, licensed
from holofleet.targets.graph.operations import Operation, directory
from holofleet.targets.graph.reconcile import Care, Ids, Scope, Seen, Wanted
from holofleet.targets.graph.work import Work, ask


class UserLicenses(Licenses):
    """Licenses of one account, beside those of its groups."""

    name = "user-license"
    holder = User.kind
    reads: Sequence[Operation] = (directory.LIST_USERS, directory.LIST_SKUS)
    _select = f"id,userPrincipalName,{accounts.MARK},assignedLicenses,licenseAssignmentStates"

    def writes(self, act: Act, fields: frozenset[str]) -> Sequence[Operation]:
        """Return the operations of an act."""
        return (directory.ASSIGN_USER_LICENSES,)

    def wanted(self, scope: Scope) -> Sequence[Wanted]:
        """Return direct licenses: of accounts to be made so, of people to be looked at."""
        why = "People get licenses by groups, or from whoever looks after them."
        found = [noun for noun in licensed(scope) if isinstance(noun, User)]
        return [
            self.wish(user, key=user.upn)
            if accounts.is_account(user)
            else self.wish(user, key=user.upn, care=Care.OFFER, why=why)
            for user in found
        ]

    def read(self, scope: Scope) -> Work[Sequence[Seen]]:
        """Read direct licenses of accounts, and all of the people that the file gives some."""
        wanted = {one.key.casefold(): one for one in self.wanted(scope)}
        people = [one.key for one in wanted.values() if one.care is Care.OFFER]
        requests = [
            *accounts.account_lists(scope, self._select),
            *accounts.people_lists(people, self._select),
        ]
        products, *responses = yield [bought(), *requests]
        found = {str(item["id"]): item for response in responses for item in response.value}
        names = Names(products)
        seen = [
            self._seen(item, wanted.get(str(item["userPrincipalName"]).casefold()), names, scope)
            for item in found.values()
        ]
        return [one for one in seen if one is not None]

    def _seen(self, item: Mapping[str, Any], wanted: Wanted | None, names: Names, scope: Scope) -> Seen | None:
        upn = str(item["userPrincipalName"])
        holder = accounts.owner(item, scope)
        if wanted is not None and wanted.care is Care.OFFER:
            named = {product.name for product in wanted.references[PRODUCTS]}
            entries = [e for e in item.get("assignedLicenses") or () if names.product(e) in named]
            return owned(self.view(item, entries, names), wanted.address, upn)  # asking for it by name is consent
        states = item.get("licenseAssignmentStates") or ()
        view = self.view(item, [state for state in states if state.get("assignedByGroup") is None], names)
        if holder is not None:
            return owned(view, Address(self.name, holder.name), upn) if view.references[PRODUCTS] else None
        return owned(view, None, upn) if wanted is not None else None

    def assign(self, holder: str, held: frozenset[str], wanted: Wanted | None, ids: Ids) -> Work[None]:
        """Assign and take away in one request."""
        entries = entries_of(wanted, ids)
        meant = {str(entry["skuId"]).casefold() for entry in entries}
        gone = sorted(sku for sku in held if sku.casefold() not in meant)
        if entries or gone:
            body = {"addLicenses": entries, "removeLicenses": gone}
            yield from ask(directory.ASSIGN_USER_LICENSES.request(id=holder, body=body))
