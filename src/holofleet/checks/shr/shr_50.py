"""SHR-50: settings of a shared account stay on the headset."""

from __future__ import annotations

from collections.abc import Iterator

from holofleet.checks.case import Case
from holofleet.checks.rule import Fault, Rule


def _check(case: Case) -> Iterator[Fault]:
    if case.spec.model.tenant.state_roaming is True:
        yield Fault(
            "Enterprise State Roaming is on, for shared accounts as well",
            case.at("tenant", "state_roaming"),
            "Leave shared accounts out in the portal, or switch it off and write `tenant: {state_roaming: "
            "false}`.",
            "It carries settings and passwords for sites that one person left on a headset to everything that is "
            "signed in with the account.",
        )


RULE = Rule(
    id="SHR-50",
    title="Settings of a shared account stay on the headset",
    why="Roaming copies settings from device to device, which helps one person with several. A shared account "
    "has many persons with one.",
    how="`tenant.state_roaming` is not `true`; where it is on and shared accounts are left out by a group, waive "
    "the statement. A person looks how it stands and attests it. Until then the statement waits; an attestation "
    "that has ended is a finding.",
    mend="Leave shared accounts out of roaming, write `tenant: {state_roaming: false}` where it is off, and "
    "attest it.",
    check=_check,
    attestation="look in the portal whether Enterprise State Roaming is off for shared accounts",
)
