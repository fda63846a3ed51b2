"""OFF-32: the endpoints of device information are open."""

from __future__ import annotations

from holofleet.checks import endpoint_groups

RULE = endpoint_groups.rule(
    "OFF-32",
    title="The endpoints of device information are open",
    why="What a headset knows of hardware that is attached to it comes from the vendor's list of devices.",
    lost="A headset cannot look up what it knows of devices, such as a keyboard that is attached to it.",
)
