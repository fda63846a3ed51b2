"""PREP-10: whoever joins a headset may do so, and it is enrolled in the same step."""

from __future__ import annotations

from collections.abc import Iterator

from holofleet.checks import joining, owners
from holofleet.checks.case import Case
from holofleet.checks.rule import Fault, NotApplicable, Rule


def _excused(case: Case) -> NotApplicable | None:
    if joining.by_itself(case):
        return None
    return NotApplicable("headsets are enrolled by hand: neither automatic enrollment nor Autopilot is declared")


def _check(case: Case) -> Iterator[Fault]:
    first = owners.first_account(case)
    refused = joining.refusal(case, "auto_enrollment", "scope", first)
    if refused is not None:
        yield Fault(
            f"{case.name} relies on {joining.by_itself(case)}, and the tenant enrolls devices of {refused[0]}",
            refused[1],
            "Write `auto_enrollment: {scope: all}`, or `some` with a group that holds the first account.",
            "The headset then joins and is not enrolled: it gets no settings, and nobody at the headset sees why.",
            subject="tenant",
        )
    if joining.unattended(case):
        return
    refused = joining.refusal(case, "device_join", "users", first)
    if refused is not None:
        yield Fault(
            f"headsets of {case.name} are to join Entra ID, and the tenant lets {refused[0]} join devices",
            refused[1],
            "Write `device_join: {users: all}`, or `some` with a group that holds the first account.",
            "Setting up ends with an error when the account that signs in first may not join devices.",
            subject="tenant",
        )


RULE = Rule(
    id="PREP-10",
    title="Joining a headset enrolls it in the same step",
    why="A person signs in on a new headset and it is joined, enrolled and set up. That works only for people "
    "whom two switches of the tenant cover: one for joining, one for enrolling.",
    how="Where `enrollment.automatic` joins and enrolls, or Autopilot does, `tenant.auto_enrollment` and "
    "`tenant.device_join` cover the `first_account`: with `all`, or with `some` and a group that holds it. A "
    "group that exists already and lists no members may hold anybody. Without a first account, Autopilot joins "
    "without a person, and only the first switch counts. The edition is judged by PREP-04. That a headset is "
    "enrolled within minutes after joining, only the headset tells.",
    mend="Open both switches in the directory for the account that sets headsets up, and write them under "
    "`tenant`.",
    check=_check,
    verification="each headset is enrolled within minutes after its first sign-in",
    excused=_excused,
)
