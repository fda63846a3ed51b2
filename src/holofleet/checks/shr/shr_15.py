"""SHR-15: what makes group-based licensing fail is out of the way."""

from __future__ import annotations

from collections.abc import Iterator

from holofleet.checks.case import Case
from holofleet.checks.directory import Grant
from holofleet.checks.rule import Fault, NotApplicable, Rule


def _by_groups(case: Case) -> tuple[Grant, ...]:
    """Return what groups give to the accounts, each product of a group once."""
    found = (grant for grants in case.directory.alike(case.deployment) for grant in grants)
    return tuple(dict.fromkeys(grant for grant in found if grant.group))


def _excused(case: Case) -> NotApplicable | None:
    return None if _by_groups(case) else NotApplicable("no group gives licenses to its accounts")


def _check(case: Case) -> Iterator[Fault]:
    grants = _by_groups(case)
    if case.spec.model.tenant.edition == "free":
        yield Fault(
            f"the group {grants[0].group} gives licenses, and the tenant has the free edition",
            case.at("tenant", "edition"),
            "Buy Entra ID P1 and write `edition: P1`, or give licenses directly: `accounts: {licenses: [...]}`.",
            "Licenses by groups need Entra ID P1 for everybody who gets them.",
        )
    lots = {lot.sku: index for index, lot in enumerate(case.spec.model.licenses)}
    for grant in {grant.sku: grant for grant in grants}.values():
        yield from _seats(case, grant, lots.get(grant.sku))


def _seats(case: Case, grant: Grant, lot: int | None) -> Iterator[Fault]:
    needed = len(case.directory.holders[grant.sku])
    seats = case.spec.model.licenses[lot].seats if lot is not None else 0
    if needed > seats:
        yield Fault(
            f"the group {grant.group} gives {grant.sku}: {needed} accounts need a seat, and there are {seats}",
            case.at(*grant.path) if lot is None else case.at("licenses", lot, "seats"),
            f"Buy seats and write `licenses: [{{sku: {grant.sku}, seats: {needed}}}]`, or take accounts out of "
            "the group.",
            "When one product of a group cannot be given to a member, that member gets none of the group's "
            "products, and nothing but an error at the group says so.",
        )


RULE = Rule(
    id="SHR-15",
    title="What makes group-based licensing fail is out of the way",
    why="Licenses by groups are given in the background. When it fails for a member, the member gets nothing of "
    "that group, and an error at the group is all that one sees.",
    how="For each product that a group gives to shared accounts there are as many seats in `licenses` as "
    "accounts and people who get it, in whatever way; and the tenant has P1. The other known causes cannot occur "
    "in a fleet file: groups do not hold groups, and everybody has the country of the organization. What failed, "
    "the directory tells.",
    mend="Buy the missing seats, or give the product to fewer accounts.",
    check=_check,
    verification="the directory shows no account with an error of its licenses",
    excused=_excused,
)
