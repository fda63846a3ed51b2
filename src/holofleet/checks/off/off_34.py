"""OFF-34: the endpoints of licensing are open."""

from __future__ import annotations

from holofleet.checks import endpoint_groups

RULE = endpoint_groups.rule(
    "OFF-34",
    title="The endpoints of licensing are open",
    why="A headset proves its license for the system and for apps online, and again from time to time.",
    lost="A headset cannot prove its license, so that apps and functions that need one stop.",
)
