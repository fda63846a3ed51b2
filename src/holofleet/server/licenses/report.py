"""What is short, wasted, expiring or lacking: pure, over a :class:`Standing`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from holofleet import catalog
from holofleet.server.licenses.needs import INTUNE, REMOTE_ASSIST, Need, Services, does_something, lacks
from holofleet.server.licenses.rules import PlanRules
from holofleet.server.licenses.values import DIRECT, Grant, Holder, Pool, Standing

SOON = timedelta(days=30)
"""A trial that ends within this time is expiring. Ours."""
_GROUPS_WITHOUT_P1 = frozenset({"ENTERPRISEPACK", "ENTERPRISEPREMIUM"})
"""Products that allow group-based licensing without Entra ID P1: Office 365 E3 and up."""


@dataclass(frozen=True, slots=True)
class PoolStanding:
    """A product's seats.

    Args:
        used: Seats that are taken.
        waiting: Holders who are to get the product and have it from no source.
        short: Seats that would have to be bought for everybody who waits for one; 0 where seats are not it.
        ends_in_days: Until the end of a trial, negative after it; ``None`` where there is none.
        known: False where the catalog does not know the product, so that its plans count for nothing.
    """

    sku: str
    title: str
    seats: int
    used: int
    waiting: int
    short: int
    trial_until: date | None
    ends_in_days: int | None
    known: bool

    @property
    def expiring(self) -> bool:
        """Whether a trial has ended or ends soon."""
        return self.ends_in_days is not None and self.ends_in_days <= SOON.days


@dataclass(frozen=True, slots=True)
class Lack:
    """A service plan that somebody needs and does not have."""

    upn: str
    client: str
    need: Need


@dataclass(frozen=True, slots=True)
class Waste:
    """A seat that serves nobody, and why."""

    upn: str
    client: str
    sku: str
    why: str


@dataclass(frozen=True, slots=True)
class Problem:
    """A license that did not arrive: the words of :class:`LicenseError`, and the group that was to give it."""

    upn: str
    client: str
    sku: str
    group: str
    error: str


@dataclass(frozen=True, slots=True)
class Report:
    """What there is to say about licenses."""

    pools: tuple[PoolStanding, ...]
    problems: tuple[Problem, ...]
    lacking: tuple[Lack, ...]
    wasted: tuple[Waste, ...]

    @property
    def clean(self) -> bool:
        """Whether everybody has what they need, and goes on having it."""
        required = any(lack.need.required for lack in self.lacking)
        return not (self.problems or required or any(pool.expiring or pool.short for pool in self.pools))


def report(standing: Standing, *, rules: PlanRules, today: date) -> Report:
    """Return what there is to say.

    A service is taken to be in use where seats with its plan were bought: our own calls and our own server need
    no license.
    """
    of_holder: dict[str, list[Grant]] = defaultdict(list)
    for grant in standing.grants:
        of_holder[grant.holder].append(grant)
    judge = _Judge(rules, services_of(standing, rules))
    lacking: list[Lack] = []
    wasted: list[Waste] = []
    for key in sorted(standing.holders, key=lambda one: standing.holders[one].upn):
        holder = standing.holders[key]
        judged = judge.of(holder, of_holder.get(key, []))
        wasted += [Waste(holder.upn, holder.client, sku, why) for sku, why in judged.wasted]
        lacking += [Lack(holder.upn, holder.client, need) for need in judged.lacking]
    problems = [
        Problem(
            standing.holders[grant.holder].upn,
            standing.holders[grant.holder].client,
            grant.sku,
            standing.groups.get(grant.source, grant.source),
            str(grant.error),
        )
        for grant in standing.grants
        if grant.error is not None
    ]
    return Report(
        tuple(_pools(standing, today)),
        tuple(sorted(problems, key=lambda one: (one.sku, one.upn, one.group))),
        tuple(lacking),
        tuple(wasted),
    )


@dataclass(frozen=True, slots=True)
class _Judged:
    wasted: tuple[tuple[str, str], ...]
    lacking: tuple[Need, ...]


class _Judge:
    """Judges each kind of holder once: thousands have the same roles and the same licenses."""

    def __init__(self, rules: PlanRules, services: Services) -> None:
        self._rules = rules
        self._services = services
        self._known: dict[Hashable, _Judged] = {}

    def of(self, holder: Holder, grants: list[Grant]) -> _Judged:
        """Return what one lacks and which seats serve nobody."""
        has = tuple((grant.sku, grant.source != DIRECT, grant.disabled, grant.error) for grant in grants)
        kind = (holder.account, holder.roles, holder.here, has)
        if kind not in self._known:
            self._known[kind] = self._judged(holder, grants)
        return self._known[kind]

    def _judged(self, holder: Holder, grants: list[Grant]) -> _Judged:
        needs: tuple[Need, ...] = ()
        if holder.here:
            plans = plans_of(grants, self._rules)
            needs = (*lacks(holder, plans, self._services), *_p1(grants, self._rules))
        return _Judged(
            tuple(_wasted(holder, grants, self._rules)), tuple({need.plan: need for need in needs}.values())
        )


def services_of(standing: Standing, rules: PlanRules) -> Services:
    """Return which services are in use, by what was bought and whose accounts there are."""
    bought = frozenset[str]().union(*(rules.on(pool.sku, frozenset()) for pool in standing.pools if pool.seats))
    accounts = standing.headset_accounts or any(
        holder.here and holder.account != "person" for holder in standing.holders.values()
    )
    return Services(REMOTE_ASSIST in bought, INTUNE in bought, accounts)


def plans_of(grants: Iterable[Grant], rules: PlanRules) -> frozenset[str]:
    """Return the service plans that a user has: of one product from two sources, what either of them lets on.

    A license for a device gives its user nothing.
    """
    return frozenset(
        plan
        for grant in grants
        if grant.active and not _device_only(grant.sku)
        for plan in rules.on(grant.sku, grant.disabled)
    )


def _pools(standing: Standing, today: date) -> Iterator[PoolStanding]:
    have: dict[str, set[str]] = defaultdict(set)
    want: dict[str, set[str]] = defaultdict(set)
    for grant in standing.grants:
        want[grant.sku].add(grant.holder)
        if grant.active:
            have[grant.sku].add(grant.holder)
    pools: Mapping[str, Pool] = {pool.sku: pool for pool in standing.pools}
    for sku in sorted({*pools, *want}):
        pool = pools.get(sku) or Pool(sku, 0)
        known = catalog.licenses().products.get(sku)
        yield PoolStanding(
            sku=sku,
            title=known.title if known is not None else sku,
            seats=pool.seats,
            used=len(have[sku]),
            waiting=len(want[sku] - have[sku]),
            short=max(0, len(want[sku]) - pool.seats),
            trial_until=pool.trial_until,
            ends_in_days=None if pool.trial_until is None else (pool.trial_until - today).days,
            known=known is not None,
        )


def _wasted(holder: Holder, grants: Iterable[Grant], rules: PlanRules) -> Iterator[tuple[str, str]]:
    active = [grant for grant in grants if grant.active]
    skus = sorted({grant.sku for grant in active})
    if not holder.here:
        yield from ((sku, "they left") for sku in skus)
        return
    if not does_something(holder):
        yield from ((sku, "they have no role that a license could serve") for sku in skus)
        return
    plans = {sku: plans_of((grant for grant in active if grant.sku == sku), rules) for sku in skus}
    kept = set(skus)
    for sku in sorted(skus, key=lambda one: (len(plans[one]), one)):
        if _device_only(sku):
            yield sku, "a license for a device gives its user nothing"
            kept.discard(sku)
            continue
        others = frozenset[str]().union(*(plans[other] for other in kept if other != sku))
        if plans[sku] and plans[sku] <= others:
            yield sku, "every service plan of it comes with another product that they have"
            kept.discard(sku)


def _p1(grants: Iterable[Grant], rules: PlanRules) -> Iterator[Need]:
    listed = list(grants)
    by_group = any(grant.active and grant.source != DIRECT for grant in listed)
    allowed = any(grant.active and grant.sku in _GROUPS_WITHOUT_P1 for grant in listed)
    if by_group and not allowed and "AAD_PREMIUM" not in plans_of(listed, rules):
        yield Need("member of a group", "AAD_PREMIUM", "licenses that come by a group need it")


def _device_only(sku: str) -> bool:
    known = catalog.licenses().products.get(sku)
    return known is not None and known.device_only
