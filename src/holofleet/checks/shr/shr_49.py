"""SHR-49: whoever sets shared headsets up may join that many devices."""

from __future__ import annotations

from collections.abc import Iterator

from holofleet.checks import owners
from holofleet.checks.case import Case
from holofleet.checks.rule import Fault, Rule


def _check(case: Case) -> Iterator[Fault]:
    account = owners.first_account(case)
    if account is None or case.value("enrollment.join") not in (None, "entra"):
        return
    join = case.spec.model.tenant.device_join
    if not _may(case, account):
        yield Fault(
            f"{account} sets up headsets of {case.name} and may not join devices",
            case.at("tenant", "device_join", "users"),
            "Write `tenant: {device_join: {users: some, groups: [...]}}` with a group that holds it.",
            "The headset refuses the account in the first minute of its set-up.",
            subject=f"user:{account}",
        )
    count = sum(
        len(deployment.headsets)
        for deployment in case.spec.deployments()
        if deployment.settings.enrollment is not None and deployment.settings.enrollment.first_account == account
    )
    if count > join.quota:
        yield Fault(
            f"{account} sets up {count} headsets and may join {join.quota} devices",
            case.at("tenant", "device_join"),
            f"Raise the quota and write `tenant: {{device_join: {{quota: {count}}}}}`, or use Autopilot.",
            "One headset after the other is set up, and then one is refused without a reason that the person in "
            "front of it could read.",
            subject=f"user:{account}",
        )


def _may(case: Case, account: str) -> bool:
    join = case.spec.model.tenant.device_join
    if join.users == "some":
        return any(account in case.directory.members.get(group, ()) for group in join.groups)
    return join.users == "all"


RULE = Rule(
    id="SHR-49",
    title="Whoever sets shared headsets up may join that many devices",
    why="The tenant says who may join devices, and how many each. Everybody may by default, shared accounts as "
    "well; and the one account that sets all headsets up meets the limit for one person.",
    how="The account in `enrollment.first_account` is among those who may join (`tenant.device_join`), and its "
    "quota holds the headsets of all deployments that it sets up. Headsets that Autopilot sets up join without "
    "an account. A person looks in the portal how both stand, and attests it; until then the statement waits.",
    mend="Put the account into a group that may join devices, and raise the quota.",
    check=_check,
    attestation="look in the portal who may join devices, and how many each",
)
