"""PREP-09: people sign in with accounts of the directory."""

from __future__ import annotations

from collections.abc import Iterator

from holofleet.checks import domains
from holofleet.checks.case import Case
from holofleet.checks.rule import Enforced, Fault, Rule

_KEY = "restrictions.microsoft_accounts"
_DETAIL = "An account that the directory does not know can be neither licensed nor locked by the organization."


def _check(case: Case) -> Iterator[Fault]:
    for domain, upns in domains.signing_in(case):
        if domains.personal(domain):
            yield Fault(
                f"{case.name} signs in with {domains.told(upns)}: {domain} is for private persons",
                domains.place(case, upns[0]),
                "Sign in with accounts of the tenant.",
                _DETAIL,
            )
    if case.value(_KEY) is not False:
        yield Fault(
            f"people of {case.name} may sign in with personal Microsoft accounts",
            case.place(_KEY),
            "Write `restrictions: {microsoft_accounts: false}`, or leave it to the scenario.",
            _DETAIL,
        )
    for profile, position in case.entries("kiosk.profiles"):
        if profile.visitors:
            yield Fault(
                f"the kiosk of {case.name} lets people in without an account",
                position,
                "Give visitors an account of the tenant, and write `user` or `group` instead of `visitors`.",
                "Nobody can tell later who wore the headset, and calls have no caller.",
            )
        if profile.local_account is not None:
            yield Fault(
                f"the kiosk of {case.name} is for the local account {profile.local_account}",
                position,
                "Give its people accounts of the tenant, and write `user` or `group` instead of `local_account`.",
                _DETAIL,
            )


RULE = Rule(
    id="PREP-09",
    title="People sign in with accounts of the directory",
    why="Licenses, calls, rights and records all hang on an account of the directory. A personal account, or "
    "none, is outside of all of them.",
    how="None of the accounts that sign in on headsets is of a domain for personal Microsoft accounts, "
    "`restrictions.microsoft_accounts` is false, and the kiosk has no profile for visitors, who have no account, "
    "or for local accounts. The local account of a provisioning package is no part of this: it is for headsets "
    "that never reach a directory. Headsets have to report personal accounts as not allowed.",
    mend="Name accounts of the tenant and leave `restrictions.microsoft_accounts` to the scenario.",
    check=_check,
    nodes=(Enforced("./Device/Vendor/MSFT/Policy/Config/Accounts/AllowMicrosoftAccountConnection", (_KEY,)),),
    verification="headsets report accounts of the directory only",
)
