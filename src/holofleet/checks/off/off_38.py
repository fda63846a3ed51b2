"""OFF-38: the endpoints of the system's settings service are open."""

from __future__ import annotations

from holofleet.checks import endpoint_groups

RULE = endpoint_groups.rule(
    "OFF-38",
    title="The endpoints of the Settings app are open",
    why="The system and its apps fetch settings of their own from the vendor, those of Windows Update and of "
    "diagnostic data among them.",
    lost="The Settings app and system services work with the settings they came with, however old.",
)
