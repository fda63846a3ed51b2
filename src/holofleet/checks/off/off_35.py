"""OFF-35: the endpoints by which a headset finds out whether it has a network are open."""

from __future__ import annotations

from holofleet.checks import endpoint_groups

RULE = endpoint_groups.rule(
    "OFF-35",
    title="The endpoint that shows whether there is a network is open",
    why="A headset fetches a small file without encryption to find out whether it is online. A firewall that "
    "blocks it, or a proxy that answers in its place, makes the headset believe that it is offline or behind a "
    "sign-in page, however well everything else works.",
    lost="The headset takes itself for offline, and what waits for a network, such as updates, does not begin.",
)
