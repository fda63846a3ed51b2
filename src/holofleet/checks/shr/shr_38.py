"""SHR-38: it is decided what is recorded of shared accounts, and for how long."""

from __future__ import annotations

from collections.abc import Iterator

from holofleet.checks.case import Case
from holofleet.checks.rule import Fault, Rule

_DETAIL = (
    "After an incident, records of sign-ins and calls are all that leads from the account to a person. What was "
    "not kept cannot be asked for later."
)


def _check(case: Case) -> Iterator[Fault]:
    level, days = case.value("accounts.audit.level"), case.value("accounts.audit.keep_days")
    if level is None or days is None:
        missing = "what is recorded" if level is None else "how long records are kept"
        yield Fault(
            f"nothing says {missing} of shared accounts of {case.name}",
            case.place("accounts.audit"),
            "Write `accounts: {audit: {level: sign-ins-and-calls, keep_days: 730}}`.",
            _DETAIL,
        )
        return
    calls = case.value("assist.keep.records_days")
    if level == "sign-ins-and-calls" and calls is not None and calls < days:
        yield Fault(
            f"records of calls of {case.name} go after {calls} days, and the audit promises {days}",
            case.place("assist.keep.records_days"),
            f"Write `assist: {{keep: {{records_days: {days}}}}}`, or promise less in `accounts.audit.keep_days`.",
            _DETAIL,
        )


RULE = Rule(
    id="SHR-38",
    title="It is decided what is recorded of shared accounts, and how long",
    why="Records of a shared account name no person. To find one after an incident, sign-ins, calls and "
    "check-outs have to be laid side by side, and all of them still be there.",
    how="`accounts.audit.level` and `accounts.audit.keep_days` are written; records of calls are kept as long "
    "(`assist.keep.records_days`) where the level holds calls. Sessions without a person the records have to "
    "show.",
    mend="Write `accounts: {audit: {level: sign-ins-and-calls, keep_days: 730}}`.",
    check=_check,
    verification="the records show no session without the person who had checked the headset out",
)
