"""EXT-38: search is scoped to what a client may find."""

from __future__ import annotations

from collections.abc import Iterator

from holofleet.checks import calls, compartments
from holofleet.checks.case import Case
from holofleet.checks.rule import Fault, Rule


def _check(case: Case) -> Iterator[Fault]:
    if not calls.vendor(case) and case.value("assist.barrier") == "none":
        yield Fault(
            f"search of {case.name} is not scoped to its client",
            case.place("assist.barrier"),
            "Write `assist: {barrier: client}`.",
            "With the barrier off, the directory of calls shows everybody of every client.",
        )


RULE = Rule(
    id="EXT-38",
    title="Search is scoped to what a client may find",
    why="Teams can scope its search by address book policies. They belong to Exchange, of which headset accounts "
    "should have no license (EXT-42), so that the way is awkward.",
    how="We decide: calls in holofleet scope their own directory by `assist.barrier: client`, without Exchange; "
    "`none` is found where there are two clients. For calls in Remote Assist a person attests how search is "
    "scoped, or that it is not, which the guide leaves open. With one client the statement does not apply.",
    mend="Write `assist: {barrier: client}`; with Remote Assist, look at the address book policies and attest.",
    check=_check,
    verification="a search from a headset finds nobody of another client",
    attestation="look whether Teams scopes its search per client, and what a search as a client finds",
    attestable=calls.vendor,
    excused=compartments.alone,
)
