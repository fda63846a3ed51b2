"""Licenses of a deployment's accounts: who lacks a service plan, and where the file would give it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from holofleet import catalog
from holofleet.checks import calls, sharing
from holofleet.checks.case import Case
from holofleet.checks.rule import Fault, Rule
from holofleet.diagnostics import Position


def lacking(case: Case, plan: str) -> tuple[str, ...]:
    """Return the accounts that no license gives a service plan; a license for a device gives its user nothing."""
    return tuple(
        upn
        for grants, upns in case.directory.alike(case.deployment).items()
        if not any(plan in grant.plans and not grant.device_only for grant in grants)
        for upn in upns
    )


def lacks(case: Case, plan: str, detail: str) -> Iterator[Fault]:
    """Yield the fault that accounts lack a service plan, at the place where the file gives licenses."""
    without = lacking(case, plan)
    if without:
        title = catalog.licenses().plans[plan].title
        products = ", ".join(product.sku for product in catalog.licenses().with_plan(plan)[:2])
        yield Fault(
            f"{told(without)} of {case.name} without the service plan {plan} ({title})",
            place(case, without),
            f"Add a product with the plan ({products}) to the licenses of their group.",
            detail,
        )


def place(case: Case, upns: Iterable[str]) -> Position:
    """Return where licenses of accounts are given: their first group, else the accounts of the deployment."""
    some = set(upns)
    for index, group in enumerate(case.spec.model.groups):
        if case.directory.members[group.name] & some:
            return case.at("groups", index, "licenses") if group.licenses else case.at("groups", index)
    return case.place("accounts.licenses" if case.deployment.says("accounts.licenses") else "accounts")


def told(upns: Sequence[str]) -> str:
    """Name one account, or count several."""
    return f"account {upns[0]}" if len(upns) == 1 else f"{len(upns)} accounts"


def for_calls(id_: str, noun: str, plan: str, *, why: str, detail: str) -> Rule:
    """Return the rule that every account has a service plan without which the vendor's calls do not work.

    Args:
        id_: The statement.
        noun: What the plan is for, as people call it.
        plan: The service plan.
        why: Why it matters, for the rule's page.
        detail: What an account without it meets, for the finding.
    """
    return Rule(
        id=id_,
        title=f"Shared accounts have a license for {noun}",
        why=why,
        how=f"For a deployment with `assist.product: remote-assist`, every account gets the service plan {plan}: "
        "directly, by `accounts.licenses` or by a group, and it does not stand in `disabled_plans`. Products "
        "that the catalog does not know count for nothing: waive the statement where yours holds the plan. Calls "
        "of our own product need no such license. The directory has to confirm the plan.",
        mend=f"Give the group of the accounts a product that holds {plan}, without switching the plan off.",
        check=lambda case: lacks(case, plan, detail),
        verification=f"the directory shows the plan {plan} as provisioned for each account",
        excused=lambda case: calls.ours(case) or sharing.no_accounts(case),
    )
