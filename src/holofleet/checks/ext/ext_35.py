"""EXT-35: nobody is to be called on a headset by a headset."""

from __future__ import annotations

from collections.abc import Iterator

from holofleet.checks import experts
from holofleet.checks.case import Case
from holofleet.checks.rule import Fault, Rule


def _check(case: Case) -> Iterator[Fault]:
    headsets = {upn for accounts in case.directory.accounts.values() for upn in accounts}
    for name, position in experts.named(case):
        worn = sorted(experts.upns(case, name) & headsets)
        if worn:
            who = worn[0] if worn == [name] else f"{name} with {worn[0]}"
            yield Fault(
                f"headsets of {case.name} may call {who}, who signs in on a headset",
                position,
                "Take the account out of the group, or name experts who take calls at a desk.",
                "A headset cannot call a headset. Who is called sits at a PC or holds a phone.",
            )


RULE = Rule(
    id="EXT-35",
    title="Headsets do not call headsets",
    why="A call has a wearer and an expert. Two headsets cannot call each other, in Remote Assist or in "
    "holofleet, and whoever plans with it finds out at the client.",
    how="None of those who may be called (`clients[].experts`, `assist.experts`) is an account that signs in on a "
    "headset of this file, by name or as a member of a group.",
    mend="Name experts who take calls at a desk.",
    check=_check,
    verification="no call has headsets at both ends",
)
