"""EXT-49: that passwords never expire is somebody's decision."""

from __future__ import annotations

from holofleet.checks import passwords
from holofleet.checks.rule import Rule

RULE = Rule(
    id="EXT-49",
    title="That passwords never expire is somebody's decision",
    why="An account whose password expires while its headset is at a client is locked out, far from you. Taking "
    "the expiry away is one of the guide's ways around that; EXT-51 and EXT-52 are the others.",
    how="Applies where `accounts.password.expires_after_days` is `never`. A person attests who decided so and for "
    "which accounts; an attestation that has ended is a finding. What makes up for it stands in EXT-50.",
    mend="Look at the decision again and attest it, or write a number of days.",
    attestation="look who decided that passwords do not expire, and for which accounts the directory shows it",
    excused=passwords.expires,
)
