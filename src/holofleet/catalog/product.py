"""Products and the service plans in them. Entitlement hangs on plans, never on products.

Source: 'Product names and service plan identifiers for licensing' (Microsoft), state of 2025-10-29. The plans
listed are those that matter for headsets and calls, not all that a product has.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from holofleet.catalog import reading


@dataclass(frozen=True, slots=True)
class ServicePlan:
    """A service plan; ``id`` is its GUID, ``None`` where it was not looked up."""

    name: str
    title: str
    id: str | None


@dataclass(frozen=True, slots=True)
class Product:
    """A product that is bought in seats; ``sku`` is its skuPartNumber, ``id`` its skuId."""

    sku: str
    title: str
    id: str
    plans: tuple[str, ...]
    device_only: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class Licenses:
    """The products by SKU part number, the service plans by name, and other SKU ids known to hold a plan."""

    products: dict[str, Product]
    plans: dict[str, ServicePlan]
    also_with_plan: dict[str, dict[str, str]]

    def plans_of(self, skus: Iterable[str]) -> frozenset[str]:
        """Every plan of the named products; an unknown SKU brings none."""
        return frozenset(plan for sku in skus if sku in self.products for plan in self.products[sku].plans)

    def with_plan(self, plan: str) -> tuple[Product, ...]:
        """The products that hold a plan."""
        return tuple(product for product in self.products.values() if plan in product.plans)


def load() -> Licenses:
    """Read products and plans."""
    data = reading.read("licenses")
    return Licenses(
        products={
            sku: Product(
                sku=sku,
                title=row["title"],
                id=row["id"],
                plans=tuple(row["plans"]),
                device_only=row.get("device_only", False),
                note=row.get("note", ""),
            )
            for sku, row in data["products"].items()
        },
        plans={name: ServicePlan(name, row["title"], row.get("id")) for name, row in data["plans"].items()},
        also_with_plan=data["also_with_plan"],
    )
