"""EXT-05: everybody signs in with a work account of their own."""

from __future__ import annotations

from collections.abc import Iterator

from holofleet.checks.case import Case
from holofleet.checks.rule import Enforced, Fault, Rule

_ACCOUNTS = "./Device/Vendor/MSFT/Policy/Config/Accounts/AllowMicrosoftAccountConnection"


def _check(case: Case) -> Iterator[Fault]:
    kind = case.value("accounts.kind")
    if kind != "individual" and "shared-identity" not in case.deployment.scenarios:
        yield Fault(
            f"accounts of {case.name} are {kind}, without the guide for shared ones",
            case.place("accounts.kind"),
            "Write `accounts: {kind: individual}`, or add `shared-identity` to `scenario`.",
            "An account that several people use needs what the guide for shared identities asks for: no record "
            "would otherwise say who it was.",
        )
    if case.value("restrictions.microsoft_accounts") is not False:
        yield Fault(
            f"people of {case.name} may add personal Microsoft accounts",
            case.place("restrictions.microsoft_accounts"),
            "Write `restrictions: {microsoft_accounts: false}`.",
            "A personal account takes what is on the headset to a place that you cannot see.",
        )


RULE = Rule(
    id="EXT-05",
    title="Everybody signs in with a work account of their own",
    why="With one account per person, licenses, rights and records fit the person. A personal account beside it "
    "is a way out for data; a shared one blurs who did what.",
    how="`accounts.kind` is `individual`; a shared kind is in order where the deployment names the scenario "
    "`shared-identity` as well and so has its rules. `restrictions.microsoft_accounts` is false, and headsets "
    "have to report that.",
    mend="Write `accounts: {kind: individual}` and `restrictions: {microsoft_accounts: false}`.",
    check=_check,
    nodes=(Enforced(_ACCOUNTS, ("restrictions.microsoft_accounts",)),),
    verification="only accounts of the tenant's domains appear in the sign-ins of the headsets",
)
