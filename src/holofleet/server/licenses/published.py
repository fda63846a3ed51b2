"""Licenses of a State: pools, and who is to get what; and what would come of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from holofleet.resources import Group, LicensePool, State, User
from holofleet.server.licenses.report import Report, report
from holofleet.server.licenses.rules import PlanRules
from holofleet.server.licenses.settling import Seat, settle
from holofleet.server.licenses.values import DIRECT, Demand, Holder, Pool, Standing


@dataclass(frozen=True, slots=True)
class PublishedLicense:
    """A product that the fleet file gives: to an account (``upn``), or to a group (``group``)."""

    sku: str
    upn: str = ""
    group: str = ""
    disabled: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class PublishedLicenses:
    """All that a State says about licenses. ``location`` is where its accounts are used, if it says one place."""

    pools: tuple[Pool, ...] = ()
    licenses: tuple[PublishedLicense, ...] = ()
    locations: tuple[tuple[str, str], ...] = ()


def published_licenses(state: State) -> PublishedLicenses:
    """Return what a State says; pure."""
    pools = tuple(Pool(pool.sku, pool.seats, pool.trial_until) for pool in state.of_kind(LicensePool).values())
    users = state.of_kind(User).values()
    return PublishedLicenses(
        pools,
        (*_of_users(users), *_of_groups(state.of_kind(Group).values())),
        tuple((user.upn.casefold(), user.usage_location) for user in users),
    )


def _of_users(users: Iterable[User]) -> Iterator[PublishedLicense]:
    for user in users:
        for sku in user.licenses:
            off = frozenset(user.disabled_plans.get(sku, ()))
            yield PublishedLicense(sku, upn=user.upn.casefold(), disabled=off)


def _of_groups(groups: Iterable[Group]) -> Iterator[PublishedLicense]:
    for group in groups:
        for sku in group.licenses:
            yield PublishedLicense(sku, group=group.name, disabled=frozenset(group.disabled_plans.get(sku, ())))


def forecast(
    state: State,
    *,
    rules: PlanRules,
    today: date,
    more: Iterable[Demand] = (),
    seated: frozenset[Seat] = frozenset(),
) -> Report:
    """Return what a State would come to, before it is applied; pure.

    Args:
        state: Compiled for a target that carries the directory.
        rules: What the directory checks beside seats.
        today: The day on which trials are judged.
        more: What is assigned beside the State, by UPN.
        seated: Who has which product now, by UPN: they keep their seats.
    """
    said = published_licenses(state)
    holders = {holder.key: holder for holder in _holders(state)}
    extra = tuple(more)
    for demand in extra:
        holders.setdefault(demand.holder, Holder(demand.holder, demand.holder, roles=frozenset({"unknown"})))
    demands = [*_demands(state, said), *extra]
    grants = settle(said.pools, holders, demands, rules=rules, seated=seated, location=_tenant_location(said))
    return report(Standing(said.pools, holders, grants), rules=rules, today=today)


def _holders(state: State) -> Iterator[Holder]:
    for user in state.of_kind(User).values():
        upn = user.upn.casefold()
        yield Holder(upn, upn, user.client, user.account, frozenset(user.roles), user.usage_location)


def _demands(state: State, said: PublishedLicenses) -> Iterator[Demand]:
    members = {group.name: group.members for group in state.of_kind(Group).values()}
    for order, given in enumerate(said.licenses):
        if given.group:
            for upn in members[given.group]:
                yield Demand(upn.casefold(), given.sku, given.group, given.disabled, order)
        else:
            yield Demand(given.upn, given.sku, DIRECT, given.disabled, order)


def _tenant_location(said: PublishedLicenses) -> str | None:
    named = {where for _, where in said.locations if where}
    return min(named) if len(named) == 1 else None
