"""OFF-07: there is a second factor, and Windows Hello for Business."""

from __future__ import annotations

from collections.abc import Iterator

from holofleet.checks.case import Case
from holofleet.checks.rule import Enforced, Fault, Rule


def _check(case: Case) -> Iterator[Fault]:
    if case.value("sign_in.hello") is not True:
        yield Fault(
            f"{case.name} does not use Windows Hello for Business",
            case.place("sign_in.hello"),
            "Write `sign_in: {hello: true}`.",
            "Its PIN or iris is the only sign-in that works without a network.",
        )
    mfa = case.spec.model.tenant.mfa
    if mfa in (None, "none"):
        yield Fault(
            "nobody asks for a second factor" if mfa else "nothing says who asks for the second factor",
            case.at("tenant", "mfa"),
            "Write `tenant: {mfa: entra}`, or `other` for another provider.",
            "Setting up Windows Hello asks for a second factor. Which provider asks decides which endpoints a "
            "restricted site has to open.",
            subject="tenant",
        )


RULE = Rule(
    id="OFF-07",
    title="There is a second factor, and Windows Hello for Business",
    why="A PIN that was set up with a second factor is bound to one person and one headset. It is what signs "
    "people in when no directory can be asked.",
    how="`sign_in.hello` is true, and `tenant.mfa` names who asks for the second factor. The guide assumes Entra "
    "and allows for others a few lines on: `other` is in order here, closes the endpoint group of OFF-29, and "
    "needs hosts of its own (OFF-40). That each person has a key, only the directory tells.",
    mend="Write `sign_in: {hello: true}` and `tenant: {mfa: entra}`.",
    check=_check,
    nodes=(
        Enforced(
            "./Device/Vendor/MSFT/PassportForWork/{TenantId}/Policies/UsePassportForWork", ("sign_in.hello",)
        ),
    ),
    verification="the directory shows a Windows Hello key of each person on each headset",
)
