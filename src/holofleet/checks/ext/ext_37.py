"""EXT-37: somebody has looked at information barriers."""

from __future__ import annotations

from holofleet.checks.rule import Rule

RULE = Rule(
    id="EXT-37",
    title="Somebody has looked at information barriers",
    why="The directory lets the account of one client find the accounts of another. Information barriers of the "
    "tenant can prevent that; they are bought and set up elsewhere, and no interface tells us whether they hold.",
    how="A person looks and writes an attestation with the day, what was seen, and until when it counts. "
    "While there is none, the statement waits for a person; an attestation that has ended is a finding.",
    mend="Look at the barriers between the segments of your clients (or note that none were bought), try a "
    "search and a call across, and attest what you saw.",
    attestation="look whether information barriers part the clients, and what a search across them finds",
)
