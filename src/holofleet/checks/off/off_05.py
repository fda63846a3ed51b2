"""OFF-05: those who run the network and those who answer for security take part in the decisions."""

from __future__ import annotations

from collections.abc import Iterator

from holofleet.checks.case import Case
from holofleet.checks.rule import Fault, Rule


def _check(case: Case) -> Iterator[Fault]:
    approvers = case.spec.model.organization.approvers
    absent = [key for key in ("network", "security") if getattr(approvers, key) is None]
    if absent:
        yield Fault(
            f"nobody is named who decides about {' and '.join(absent)}",
            case.at("organization", "approvers"),
            "Write `organization: {approvers: {network: network-team@contoso.com, security: "
            "security-team@contoso.com}}` with your own teams.",
            "Endpoints, proxies and time without a network are decisions of these teams. What they were not asked "
            "about they close again.",
            subject="organization",
        )


RULE = Rule(
    id="OFF-05",
    title="The teams for the network and for security take part in the decisions",
    why="What a near-offline site lets through, and how long a headset may be away, touches both the network and "
    "the security of the organization. Neither can be decided by those alone who hand out the headsets.",
    how="`organization.approvers` names who approves decisions about the network and about security. That they "
    "did approve, only their record tells.",
    mend="Name both teams in `organization.approvers`, and let them see each change of the file.",
    check=_check,
    verification="both teams approved the file as it is applied",
)
