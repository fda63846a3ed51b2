"""SHR-10: shared accounts have a license for Remote Assist."""

from __future__ import annotations

from holofleet.checks import licensing

RULE = licensing.for_calls(
    "SHR-10",
    "Remote Assist",
    "MICROSOFT_REMOTE_ASSIST",
    why="The vendor's app opens for accounts with its license only, and says so when the first call is made.",
    detail="Without it the app starts, says that there is no license, and ends there.",
)
