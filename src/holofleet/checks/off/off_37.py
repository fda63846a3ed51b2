"""OFF-37: the endpoints of Windows Update are open."""

from __future__ import annotations

from holofleet.checks import endpoint_groups

RULE = endpoint_groups.rule(
    "OFF-37",
    title="The endpoints of Windows Update are open",
    why="A HoloLens 2 takes system updates from Windows Update and from nowhere else. The monthly visit is made "
    "for them.",
    lost="Headsets come once a month to be updated and find no updates.",
)
