"""SHR-02: shared accounts are set up by hand for fewer than 10 headsets only."""

from __future__ import annotations

from collections.abc import Iterator

from holofleet import catalog
from holofleet.checks import sharing
from holofleet.checks.case import Case
from holofleet.checks.rule import Fault, Rule


def _check(case: Case) -> Iterator[Fault]:
    limit = catalog.statements()["SHR-02"].params["max_devices_exclusive"]
    count = sum(
        len(deployment.headsets)
        for deployment in case.spec.deployments()
        if deployment.settings.accounts is not None and deployment.settings.accounts.kind == "shared-manual"
    )
    if count >= limit:
        yield Fault(
            f"{case.name} sets shared accounts up by hand, and the fleet does so on {count} headsets",
            case.place("accounts.kind"),
            "Write `accounts: {kind: shared-certificate}`, or keep fewer than 10 headsets with shared-manual.",
            f"The guide keeps that way for fewer than {limit} headsets: each one needs its PIN and its second "
            f"factor set up and looked after by a person.",
        )


RULE = Rule(
    id="SHR-02",
    title="Shared accounts are set up by hand for fewer than 10 headsets only",
    why="By hand, every headset needs an account, a PIN and a second factor that a person sets up and looks "
    "after. That work and its mistakes grow with the fleet; certificates do it once.",
    how="Headsets of all deployments with `accounts.kind: shared-manual` are counted together; there are "
    "fewer than 10.",
    mend="Move to `accounts.kind: shared-certificate`, at least for the larger deployments.",
    check=_check,
    excused=sharing.not_by_hand,
)
