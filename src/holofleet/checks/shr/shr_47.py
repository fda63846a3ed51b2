"""SHR-47: user features are reviewed."""

from __future__ import annotations

from holofleet.checks.rule import Rule

RULE = Rule(
    id="SHR-47",
    title="User features are reviewed",
    why="The tenant offers users features of their own, such as registering for previews or managing their "
    "groups and apps. They are meant for persons; on a shared account whoever wears the headset decides for the "
    "next one.",
    how="The page can be seen in the portal only. A person looks which features shared accounts have and attests "
    "it. Until then the statement waits; an attestation that has ended is a finding.",
    mend="Switch off for the group of shared accounts what they do not need, and attest it.",
    attestation="look in the portal which user features shared accounts have",
)
