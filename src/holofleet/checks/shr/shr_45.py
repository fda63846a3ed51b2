"""SHR-45: users register no applications."""

from __future__ import annotations

from collections.abc import Iterator

from holofleet.checks.case import Case
from holofleet.checks.rule import Fault, Rule


def _check(case: Case) -> Iterator[Fault]:
    if case.spec.model.tenant.user_app_registration is True:
        yield Fault(
            "every user of the tenant, shared accounts as well, may register applications",
            case.at("tenant", "user_app_registration"),
            "Switch it off in the portal and write `tenant: {user_app_registration: false}`.",
            "Whoever wears the headset could register an application in the name of the account and give it "
            "access to what the account reaches; it stays when the headset is locked out.",
        )


RULE = Rule(
    id="SHR-45",
    title="Users register no applications",
    why="Every user may register applications until somebody switches that off. An application that many people "
    "could have registered has no owner whom one could ask.",
    how="`tenant.user_app_registration` is not `true`. The file says how it should stand; a person looks how it "
    "does stand in the portal, and attests it. Until then the statement waits; an attestation that has ended is "
    "a finding.",
    mend="Switch it off in the portal, write `tenant: {user_app_registration: false}`, and attest it.",
    check=_check,
    attestation="look in the portal whether users may register applications",
)
