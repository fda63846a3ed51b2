"""SHR-43: settings of the tenant change only when somebody responsible says so."""

from __future__ import annotations

from collections.abc import Iterator

from holofleet.checks.case import Case
from holofleet.checks.rule import Fault, Rule


def _check(case: Case) -> Iterator[Fault]:
    if case.spec.model.organization.approvers.security is None:
        yield Fault(
            "nobody is named who approves a change of the tenant's settings",
            case.at("organization"),
            "Write `organization: {approvers: {security: security-team@contoso.com}}`.",
            "The settings that the guide wants reviewed hold for the whole tenant. What is switched off for "
            "twelve headsets is switched off for every employee, at once.",
        )


RULE = Rule(
    id="SHR-43",
    title="Settings of the tenant change only when somebody approves",
    why="Shared headsets invite to close doors: password reset, app registration, roaming. Each of these "
    "settings holds for all accounts that exist and that will exist, and is hard to trace back when something "
    "stops working months later.",
    how="`organization.approvers.security` names who decides. Nothing here changes a setting of the tenant by "
    "itself: the keys under `tenant` say how it stands. That changes were approved and what stood there before, "
    "the directory's audit log has to confirm.",
    mend="Name the approver, and keep what the settings were before a change.",
    check=_check,
    verification="the directory's audit log shows an approval for each change of a setting of the tenant",
)
