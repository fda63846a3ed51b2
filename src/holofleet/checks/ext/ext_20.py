"""EXT-20: who joins a headset is its owner, so somebody of yours does, or nobody."""

from __future__ import annotations

from collections.abc import Iterator

from holofleet.checks import owners
from holofleet.checks.case import Case
from holofleet.checks.rule import Fault, NotApplicable, Rule

_ALWAYS_OWNERS = frozenset({"global administrator", "microsoft entra joined device local administrator"})


def _excused(case: Case) -> NotApplicable | None:
    if case.value("enrollment.join") == "mdm-only":
        return NotApplicable("headsets are not joined to Entra ID (enrollment.join)")
    return None


def _check(case: Case) -> Iterator[Fault]:
    place = case.place("enrollment.first_account")
    first = owners.first_account(case)
    if owners.without_person(case):
        yield from _nobody(case)
    elif first is None:
        yield Fault(
            f"nothing says who joins headsets of {case.name} to the directory",
            place,
            "Write `enrollment: {first_account: deployer1@contoso.com}`, or declare Autopilot.",
            "Whoever joins a headset owns it, in the directory as well as on the headset.",
        )
    elif owners.lent(case, first):
        yield Fault(
            f"{first}, with which the client signs in, joins headsets of {case.name}",
            place,
            "Name an account that stays with you.",
            "Whoever joins a headset owns it; undoing that takes a reset.",
            subject=f"user:{first}",
        )
    elif first in case.directory.people and case.directory.people[first][1].guest:
        yield Fault(
            f"{first}, who joins headsets of {case.name}, is a guest",
            place,
            "Name a member of the tenant.",
            "The headset would belong to an account that another organization looks after.",
            subject=f"user:{first}",
        )


def _nobody(case: Case) -> Iterator[Fault]:
    roles = {role.casefold() for person in case.spec.model.people for role in person.directory_roles}
    if not case.value("device_owners") and roles.isdisjoint(_ALWAYS_OWNERS):
        yield Fault(
            f"headsets of {case.name} are joined without a person, and nobody is made their owner",
            case.place("device_owners"),
            "Write `device_owners: [deployer1@contoso.com]` with an account of yours.",
            "With Autopilot or a package nobody becomes owner by joining. The kiosk's way out for owners then "
            "leads nowhere.",
        )


RULE = Rule(
    id="EXT-20",
    title="Somebody of yours joins the headset, or nobody and owners are named",
    why="On a joined headset, whoever joined it is owner. With Autopilot or a package that is no person, and only "
    "those with a directory-wide role or those you name are owners.",
    how="`enrollment.first_account` joins: it is no account of a client and no guest. Where nobody joins, "
    "`device_owners` names somebody, or one of `people` holds a role that owns every device (Global "
    "Administrator, Microsoft Entra Joined Device Local Administrator).",
    mend="Name an account of yours in `enrollment.first_account`, or with Autopilot in `device_owners`.",
    check=_check,
    verification="the directory shows no account of a client as registered owner",
    excused=_excused,
)
