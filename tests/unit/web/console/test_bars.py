"""The stacked bar."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holofleet.web.console.bars import LEAST, WIDTH, bar, shares
from holofleet.web.console.words import HEADSET_WORDS


@given(st.dictionaries(st.sampled_from(sorted(HEADSET_WORDS)), st.integers(0, 100_000)))
def test_a_bar_fills_its_width_and_shows_whatever_is_there(counts: dict[str, int]) -> None:
    made = bar(counts)
    there = [key for key in HEADSET_WORDS if counts.get(key) and key != "retired"]
    assert len(made.parts) == len(there)
    if there:
        last = made.parts[-1]
        assert last.x + last.width == pytest.approx(WIDTH, abs=0.2)
        assert min(part.width for part in made.parts) >= LEAST * 0.95


def test_a_bar_says_in_words_what_it_shows() -> None:
    assert bar({"compliant": 431, "drifted": 12, "retired": 3}).sentence == "431 compliant, 12 drifted"
    assert bar({}).sentence == "no headsets"


def test_the_legend_lists_every_word_once_and_those_that_need_nothing_first() -> None:
    assert next(share.word.key for share in shares({})) == "compliant"
    assert len(shares({"late": 2})) == len(HEADSET_WORDS)
