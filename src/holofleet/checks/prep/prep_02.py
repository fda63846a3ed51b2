"""PREP-02: accounts live in Entra ID with P1 or P2."""

from __future__ import annotations

from collections.abc import Iterator

from holofleet.checks import joining
from holofleet.checks.case import Case
from holofleet.checks.rule import Fault, Rule


def _check(case: Case) -> Iterator[Fault]:
    if case.spec.model.tenant.edition != "free":
        return
    lost = ", ".join(_lost(case))
    yield Fault(
        f"the tenant has the free edition of Entra ID, and {case.name} declares what needs P1"
        if lost
        else "the tenant has the free edition of Entra ID",
        case.at("tenant", "edition"),
        "Buy P1 for those who sign in and write `edition: P1`, or waive this where nothing of it is needed.",
        f"Without P1 these do not work: {lost}."
        if lost
        else "Nothing that the file declares needs P1 today. Automatic enrollment, Autopilot and licenses by "
        "group would.",
    )


def _lost(case: Case) -> Iterator[str]:
    """Name what the file declares and the free edition does not have."""
    tenant = case.spec.model.tenant
    way = joining.by_itself(case)
    if way:
        yield f"enrolling in the same step ({way})"
    if any(group.licenses for group in case.spec.model.groups):
        yield "licenses by group (groups.licenses)"
    if tenant.password_reset in ("selected", "all"):
        yield "password reset without help (tenant.password_reset)"
    if tenant.state_roaming:
        yield "Enterprise State Roaming (tenant.state_roaming)"


RULE = Rule(
    id="PREP-02",
    title="Accounts live in Entra ID with P1 or P2",
    why="The free edition signs people in and joins headsets. Enrolling in the same step, Autopilot and licenses "
    "by group need P1, and whoever finds out later sets headsets up again.",
    how="`tenant.edition` is P1 or P2. With the free edition the finding names what the deployment declares and "
    "would not get. PREP-03 says that the free edition alone keeps no headset out; we decide that it is in order "
    "for headsets that are enrolled by hand, and still recommend P1: waive the finding where nothing more is "
    "wanted. What was bought is the directory's to confirm.",
    mend="Buy Entra ID P1 for those who sign in and write `tenant: {edition: P1}`.",
    check=_check,
    verification="the products of the tenant hold the plan AAD_PREMIUM or AAD_PREMIUM_P2",
)
