"""OFF-28: the endpoints of the first start are open."""

from __future__ import annotations

from holofleet.checks import endpoint_groups

RULE = endpoint_groups.rule(
    "OFF-28",
    title="The endpoints of the first start are open",
    why="Before a headset is anybody's, its first start looks for the network, the sign-in page, the pages that "
    "join it to the directory and the one that sets up a PIN. A firewall that keeps one of them back stops the "
    "first start with a message that names none.",
    lost="The first start of a headset stops half way: it cannot sign in, join the directory or set up a PIN.",
)
