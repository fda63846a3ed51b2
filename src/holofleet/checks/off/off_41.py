"""OFF-41: headsets are handed out and looked after as the cloud-connected guide says."""

from __future__ import annotations

from holofleet.checks.rule import Rule

RULE = Rule(
    id="OFF-41",
    title="Headsets are handed out and looked after as the cloud-connected guide says",
    why="The last steps are those of the cloud-connected guide: look whether the headset is enrolled, make a test "
    "call, keep it up to date. Away from the network a step that was left out cannot be made up for.",
    how="Whether each headset went through the list no interface tells. Somebody who was there attests it, with "
    "the day and until when it counts; an attestation that has ended is found. We suggest that it ends with the "
    "next monthly visit but two.",
    mend="Go through the list with each headset: enrollment seen, a test call where there are calls, updates and "
    "settings as they should be. Then attest it.",
    attestation="look whether each headset went through the list: enrollment seen, test call made, updates done",
)
