"""SHR-46: linked account connections are reviewed."""

from __future__ import annotations

from holofleet.checks.rule import Rule

RULE = Rule(
    id="SHR-46",
    title="Linked account connections are reviewed",
    why="Users may connect their work account with an account at LinkedIn, which then shows each to the other. "
    "For an account that is nobody's there is nothing to connect, and every reason not to.",
    how="The switch can be seen in the portal only. A person looks and attests how it stands. Until then the "
    "statement waits; an attestation that has ended is a finding.",
    mend="Switch linked account connections off for the group of shared accounts, and attest it.",
    attestation="look in the portal whether linked account connections are off for shared accounts",
)
