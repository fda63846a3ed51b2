"""Licenses of groups and of single accounts.

A license has no text to hold a marker: it is ours where its group or account is. What somebody else's group has
counts as ours while it is just what the file wants, so that a difference always needs consent and leaving the
file takes nothing away. People are given theirs by groups; what the file says of one directly is compared, and
written only when it is asked for by name.

The service may switch more service plans off than it was told (those that need one of them): where some are
switched off, the told ones have to be among them; where none is, none may be. What is read and written for
groups stands in ``group_licenses.py``, for single accounts in ``user_licenses.py``.

Source: 'group: assignLicense', 'user: assignLicense', Microsoft Graph reference; the lost calls and the additional
plans were seen in other implementations.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from holofleet.resources import Address, Group, User
from holofleet.targets.graph.errors import GraphError, Trouble
from holofleet.targets.graph.kinds.products import PLAN, PRODUCT, PRODUCTS, address_of, plans_in
from holofleet.targets.graph.operations import Operation, Response
from holofleet.targets.graph.reconcile import Care, Ids, Scope, Seen, Wanted
from holofleet.targets.graph.reconcile.meaning import Comparer
from holofleet.targets.graph.work import Work

PLANS_OFF: Final = "disabledPlans"


def plans_off(wanted: Any, seen: Any) -> bool:
    """Compare service plans that are off, by product; see the module."""
    wanted, seen = wanted or {}, seen or {}
    return wanted.keys() == seen.keys() and all(set(plans) <= set(seen[sku]) for sku, plans in wanted.items())


class Licenses:
    """Licenses of one kind of holder; subclasses read and write them.

    Attributes:
        holder: Kind of the holder, and name of the reference to it.
    """

    name: str
    holder: str
    after: Sequence[str] = ()
    comparers: Mapping[str, Comparer] = {PLANS_OFF: plans_off}
    closed: Sequence[str] = ()
    reads: Sequence[Operation]

    def wish(self, noun: Group | User, *, key: str, care: Care = Care.MANAGE, why: str = "") -> Wanted:
        """Return the wanted licenses of a holder."""
        off = {sku: sorted(plans) for sku, plans in noun.disabled_plans.items() if plans and sku in noun.licenses}
        references = {
            self.holder: (noun.address,),
            PRODUCTS: tuple(Address(PRODUCT, sku) for sku in sorted(set(noun.licenses))),
        }
        return Wanted(address_of(noun), key, {PLANS_OFF: off}, references, care=care, why=why)

    def view(self, item: Mapping[str, Any], entries: Sequence[Mapping[str, Any]], names: Names) -> Seen:
        """Return licenses as they stand, not ours yet."""
        held = tuple(sorted(str(entry["skuId"]) for entry in entries))
        off = {names.product(entry): names.plans(entry) for entry in entries if entry.get("disabledPlans")}
        references = {self.holder: (str(item["id"]),), PRODUCTS: held}
        return Seen(f"{item['id']}/licenses", "", {PLANS_OFF: off}, references, raw=item)

    def create(self, wanted: Wanted, ids: Ids, scope: Scope) -> Work[str]:
        """Assign to a holder that has none."""
        (holder,) = wanted.references[self.holder]
        yield from self.assign(ids[holder], frozenset(), wanted, ids)
        return f"{ids[holder]}/licenses"

    def update(self, seen: Seen, wanted: Wanted, fields: frozenset[str], ids: Ids, scope: Scope) -> Work[None]:
        """Assign what is wanted, take the rest away."""
        held = frozenset(seen.references.get(PRODUCTS, ()))
        yield from self.assign(str(seen.raw["id"]), held, wanted, ids)

    def delete(self, seen: Seen, scope: Scope) -> Work[None]:
        """Take all of them away; a holder that is gone has none."""
        held = frozenset(seen.references.get(PRODUCTS, ()))
        try:
            yield from self.assign(str(seen.raw["id"]), held, None, Ids({}))
        except GraphError as error:
            if error.trouble is not Trouble.ABSENT:
                raise

    def assign(self, holder: str, held: frozenset[str], wanted: Wanted | None, ids: Ids) -> Work[None]:
        """Make the products of a holder those that are wanted; ``None`` for none."""
        raise NotImplementedError


class Names:
    """Names of products and plans by id, from what the tenant has bought."""

    def __init__(self, response: Response) -> None:
        self._products = {str(item["skuId"]).casefold(): str(item["skuPartNumber"]) for item in response.value}
        self._plans = plans_in(response)

    def product(self, entry: Mapping[str, Any]) -> str:
        """Return the part number of a license; its id where the tenant no longer has it."""
        return self._products.get(str(entry["skuId"]).casefold(), str(entry["skuId"]))

    def plans(self, entry: Mapping[str, Any]) -> list[str]:
        """Return the plans that are off."""
        return sorted(self._plans.get(str(plan).casefold(), str(plan)) for plan in entry["disabledPlans"])


def entries_of(wanted: Wanted | None, ids: Ids) -> list[dict[str, Any]]:
    """Return the licenses of a request; none where nothing is wanted."""
    if wanted is None:
        return []
    off = wanted.properties[PLANS_OFF]
    return [
        {
            "skuId": ids[product],
            "disabledPlans": sorted(ids[Address(PLAN, plan)] for plan in off.get(product.name, ())),
        }
        for product in wanted.references[PRODUCTS]
    ]


def owned(view: Seen, address: Address | None, key: str) -> Seen:
    """Return licenses with whose they are; ``None`` for not ours."""
    return Seen(view.id, key, view.properties, view.references, address, raw=view.raw)
