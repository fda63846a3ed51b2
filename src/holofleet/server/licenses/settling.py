"""Who gets a seat: the semantics of group-based licensing, as a pure function.

A *unit* is what is assigned together: for one holder all products of one group, or one product directly. A unit is
all or nothing. Units whose products are all held already come first, so that nobody loses a seat to a newcomer;
then what is direct before what comes by a group; then the older. One product from two sources takes one seat.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass

from holofleet.server.licenses.rules import NOT_SOLD_IN, PlanRules
from holofleet.server.licenses.values import DIRECT, Demand, Grant, Holder, LicenseError, Pool

Seat = tuple[str, str]
"""Holder and SKU."""


@dataclass(frozen=True, slots=True, eq=False)
class _Unit:
    """What is assigned together; a unit is itself, so that a hundred thousand of them are told apart cheaply."""

    holder: str
    source: str
    demands: tuple[Demand, ...]

    @property
    def order(self) -> int:
        return min(demand.order for demand in self.demands)


def settle(
    pools: Iterable[Pool],
    holders: Mapping[str, Holder],
    demands: Iterable[Demand],
    *,
    rules: PlanRules,
    seated: Set[Seat] = frozenset(),
    elsewhere: Mapping[str, int] | None = None,
    location: str | None = None,
) -> tuple[Grant, ...]:
    """Decide what becomes of every demand; whoever left gets nothing, without an error.

    Args:
        pools: Seats that were bought; of a product without a pool there is none.
        holders: Everybody whom a demand names; demands of others are passed over.
        demands: Who is to get what.
        rules: What the directory checks beside seats.
        seated: Who has which product now.
        elsewhere: Seats by SKU that are taken by holders who are not considered here.
        location: Usage location of the tenant, which members of groups inherit.
    """
    seats = {pool.sku: pool.seats - (elsewhere or {}).get(pool.sku, 0) for pool in pools}
    units = sorted(_units(demands, holders), key=lambda unit: _rank(unit, seated))
    banned: set[_Unit] = set()
    while True:
        grants = _serve(units, banned, seats, holders, rules, location)
        orphans = _orphans(units, grants, rules) - banned
        if not orphans:
            return tuple(grant for unit in units for grant in grants[unit])
        banned |= orphans


def _units(demands: Iterable[Demand], holders: Mapping[str, Holder]) -> list[_Unit]:
    found: dict[tuple[str, str, str], dict[str, Demand]] = defaultdict(dict)
    for demand in demands:
        holder = holders.get(demand.holder)
        if holder is not None and holder.here:
            alone = demand.sku if demand.source == DIRECT else ""
            found[demand.holder, demand.source, alone].setdefault(demand.sku, demand)
    return [
        _Unit(holder, source, tuple(of_sku[sku] for sku in sorted(of_sku)))
        for (holder, source, _), of_sku in found.items()
    ]


def _rank(unit: _Unit, seated: Set[Seat]) -> tuple[bool, bool, int, str, str, str]:
    held = all((unit.holder, demand.sku) in seated for demand in unit.demands)
    return (not held, unit.source != DIRECT, unit.order, unit.holder, unit.source, unit.demands[0].sku)


def _serve(
    units: Iterable[_Unit],
    banned: Set[_Unit],
    seats: Mapping[str, int],
    holders: Mapping[str, Holder],
    rules: PlanRules,
    location: str | None,
) -> dict[_Unit, tuple[Grant, ...]]:
    free = dict(seats)
    held: dict[str, set[str]] = defaultdict(set)
    plans: dict[str, set[str]] = defaultdict(set)
    grants: dict[_Unit, tuple[Grant, ...]] = {}
    for unit in units:
        has = held[unit.holder]
        errors = (
            {demand.sku: LicenseError.DEPENDENCY for demand in unit.demands if _needing(demand, rules)}
            if unit in banned
            else _errors(unit, holders[unit.holder], has, plans[unit.holder], free, rules, location)
        )
        if not errors:
            for demand in unit.demands:
                if demand.sku not in has:
                    has.add(demand.sku)
                    free[demand.sku] -= 1
                plans[unit.holder] |= rules.on(demand.sku, demand.disabled)
        grants[unit] = tuple(
            Grant(
                unit.holder,
                demand.sku,
                unit.source,
                demand.disabled,
                errors.get(demand.sku, LicenseError.OTHER) if errors else None,
            )
            for demand in unit.demands
        )
    return grants


def _errors(
    unit: _Unit,
    holder: Holder,
    has: Set[str],
    plans: Set[str],
    free: Mapping[str, int],
    rules: PlanRules,
    location: str | None,
) -> dict[str, LicenseError]:
    """Return what keeps products of a unit from being assigned; empty where nothing does."""
    where = holder.location or (location if unit.source != DIRECT else holder.location)
    if where == "" or (where or "").upper() in NOT_SOLD_IN:
        return {demand.sku: LicenseError.LOCATION for demand in unit.demands}
    found: dict[str, LicenseError] = {}
    together = set(plans)
    for demand in unit.demands:
        together |= rules.on(demand.sku, demand.disabled)
    for demand in unit.demands:
        own = rules.on(demand.sku, demand.disabled)
        if any(own & some and len(together & some) > 1 for some in rules.exclusive):
            found[demand.sku] = LicenseError.EXCLUSIVE
        elif demand.sku not in has and free.get(demand.sku, 0) < 1:
            found[demand.sku] = LicenseError.COUNT
    return found


def _needing(demand: Demand, rules: PlanRules) -> bool:
    return bool(rules.on(demand.sku, demand.disabled) & rules.needs.keys())


def _orphans(units: Iterable[_Unit], grants: Mapping[_Unit, tuple[Grant, ...]], rules: PlanRules) -> set[_Unit]:
    """Return units that were served with a plan whose needs no served unit of the holder meets."""
    plans: dict[str, set[str]] = defaultdict(set)
    served = [unit for unit in units if grants[unit][0].active]
    for unit in served:
        for demand in unit.demands:
            plans[unit.holder] |= rules.on(demand.sku, demand.disabled)
    return {
        unit
        for unit in served
        for demand in unit.demands
        for plan in rules.on(demand.sku, demand.disabled)
        if not rules.needs.get(plan, frozenset()) <= plans[unit.holder]
    }
