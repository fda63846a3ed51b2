"""OFF-04: what the cloud-connected guide requires of the cloud holds here too."""

from __future__ import annotations

from holofleet.checks.rule import Rule

RULE = Rule(
    id="OFF-04",
    title="What the cloud-connected guide requires holds here too",
    why="A headset that is away from the network for weeks is still set up, signed in and managed by the same "
    "services as any other. What is missing there cannot be mended while it is away.",
    how="The scenario near-offline builds on cloud-connected, and every deployment is judged by that guide. This "
    "statement repeats what that guide calls a must, so it stands where the worst of those stands and has no "
    "finding of its own: one mistake is told once, by the rule that knows it.",
    mend="Mend what the statement that is named in the reason asks for.",
    rests_on=("PREP-01", "PREP-04", "PREP-05", "PREP-07", "PREP-10", "PREP-19"),
)
