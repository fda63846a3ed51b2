"""EXT-16: licenses come by the group, and there are enough."""

from __future__ import annotations

from collections.abc import Iterator

from holofleet.checks import sharing
from holofleet.checks.case import Case
from holofleet.checks.rule import Fault, Rule


def _check(case: Case) -> Iterator[Fault]:
    accounts = case.directory.accounts[case.name]
    grants = [grant for upn in accounts for grant in case.directory.grants(case.deployment, upn)]
    if not any(grant.group for grant in grants):
        yield Fault(
            f"no group gives licenses to the accounts of {case.name}",
            case.deployment.position,
            "Write `licenses` at the group that holds the accounts.",
            "Licenses that are given one by one are forgotten for the next headset.",
        )
    for path in dict.fromkeys(grant.path for grant in grants if not grant.group):
        yield Fault(
            f"{case.name} gives a license account by account",
            case.at(*path),
            "Write the product in `licenses` of the group that holds the accounts, and take it away here.",
            "A product that comes both ways needs care twice, and stays with the account after it left the group.",
        )
    yield from _seats(case, sorted({grant.sku for grant in grants}))


def _seats(case: Case, skus: list[str]) -> Iterator[Fault]:
    pool = {item.sku: (index, item.seats) for index, item in enumerate(case.spec.model.licenses)}
    for sku in skus:
        needed = len(case.directory.holders[sku])
        index, seats = pool.get(sku, (None, 0))
        if seats < needed:
            yield Fault(
                f"{_count(needed, 'account gets', 'accounts get')} {sku}, and "
                f"{_count(seats, 'seat of it was', 'seats of it were')} bought",
                case.at("licenses", index, "seats") if index is not None else case.at("licenses"),
                f"Buy {needed - seats} more, or take accounts out of the groups that give it.",
                "The accounts that come too late get an error instead of the license, and nobody is told.",
                subject=f"license:{sku}",
            )


def _count(number: int, one: str, more: str) -> str:
    return f"{number} {one if number == 1 else more}"


RULE = Rule(
    id="EXT-16",
    title="Licenses come by the group, and there are enough",
    why="The directory gives a group's licenses to its members for as long as there are seats, and says nothing "
    "when there are none left.",
    how="The accounts of the deployment get products by a group (`groups[].licenses`) and none one by one. For "
    "each product, `licenses` has as many seats as there are accounts that get it in any way, each counted "
    "once. The usage location that licenses need is `organization.country`. Errors of single members only the "
    "directory knows.",
    mend="Write `licenses` at the group, and as many seats as there are members.",
    check=_check,
    verification="the directory shows no member of the group with a license error",
    excused=sharing.no_accounts,
)
