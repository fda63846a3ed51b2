"""OFF-27: users, groups, enrollment and licenses are those of the cloud-connected guide."""

from __future__ import annotations

from collections.abc import Iterator

from holofleet.checks import licensing
from holofleet.checks.case import Case
from holofleet.checks.rule import Fault, Rule

_DETAIL = (
    "Users, groups and licenses are set up in the cloud as for any headset. What is missing when the headset "
    "leaves cannot be given to it before it comes back."
)


def _check(case: Case) -> Iterator[Fault]:
    if case.deployment.headsets and not case.directory.accounts[case.name]:
        yield Fault(
            f"nobody is named who signs in on headsets of {case.name}",
            case.place("accounts.users"),
            "Write `accounts: {users: [technician1@contoso.com]}` with your own people, or `per-headset`.",
            _DETAIL,
        )
    if case.value("enrollment.automatic") and case.spec.model.tenant.edition != "free":
        yield from licensing.lacks(case, "AAD_PREMIUM", _DETAIL)
    if case.target == "graph":
        yield from licensing.lacks(case, "INTUNE_A", _DETAIL)


RULE = Rule(
    id="OFF-27",
    title="Users, groups and licenses are set up as for any headset",
    why="The cloud side of a near-offline headset is that of the cloud-connected guide: users, groups, automatic "
    "enrollment and licenses.",
    how="The deployment names who signs in. Each of them gets the service plan AAD_PREMIUM where enrollment is "
    "automatic, and INTUNE_A where we deliver through Intune: directly, by the deployment or by a group. The "
    "tenant's edition and automatic enrollment are judged by the statements that it repeats.",
    mend="Name the people in `accounts.users`, put them in a group, and give the group its licenses.",
    check=_check,
    verification="the directory shows the people, their groups and their licenses",
    rests_on=("PREP-04", "PREP-10"),
)
