"""PREP-25: the tenant that is there is the one to use, with the edition that was bought."""

from __future__ import annotations

from collections.abc import Iterator

from holofleet.checks import bought
from holofleet.checks.case import Case
from holofleet.checks.rule import Fault, Rule

_P1, _P2 = "AAD_PREMIUM", "AAD_PREMIUM_P2"
_PROVES = {"P1": {_P1, _P2}, "P2": {_P2}}
"""Plans, one of which the tenant has with an edition."""


def _check(case: Case) -> Iterator[Fault]:
    tenant = case.spec.model.tenant
    if tenant.owner is not None and tenant.kind != "service":
        yield Fault(
            f"the file names {tenant.owner.domain} as the owner of the tenant, and the tenant is the owner's own",
            case.at("tenant", "owner"),
            "Take `owner` out and use the tenant that you have, or write `kind: service` for a tenant that only "
            "hosts clients.",
            "An organization with Microsoft 365 or Intune has a tenant already. A second one is for hosting "
            "clients.",
            subject="tenant",
        )
    if bought.told(case):
        yield from _edition(case)


def _edition(case: Case) -> Iterator[Fault]:
    edition, plans = case.spec.model.tenant.edition, bought.plans(case)
    if edition == "free":
        held = sorted(plans & {_P1, _P2})
        summary = f"the tenant is said to have the free edition, and {held[0]} was bought" if held else ""
    else:
        lacks = not plans & _PROVES[edition]
        summary = f"the tenant is said to have {edition}, and no product that was bought holds it" if lacks else ""
    if summary:
        yield Fault(
            summary,
            case.at("tenant", "edition"),
            "Write the edition that the directory shows, or the product that brings it under `licenses`.",
            "What the edition allows is judged by this word. If it is wrong, headsets stop in the middle of "
            "setting up, or something that was paid for is not used.",
            subject="tenant",
        )


RULE = Rule(
    id="PREP-25",
    title="The tenant that is there is used, with the edition that was bought",
    why="Microsoft 365 and Intune come with a tenant. A further one means accounts twice, and an edition that was "
    "guessed shows on the first headset.",
    how="The file has one tenant; another one (`tenant.owner`) stands there only with `kind: service`, which "
    "EXT-47 judges. `tenant.edition` fits `licenses`, where these are listed and the catalog knows all of them: "
    "P1 needs a product with the plan AAD_PREMIUM or AAD_PREMIUM_P2, P2 one with AAD_PREMIUM_P2, and free none "
    "of them. What the tenant really holds, the directory confirms.",
    mend="Write the id of the tenant that you have and the edition that it shows.",
    check=_check,
    verification="the products of the tenant hold the plans of the edition that the file names",
)
