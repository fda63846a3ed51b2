"""SHR-07: each headset has one account of its own."""

from __future__ import annotations

from collections.abc import Iterator

from holofleet.checks.case import Case
from holofleet.checks.rule import Fault, NotApplicable, Rule


def _excused(case: Case) -> NotApplicable | None:
    return None if case.deployment.headsets else NotApplicable("the deployment has no headsets yet")


def _check(case: Case) -> Iterator[Fault]:
    without = [item.serial for item in case.deployment.headsets if case.directory.account_of[item.serial] is None]
    if without:
        which = f"headset {without[0]}" if len(without) == 1 else f"{len(without)} headsets"
        yield Fault(
            f"{which} of {case.name} without one account of its own",
            case.place("accounts.users"),
            "Write `accounts: {users: per-headset}`, or an `account` at each headset.",
            "With one account per headset, a PIN and a record of calls belong to that headset. Where accounts go "
            "from headset to headset, nobody can tell which one made a call, and a lost one cannot be locked out "
            "alone.",
        )


RULE = Rule(
    id="SHR-07",
    title="Each headset has one account of its own",
    why="The account is the only trace that a call leaves. One account per headset makes it the trace of that "
    "headset, and lets one headset be locked out without stopping the others.",
    how="Every headset has exactly one account: made by `accounts.users: per-headset`, or named at the headset. "
    "A list of several accounts for all headsets does not do. Whether that account is the one that works on the "
    "headset, its sessions tell. That no account serves two headsets SHR-18 asks for.",
    mend="Write `accounts: {users: per-headset}`.",
    check=_check,
    verification="the sessions of each headset are those of its account",
    excused=_excused,
)
