"""EXT-55: nothing of a chat stays on the headset."""

from __future__ import annotations

from collections.abc import Iterator

from holofleet.checks.case import Case
from holofleet.checks.rule import Fault, Rule

_KEY = "assist.keep.headset"


def _check(case: Case) -> Iterator[Fault]:
    if case.value(_KEY) != "nothing":
        yield Fault(
            f"nothing says what stays of a call on headsets of {case.name}",
            case.place(_KEY),
            "Write `assist: {keep: {headset: nothing}}`.",
            "The next person who wears the headset could read what the last one was told.",
        )


RULE = Rule(
    id="EXT-55",
    title="Nothing of a chat stays on the headset",
    why="Remote Assist clears its chat on the headset after every session. Whatever takes its place has to do the "
    "same: a headset changes hands.",
    how="`assist.keep.headset` is `nothing`, which the scenario says. That it is so no interface tells: a "
    "person looks at a headset after a test call and attests it; an attestation that has ended is a finding.",
    mend="Make a test call, look for its chat on the headset, and attest what you saw.",
    check=_check,
    attestation="look at a headset after a test call: nothing of its chat and files can be found on it",
)
