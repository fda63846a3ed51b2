"""OFF-11: an earlier assessment of the services can be used again, as long as it still holds."""

from __future__ import annotations

from holofleet.checks.case import Case
from holofleet.checks.rule import NotApplicable, Rule


def _excused(case: Case) -> NotApplicable | None:
    mine = (None, case.name)
    if any(item.rule == "OFF-11" and item.deployment in mine for item in case.spec.model.attestations):
        return None
    return NotApplicable("no earlier security assessment is used again (no attestation of OFF-11)")


RULE = Rule(
    id="OFF-11",
    title="An earlier security assessment is used again only while it holds",
    why="Where Entra ID, a management service and Windows Update are in use already, somebody has assessed them "
    "before. That work need not be done twice, as long as somebody looked whether it still fits.",
    how="It is left to you whether an assessment is used again: without an attestation the statement does not "
    "apply. An attestation counts until its last day; one that has ended is found.",
    mend="Read the assessment again, and write a new `on`, `until` and `seen`.",
    attestation="read the earlier assessment of these services: does it still hold for headsets at this site",
    excused=_excused,
)
