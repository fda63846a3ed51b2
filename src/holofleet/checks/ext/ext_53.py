"""EXT-53: coming back for the password does not fit long stays."""

from __future__ import annotations

from collections.abc import Iterator

from holofleet import catalog
from holofleet.checks import loans, passwords
from holofleet.checks.case import Case
from holofleet.checks.rule import Fault, Rule


def _check(case: Case) -> Iterator[Fault]:
    limit = catalog.statements()["EXT-53"].params["loan_days"]
    for index, loan in loans.of(case):
        if loan.returned is not None:
            continue
        stay = max(loan.returns or loan.ships, case.today) - loan.ships
        if stay.days >= limit:
            yield Fault(
                f"{loans.name(loan)} lasts {stay.days} days, and its headsets come back to change passwords",
                case.at("loans", index, "returns") if loan.returns is not None else case.at("loans", index),
                f"Keep stays under {limit} days, or take another way: `expires_after_days: never` with "
                "`compensation`, or more days and another `reset`.",
                "The longer the stay, the surer the password expires in it, whatever was planned.",
            )


RULE = Rule(
    id="EXT-53",
    title="Coming back for the password does not fit stays of 90 days and more",
    why="The guide warns of its own advice: a headset that stays for 90 days or more cannot come back in "
    "between to have the usual 90-day password changed.",
    how="With `accounts.password.reset: on-return` and an expiry in days, no loan that has not ended lasts 90 "
    "days or more, as planned or as it has turned out by today.",
    mend="Shorten the stay, or write `expires_after_days: never` with what makes up for it (EXT-50).",
    check=_check,
    excused=passwords.not_on_return,
)
