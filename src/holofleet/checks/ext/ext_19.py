"""EXT-19: nobody at the client becomes owner of a headset by signing in first."""

from __future__ import annotations

from collections.abc import Iterator

from holofleet.checks import lockdown, owners
from holofleet.checks.case import Case
from holofleet.checks.rule import Enforced, Fault, Rule

_DETAIL = "An owner sees the whole start menu whatever the kiosk says, and may add and remove users."


def _check(case: Case) -> Iterator[Fault]:
    first = owners.first_account(case)
    if first is None and not owners.without_person(case):
        yield Fault(
            f"nobody of yours is named to sign in first on headsets of {case.name}",
            case.place("enrollment.first_account"),
            "Write `enrollment: {first_account: deployer1@contoso.com}`, or declare Autopilot.",
            _DETAIL + " If nobody signs in before shipping, the client does so first.",
        )
    elif first is not None and owners.lent(case, first):
        yield Fault(
            f"{first}, with which the client signs in, is first on headsets of {case.name}",
            case.place("enrollment.first_account"),
            "Name an account that stays with you.",
            _DETAIL,
            subject=f"user:{first}",
        )
    for owner, position in case.entries("device_owners"):
        if owners.lent(case, owner):
            yield Fault(
                f"{owner}, with which the client signs in, owns headsets of {case.name}",
                position,
                f"Take `{owner}` out of `device_owners`.",
                _DETAIL,
                subject=f"user:{owner}",
            )


RULE = Rule(
    id="EXT-19",
    title="Nobody at the client becomes owner of a headset",
    why="The first user who signs in becomes owner of the headset. If that happens at the client, the kiosk has a "
    "hole from the first day.",
    how="`enrollment.first_account` is an account that no client signs in with, or nobody has to sign in first "
    "(Autopilot, a package); and `device_owners` names no account of a client. Headsets have to report the owners "
    "that the file names; the one that signed in first they tell in their own report.",
    mend="Set the headset up with an account of yours before it ships, or by Autopilot.",
    check=_check,
    nodes=(
        Enforced("./Device/Vendor/MSFT/Policy/Config/LocalUsersAndGroups/Configure", ("device_owners",)),
        lockdown.KIOSK_NODE,
    ),
    verification="the owner of each headset is an account of yours",
)
