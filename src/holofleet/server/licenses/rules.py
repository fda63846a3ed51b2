"""Which service plans get on with which, and where products are not sold.

Entitlement itself (the plans of each product) is the catalog's. These few rules are general knowledge of the
directory service, not read in its documentation: they may lack one, and the directory has the last word.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

NOT_SOLD_IN = frozenset({"CU", "IR", "KP", "SY"})


@dataclass(frozen=True, slots=True)
class PlanRules:
    """What the directory checks beside seats.

    Args:
        plans: Service plans by SKU part number; a product that is not here brings none that we know.
        needs: By plan, the plans that it needs.
        exclusive: Sets of plans of which one can be on.
    """

    plans: Mapping[str, frozenset[str]]
    needs: Mapping[str, frozenset[str]] = field(
        default_factory=lambda: {"MICROSOFT_REMOTE_ASSIST": frozenset({"CDS_REMOTE_ASSIST"})}
    )
    exclusive: tuple[frozenset[str], ...] = (frozenset({"EXCHANGE_S_STANDARD", "EXCHANGE_S_ENTERPRISE"}),)

    def on(self, sku: str, disabled: frozenset[str]) -> frozenset[str]:
        """Return the plans of a product that are on."""
        return self.plans.get(sku, frozenset()) - disabled


def rules_of_the_catalog() -> PlanRules:
    """Return the rules over the products of the catalog."""
    from holofleet import catalog

    return PlanRules({sku: frozenset(product.plans) for sku, product in catalog.licenses().products.items()})
