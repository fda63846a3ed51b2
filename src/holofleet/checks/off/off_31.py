"""OFF-31: the endpoints that tell whether certificates still count are open."""

from __future__ import annotations

from holofleet.checks import endpoint_groups

RULE = endpoint_groups.rule(
    "OFF-31",
    title="The endpoints that tell whether certificates still count are open",
    why="Sign-in, updates and apps are signed, and a headset asks the issuer whether a certificate still counts. "
    "Without an answer some connections fail at once and others after a long wait.",
    lost="A headset cannot tell whether a certificate was withdrawn, so connections wait long or fail.",
)
