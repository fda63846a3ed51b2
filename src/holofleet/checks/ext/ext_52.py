"""EXT-52: headsets come back before the password expires."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from holofleet.checks import loans, passwords
from holofleet.checks.case import Case
from holofleet.checks.rule import Fault, Rule


def _check(case: Case) -> Iterator[Fault]:
    days = passwords.days(case)
    for index, loan in loans.of(case):
        if loan.returned is not None or days is None:
            continue
        last = loan.ships + timedelta(days=days)
        back = max(loan.returns or case.today, case.today)
        if back > last:
            yield Fault(
                f"{loans.name(loan)} lasts beyond {last}, the day on which passwords of {case.name} expire",
                case.at("loans", index, "returns") if loan.returns is not None else case.at("loans", index),
                f"Have the headsets back by {last}, or let passwords live longer.",
                "From that day on nobody signs in on them until the password is changed, which only you can do.",
            )


RULE = Rule(
    id="EXT-52",
    title="Headsets come back before the password expires",
    why="Changing the password while the headset is with you keeps it from the client. It works only if the "
    "headset is back in time.",
    how="With `accounts.password.reset: on-return` and a number of days, each loan that has not ended is back "
    "(`returns`, or today if that has passed) no later than those days after it shipped, taking the password to "
    "be set on the day of shipping.",
    mend="Bring `returns` forward, or raise `accounts.password.expires_after_days`.",
    check=_check,
    verification="the directory shows when each password expires",
    excused=passwords.not_on_return,
)
