"""SHR-17: the account that is set up on a headset is that headset's own."""

from __future__ import annotations

from collections.abc import Iterator

from holofleet.checks import sharing
from holofleet.checks.case import Case
from holofleet.checks.rule import Fault, Rule


def _check(case: Case) -> Iterator[Fault]:
    first = case.value("enrollment.first_account")
    if first not in case.directory.accounts[case.name]:
        return
    others = [item.serial for item in case.deployment.headsets if case.directory.account_of[item.serial] != first]
    if others:
        which = f"headset {others[0]}" if len(others) == 1 else f"{len(others)} headsets"
        yield Fault(
            f"{first} sets up {which} of {case.name} that have another account",
            case.place("enrollment.first_account"),
            "Name an account that belongs to no headset, or use Autopilot: `enrollment: {first_account: none}`.",
            "The shared account of one headset would be the first one on others as well: its PIN is set up "
            "there, and it owns them from then on.",
        )


RULE = Rule(
    id="SHR-17",
    title="The account that is set up on a headset is that headset's own",
    why="Setting a headset up binds an account to it. Done with the account of another headset, two headsets "
    "answer to the same name, and the wrong one keeps its PIN.",
    how="`enrollment.first_account` is not the shared account of some other headset. We decide what the guide "
    "leaves open: who signs in first owns a headset, and a kiosk usually spares owners, so that Autopilot or an "
    "account that only sets headsets up comes first, and the headset's own account is set up right after it, "
    "with its PIN. That the profile on the headset is its own account's is confirmed by its sessions.",
    mend="Use Autopilot, or name an account of your own that sets headsets up and signs in on none.",
    check=_check,
    verification="the profile that was set up on each headset is that of its account",
    excused=sharing.no_accounts,
)
