"""Products that a tenant has bought, and the service plans in them: expected, never made.

The file names products by part number; requests want ids, and these come from the tenant. What would fail at the
service is said in the plan instead: a product that nobody bought, a service plan that it does not have, and too
few seats. Until that is mended nobody newly gets the product; who has it keeps it.

Source: 'List subscribedSkus' and 'subscribedSku resource type', Microsoft Graph reference: free seats are those
enabled and in warning, less those consumed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from holofleet.catalog import product as catalog
from holofleet.plans import Act
from holofleet.resources import Address, Group, LicensePool, User
from holofleet.targets.graph.operations import Operation, Request, Response, directory
from holofleet.targets.graph.reconcile import Care, Ids, Problem, Scope, Seen, Side, Wanted
from holofleet.targets.graph.reconcile.meaning import Comparer
from holofleet.targets.graph.work import Work, ask

PRODUCT: Final = "product"
PLAN: Final = "service-plan"
PRODUCTS: Final = "products"
_USABLE: Final = ("Enabled", "Warning")


def bought() -> Request:
    """Return the request for everything that the tenant has bought."""
    select = "skuId,skuPartNumber,capabilityStatus,consumedUnits,prepaidUnits,servicePlans"
    return directory.LIST_SKUS.request(query={"$select": select})


def plans_in(response: Response) -> dict[str, str]:
    """Return the names of all service plans by id in lower case."""
    return {
        str(plan["servicePlanId"]).casefold(): str(plan["servicePlanName"])
        for item in response.value
        for plan in item.get("servicePlans") or ()
    }


def free_seats(response: Response) -> dict[str, int]:
    """Return the free seats of all products by skuId in lower case."""
    return {str(item["skuId"]).casefold(): _free(item) for item in response.value}


def licensed(scope: Scope) -> list[Group | User]:
    """Return whoever gets a product: groups, and accounts and people directly."""
    nouns: list[Group | User] = [*scope.state.of_kind(Group).values(), *scope.state.of_kind(User).values()]
    return [noun for noun in nouns if noun.licenses]


class _Expected:
    """What is read by name and never written."""

    name: str
    after: Sequence[str] = ()
    comparers: Mapping[str, Comparer] = {}
    closed: Sequence[str] = ()
    reads: Sequence[Operation] = (directory.LIST_SKUS,)

    def wanted(self, scope: Scope) -> Sequence[Wanted]:
        """Return what the file names."""
        raise NotImplementedError

    def items(self, response: Response) -> Iterable[Seen]:
        """Return what the tenant has."""
        raise NotImplementedError

    def writes(self, act: Act, fields: frozenset[str]) -> Sequence[Operation]:
        """Return nothing: it is never written."""
        return ()

    def read(self, scope: Scope) -> Work[Sequence[Seen]]:
        """Read what the tenant has bought, where the file names any."""
        if not self.wanted(scope):
            return []
        response = yield from ask(bought())
        return list(self.items(response))

    def create(self, wanted: Wanted, ids: Ids, scope: Scope) -> Work[str]:
        """Never happens."""
        raise NotImplementedError(f"{wanted.address} is bought, not made")

    def update(self, seen: Seen, wanted: Wanted, fields: frozenset[str], ids: Ids, scope: Scope) -> Work[None]:
        """Never happens."""
        raise NotImplementedError(f"{wanted.address} is bought, not changed")

    def delete(self, seen: Seen, scope: Scope) -> Work[None]:
        """Never happens."""
        raise NotImplementedError(f"{seen.id} is bought, not deleted")


class Products(_Expected):
    """Products by part number."""

    name = PRODUCT

    def wanted(self, scope: Scope) -> Sequence[Wanted]:
        """Return the products that somebody gets."""
        named = sorted({sku for noun in licensed(scope) for sku in noun.licenses})
        return [Wanted(Address(PRODUCT, sku), sku, care=Care.EXPECT, why=_unbought(sku)) for sku in named]

    def items(self, response: Response) -> Iterable[Seen]:
        """Return products."""
        return [Seen(str(item["skuId"]), str(item["skuPartNumber"]), raw=item) for item in response.value]

    def problems(self, sides: Mapping[str, Side], scope: Scope) -> Sequence[Problem]:
        """Return what is missing: products, service plans, seats."""
        there = {seen.key.casefold(): seen for seen in sides[PRODUCT].seen}
        found: list[Problem] = []
        for noun in licensed(scope):
            found += _unfit(noun, there)
        for wanted in sides[PRODUCT].wanted:
            seen = there.get(wanted.key.casefold())
            if seen is not None:
                found += _seats(wanted.address, seen, sides, scope)
        for pool in scope.state.of_kind(LicensePool).values():
            seen = there.get(pool.sku.casefold())
            if seen is not None and _total(seen.raw) < pool.seats:
                reason = (
                    f"The file counts on {pool.seats} seats of {pool.sku}, and the tenant has {_total(seen.raw)}."
                )
                found.append(Problem(pool.address, reason))
        return found


class ServicePlans(_Expected):
    """Service plans by name."""

    name = PLAN

    def wanted(self, scope: Scope) -> Sequence[Wanted]:
        """Return the plans that are switched off for somebody."""
        named = {plan for noun in licensed(scope) for plans in noun.disabled_plans.values() for plan in plans}
        why = "No product of the tenant has this service plan; look at its name."
        return [Wanted(Address(PLAN, plan), plan, care=Care.EXPECT, why=why) for plan in sorted(named)]

    def items(self, response: Response) -> Iterable[Seen]:
        """Return service plans, each once."""
        return [Seen(id_, name) for id_, name in plans_in(response).items()]


def address_of(noun: Group | User) -> Address:
    """Return the address of the licenses of a group or user."""
    return Address(f"{noun.kind}-license", noun.address.name)


def _unbought(sku: str) -> str:
    known = catalog.load()
    plans = set(known.products[sku].plans) if sku in known.products else set()
    others = [one.sku for one in known.products.values() if plans and plans <= set(one.plans) and one.sku != sku]
    instead = f" These have the same service plans: {', '.join(sorted(others))}." if others else ""
    return f"The tenant has not bought {sku}. Buy it, or name the product that it has.{instead}"


def _unfit(noun: Group | User, there: Mapping[str, Seen]) -> list[Problem]:
    """Return why the products of a group or user cannot be assigned as the file says."""
    address = address_of(noun)
    lacking = [sku for sku in noun.licenses if sku.casefold() not in there]
    reasons = [f"It is left as it is, because the tenant has not bought {', '.join(lacking)}."] if lacking else []
    for sku, plans in sorted(noun.disabled_plans.items()):
        product = there.get(sku.casefold())
        has = {str(plan["servicePlanName"]) for plan in product.raw.get("servicePlans", ())} if product else set()
        unknown = sorted(set(plans) - has)
        if product and unknown:
            listed = f"{sku} has no service plan {', '.join(unknown)}; it has {', '.join(sorted(has))}."
            reasons.append(f"It is left as it is: {listed}")
    return [Problem(address, reason, frozenset([address])) for reason in reasons]


def _seats(address: Address, product: Seen, sides: Mapping[str, Side], scope: Scope) -> list[Problem]:
    """Return a problem where more are to get a product than seats are free."""
    sku = address.name
    new = frozenset(
        address_of(noun) for noun in licensed(scope) if sku in noun.licenses and _newly(noun, product, sides)
    )
    status = str(product.raw.get("capabilityStatus") or "Enabled")
    if status not in _USABLE:
        return [Problem(address, f"The subscription is {status.lower()}: renew it.", new)]
    total = _total(product.raw)
    free = _free(product.raw)
    needed = len(_claimants(sku, sides, scope) - _holders(product, sides))
    if needed <= free:
        return []
    words = f"{needed} more are to get {sku}, and {free} of {total} seats are free."
    mend = f"Buy {needed - free} seats, or take as many out of the file; nobody new gets it until then."
    return [Problem(address, f"{words} {mend}", new)]


def _total(item: Mapping[str, Any]) -> int:
    units: Mapping[str, Any] = item.get("prepaidUnits") or {}
    return int(units.get("enabled") or 0) + int(units.get("warning") or 0)


def _free(item: Mapping[str, Any]) -> int:
    return max(0, _total(item) - int(item.get("consumedUnits") or 0))


def _newly(noun: Group | User, product: Seen, sides: Mapping[str, Side]) -> bool:
    side = sides.get(address_of(noun).kind)
    held = (seen for seen in side.seen if seen.address == address_of(noun)) if side is not None else ()
    return not any(product.id in seen.references.get(PRODUCTS, ()) for seen in held)


def _claimants(sku: str, sides: Mapping[str, Side], scope: Scope) -> set[str]:
    """Return the names of those who get a product by the file, less people who are not in the tenant."""
    names: set[str] = set()
    for noun in licensed(scope):
        if sku in noun.licenses:
            names |= {noun.upn} if isinstance(noun, User) else set(noun.members)
    users = sides.get(User.kind)
    if users is None:
        return {name.casefold() for name in names}
    there = {seen.key.casefold() for seen in users.seen}
    made = {wanted.key.casefold() for wanted in users.wanted if wanted.care is Care.MANAGE}
    return {name.casefold() for name in names} & (there | made)


def _holders(product: Seen, sides: Mapping[str, Side]) -> set[str]:
    users = sides.get(User.kind)
    return {
        seen.key.casefold()
        for seen in (users.seen if users is not None else ())
        for entry in seen.raw.get("assignedLicenses") or ()
        if str(entry["skuId"]).casefold() == product.id.casefold()
    }
