"""EXT-43: to begin with, licenses for calls, management and sign-in suffice."""

from __future__ import annotations

from collections.abc import Iterator

from holofleet.checks.case import Case
from holofleet.checks.products import FOR_CALLS, assigned
from holofleet.checks.rule import Fault, Rule


def _check(case: Case) -> Iterator[Fault]:
    for path, product in assigned(case).items():
        if product.sku not in FOR_CALLS:
            yield Fault(
                f"accounts of {case.name} get {product.sku}, which goes beyond calls, management and sign-in",
                case.at(*path),
                f"Take `{product.sku}` away, or waive this rule with what it is needed for.",
                "Begin with Remote Assist (where calls run in it), Intune (where it manages) and Entra ID P1; add "
                "what turns out to be missing.",
            )


RULE = Rule(
    id="EXT-43",
    title="To begin with, licenses for calls, management and sign-in suffice",
    why="It is easy to add a license that is missed and hard to take one away that somebody got used to.",
    how="Accounts of the deployment get no products but Remote Assist, Intune and Entra ID, or the bundle of the "
    "latter two. Calls in holofleet need no Remote Assist, our own server no Intune. What is assigned in fact the "
    "directory tells.",
    mend="Take the product away, or say in a waiver what it is for.",
    check=_check,
    verification="the directory shows no further products on the accounts",
)
