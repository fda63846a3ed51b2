"""SHR-11: shared accounts have a license for Microsoft Teams."""

from __future__ import annotations

from holofleet.checks import licensing

RULE = licensing.for_calls(
    "SHR-11",
    "Microsoft Teams",
    "TEAMS1",
    why="Calls run over Teams. The plan comes with the Remote Assist product; it is missing where somebody "
    "switched it off, or bought a suite without Teams.",
    detail="Calls run over Teams: without the plan the account can neither be found nor ring anybody.",
)
