"""EXT-17: what management gives to groups reaches the accounts that it is meant for."""

from __future__ import annotations

from collections.abc import Iterator

from holofleet.checks.case import Case
from holofleet.checks.rule import Fault, NotApplicable, Rule


def _excused(case: Case) -> NotApplicable | None:
    if any(profile.group for profile in case.value("kiosk.profiles") or ()):
        return None
    return NotApplicable("nothing on its headsets is meant for a group (kiosk.profiles)")


def _check(case: Case) -> Iterator[Fault]:
    groups = {group.name: (index, group) for index, group in enumerate(case.spec.model.groups)}
    concerned = {*case.directory.accounts[case.name], *(case.value("device_owners") or ())}
    for profile, position in case.entries("kiosk.profiles"):
        if profile.group is None:
            continue
        index, group = groups[profile.group]
        if group.object_id is None:
            yield Fault(
                f"the group {group.name}, for which {case.name} has a kiosk, has no object_id",
                case.at("groups", index),
                "Write `object_id` with the id that the directory shows.",
                "A headset knows groups by that id only.",
            )
        members = case.directory.members[group.name]
        if members and members.isdisjoint(concerned):
            yield Fault(
                f"{case.name} has a kiosk for the group {group.name}, in which nobody uses its headsets",
                position,
                "Name a group of people who sign in on the headsets, or put them into this one.",
                "What is meant for this group reaches nobody, and who was meant sees something else.",
            )


RULE = Rule(
    id="EXT-17",
    title="What is meant for a group reaches its members",
    why="The groups that give licenses may steer policies as well. A policy for a group that nobody on the "
    "headset belongs to does nothing, silently.",
    how="Each group named in `kiosk.profiles` has an `object_id`, and its members, where the file says them, "
    "have somebody who signs in on the headsets or owns them. Where nothing is meant for a group, the statement "
    "does not apply.",
    mend="Write the group's `object_id`, and its members.",
    check=_check,
    excused=_excused,
)
