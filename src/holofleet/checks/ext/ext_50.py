"""EXT-50: something makes up for a password that never expires."""

from __future__ import annotations

from collections.abc import Iterator

from holofleet.checks import passwords
from holofleet.checks.case import Case
from holofleet.checks.rule import Fault, Rule


def _check(case: Case) -> Iterator[Fault]:
    if not case.value("accounts.password.compensation"):
        yield Fault(
            f"passwords of {case.name} never expire, and nothing makes up for it",
            case.place(passwords.KEY),
            "Write `compensation: [nobody knows the password, sign-in on compliant headsets only]`, as it is.",
            "A password that leaked works until somebody notices.",
        )
    if case.value(passwords.RESET) == "never":
        yield Fault(
            f"passwords of {case.name} never expire and are never reset",
            case.place(passwords.RESET),
            "Write `accounts: {password: {reset: on-return}}`.",
            "The first client's headset would sign in with the same password as the tenth one's.",
        )


RULE = Rule(
    id="EXT-50",
    title="Something makes up for a password that never expires",
    why="Without expiry, a stolen password stays good. The guide cites a change every 30 to 90 days; current "
    "advice (NIST SP 800-63B) is against changes by the calendar. We show the figure and enforce none.",
    how="Where passwords never expire, `accounts.password.compensation` says what makes up for it (nobody knows "
    "the password, sign-in from compliant headsets only, alarms on sign-ins), and `reset` is not `never`.",
    mend="Write the `compensation` that there is, and `reset: on-return`.",
    check=_check,
    verification="the directory reports no risky sign-in of these accounts",
    excused=passwords.expires,
)
