"""OFF-06: people sign in with Entra ID."""

from __future__ import annotations

from collections.abc import Iterator

from holofleet.checks.case import Case
from holofleet.checks.rule import Fault, NotApplicable, Rule


def _excused(case: Case) -> NotApplicable | None:
    if case.value("enrollment.join") != "package":
        return None
    return NotApplicable("a package sets the headsets up, and nothing enrolls them (OFF-09 says so)")


def _check(case: Case) -> Iterator[Fault]:
    join = case.value("enrollment.join")
    if join != "entra":
        yield Fault(
            f"headsets of {case.name} do not join Entra ID (join: {join})",
            case.place("enrollment.join"),
            "Write `enrollment: {join: entra}`.",
            "Without a joined directory nobody signs in with an account of the organization, so there is no PIN "
            "of theirs that would let them in while the headset is away.",
        )


RULE = Rule(
    id="OFF-06",
    title="People sign in with Entra ID",
    why="The guide assumes that headsets belong to Entra ID and that people sign in with its accounts: what signs "
    "them in offline, and what manages the headset, builds on that.",
    how="`enrollment.join` is `entra`. Headsets that are set up by a package are judged by OFF-09. Who signs in "
    "in fact, the sign-in log of the directory tells.",
    mend="Write `enrollment: {join: entra}`.",
    check=_check,
    verification="the sign-in log of the directory shows the people of the headsets",
    excused=_excused,
)
