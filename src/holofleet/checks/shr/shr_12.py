"""SHR-12: shared accounts have a license for Dataverse for Remote Assist."""

from __future__ import annotations

from holofleet.checks import licensing

RULE = licensing.for_calls(
    "SHR-12",
    "Dataverse for Remote Assist",
    "CDS_REMOTE_ASSIST",
    why="Remote Assist keeps its own data in Dataverse. The plan comes with the product and looks superfluous in "
    "a list of plans, which is how it gets switched off.",
    detail="Remote Assist keeps its data there; without the plan the app cannot be used.",
)
