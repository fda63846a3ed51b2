"""PREP-24: preparing is finished before configuring begins."""

from __future__ import annotations

from holofleet.checks.rule import Rule

RULE = Rule(
    id="PREP-24",
    title="Preparing is finished before configuring begins",
    why="Tenant, accounts, enrollment and network carry everything else. A headset that is configured on top of "
    "a gap there fails at the client, where nobody can reach it.",
    how="The statement repeats what this guide calls a must, so it stands where the worst of those stands and has "
    "no finding of its own: one mistake is told once, by the rule that knows it. Before a plan is applied, this "
    "standing shows whether the ground is ready; what waits to be confirmed by the directory or a headset keeps "
    "it waiting.",
    mend="Mend what the statement that is named in the reason asks for.",
    rests_on=("PREP-01", "PREP-04", "PREP-05", "PREP-07", "PREP-10", "PREP-19"),
)
