"""OFF-33: the endpoints of diagnostic data are open, unless diagnostic data are off."""

from __future__ import annotations

from dataclasses import replace

from holofleet.checks import endpoint_groups
from holofleet.checks.case import Case
from holofleet.checks.rule import Enforced, NotApplicable


def _unused(case: Case) -> NotApplicable | None:
    if case.value("privacy.telemetry") != "off":
        return None
    return NotApplicable("headsets send no diagnostic data (privacy.telemetry: off)")


RULE = replace(
    endpoint_groups.rule(
        "OFF-33",
        title="The endpoints of diagnostic data are open",
        why="Diagnostic data tell the vendor why an update failed on a headset, and update reports are made from "
        "them. The guide recommends them strongly.",
        lost="Diagnostic data never arrive, so that neither the vendor nor a report says why an update failed.",
        unless="It may stay closed where headsets send none: `privacy.telemetry: off`.",
        unused=_unused,
    ),
    nodes=(Enforced("./Device/Vendor/MSFT/Policy/Config/System/AllowTelemetry", ("privacy.telemetry",)),),
)
