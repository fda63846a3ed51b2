"""What ``licenses`` says was bought, as far as the catalog knows the products."""

from __future__ import annotations

from holofleet import catalog
from holofleet.checks.case import Case


def told(case: Case) -> bool:
    """Tell whether the file lists what was bought and the catalog knows every product of it."""
    bought = case.spec.model.licenses
    return bool(bought) and all(item.sku in catalog.licenses().products for item in bought)


def plans(case: Case) -> frozenset[str]:
    """Return the service plans of all products of which there are seats."""
    products = catalog.licenses().products
    held = (products[item.sku] for item in case.spec.model.licenses if item.seats and item.sku in products)
    return frozenset(plan for product in held for plan in product.plans)
