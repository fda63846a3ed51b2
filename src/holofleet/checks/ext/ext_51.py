"""EXT-51: passwords of headset accounts live longer than a stay at a client."""

from __future__ import annotations

from collections.abc import Iterator

from holofleet import catalog
from holofleet.checks import passwords
from holofleet.checks.case import Case
from holofleet.checks.rule import Fault, Rule


def _check(case: Case) -> Iterator[Fault]:
    least = catalog.statements()["EXT-51"].params["min_days_exclusive"]
    days = passwords.days(case)
    if days is not None and days <= least and case.value(passwords.RESET) != "on-return":
        yield Fault(
            f"passwords of {case.name} expire after {days} days, and headsets do not come back for it",
            case.place(passwords.KEY),
            f"Write more than {least} days, `never` (EXT-49), or `reset: on-return` (EXT-52).",
            "The account is locked out in the middle of the stay, and the client cannot change a password that it "
            "does not know.",
        )


RULE = Rule(
    id="EXT-51",
    title="Passwords of headset accounts live longer than 90 days",
    why="The usual 90 days end in the middle of a long stay. Validity is a property of a domain, so headset "
    "accounts get a domain of their own for a longer one.",
    how="Where `accounts.password.expires_after_days` is a number, it is above 90; 90 or less is in order where "
    "headsets come back for a change (`reset: on-return`, judged by EXT-52). Expiry rules of the headset itself "
    "are for local accounts and do not count.",
    mend="Write `accounts: {password: {expires_after_days: 120}}`, and set the same for the domain.",
    check=_check,
    verification="the directory shows these days as validity of the accounts' domain",
    excused=passwords.without_days,
)
