"""What the demonstration shows."""

from __future__ import annotations

from holofleet.cli.demo import _sample
from holofleet.resources import CallRules


def test_calls_of_the_demonstration_may_be_recorded_for_a_day() -> None:
    _, state = _sample()
    rules = state.of_kind(CallRules).values()
    assert rules
    assert {(one.recording, one.recordings_days) for one in rules} == {("allowed", 1)}
