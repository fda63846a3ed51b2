"""SHR-39: nobody reads reports of a shared account as those of one person."""

from __future__ import annotations

from holofleet.checks.rule import Rule

RULE = Rule(
    id="SHR-39",
    title="Nobody reads reports of a shared account as one person's",
    why="Usage, analytics and sign-in reports are kept by account. Of a shared one they show what many people "
    "did, in one line that looks like a person's: good for planning headsets, wrong for judging anybody.",
    how="No interface tells who reads which report for what. A person looks whether reports of shared accounts "
    "are read by headset and whether none of them claims to be about a person, and attests it. Until then the "
    "statement waits; an attestation that has ended is a finding.",
    mend="Take shared accounts out of reports about people, label those by headset, and attest it.",
    attestation="look whether reports of shared accounts are read by headset, and none as that of a person",
)
