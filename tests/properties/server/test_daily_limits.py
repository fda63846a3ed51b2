"""The day's limits, for fleets and histories of every size."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from holofleet.server.orders.limits import Answerable, Tally

PERSON = Answerable("person:lee@contoso.com")
HEADSETS = st.sets(st.integers(0, 60).map(str), max_size=40)


@given(fleet=st.integers(0, 100_000), own=HEADSETS, others=st.integers(0, 20), asked=HEADSETS)
def test_what_is_let_through_never_passes_a_limit_and_what_fits_is_let_through(
    fleet: int, own: set[str], others: int, asked: set[str]
) -> None:
    tally = Tally(fleet, frozenset(own), len(own) + others)
    new = asked - own
    fits = len(own) + len(new) <= max(5, fleet * 2 // 100) and len(own) + others + len(new) <= max(
        10, fleet * 5 // 100
    )
    assert (tally.excess(asked, PERSON) == "") is (fits or not new)


@given(own=HEADSETS, under_way=st.integers(0, 3), asked=HEADSETS)
def test_a_helpdesk_never_has_a_second_one_under_way(own: set[str], under_way: int, asked: set[str]) -> None:
    helpdesk = Answerable("person:adele@contoso.com", one_at_a_time=True)
    tally = Tally(100_000, frozenset(own), len(own), under_way)
    passed = tally.excess(asked, helpdesk) == ""
    assert passed is (under_way + len(asked - own) <= 1 or not asked - own)
