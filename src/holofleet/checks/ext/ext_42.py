"""EXT-42: accounts at clients get no licenses for mail, files and the like."""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase

from holofleet import catalog
from holofleet.checks.case import Case
from holofleet.checks.products import BEYOND_CALLS, FOR_CALLS, assigned
from holofleet.checks.rule import Fault, Rule

_KINDS = {"EXCHANGE_S_*": "mail", "SHAREPOINT*": "files", "ONEDRIVE*": "files", "YAMMER_ENTERPRISE": "Yammer"}
"""What a plan brings. OneDrive stands on SharePoint: many products have one plan for both."""


def _check(case: Case) -> Iterator[Fault]:
    patterns = catalog.statements()["EXT-42"].params["forbidden_plans"]
    for path, product in assigned(case).items():
        if product.sku in FOR_CALLS or product.sku in BEYOND_CALLS:
            continue
        off = {_KINDS[p] for p in patterns for plan in product.disabled_plans if fnmatchcase(plan, p)}
        left = [pattern for pattern in patterns if _KINDS[pattern] not in off]
        if left:
            yield Fault(
                f"accounts of {case.name} get {product.sku}, which may bring {_told(left)}",
                case.at(*path),
                f"Give a product without them, or switch them off in `disabled_plans` ({', '.join(left)}).",
                "What an account may open, whoever wears the headset may open.",
            )


def _told(patterns: list[str]) -> str:
    return ", ".join(dict.fromkeys(_KINDS[pattern] for pattern in patterns))


RULE = Rule(
    id="EXT-42",
    title="Accounts at clients get no mail and no files",
    why="A suite brings mail, files and a social network along. On a headset at a client nobody of yours uses "
    "them, and everybody could.",
    how="Products that hold nothing but calls, device management and sign-in are in order. Any other product "
    "that an account of the deployment gets has to switch off a plan of each kind in `disabled_plans`: "
    "EXCHANGE_S_*, SHAREPOINT* or ONEDRIVE*, YAMMER_ENTERPRISE. Which plans are on in fact the directory tells.",
    mend="Give the small products of EXT-43, or name the plans in `disabled_plans`.",
    check=_check,
    verification="the directory shows none of these plans as on for the accounts",
)
