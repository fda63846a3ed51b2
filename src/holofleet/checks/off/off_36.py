"""OFF-36: the endpoints of Defender's updates are open."""

from __future__ import annotations

from holofleet.checks import endpoint_groups

RULE = endpoint_groups.rule(
    "OFF-36",
    title="The endpoints of Defender's updates are open",
    why="Protection against harmful software is as good as its last update, and a headset that comes once a month "
    "has one chance to get it.",
    lost="Protection against harmful software grows old, visit by visit.",
)
