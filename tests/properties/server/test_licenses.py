"""Properties of who gets a seat, over directories that nobody thought of (SECURITY LIC-1)."""

from __future__ import annotations

from collections import Counter, defaultdict

from hypothesis import given
from hypothesis import strategies as st

from holofleet.server.licenses import DIRECT, Demand, Grant, Holder, LicenseError, PlanRules, Pool, settle

SKUS = ("A", "B", "C", "D")
PEOPLE = tuple(f"p{number}" for number in range(6))
RULES = PlanRules(
    {"A": frozenset({"X"}), "B": frozenset({"Y"}), "C": frozenset({"X", "Z"}), "D": frozenset({"Y"})},
    needs={"Y": frozenset({"X"})},
    exclusive=(frozenset({"Y", "Z"}),),
)
pools = st.lists(
    st.builds(Pool, st.sampled_from(SKUS), st.integers(0, 4)), max_size=4, unique_by=lambda pool: pool.sku
)
demands = st.lists(
    st.builds(
        Demand,
        st.sampled_from(PEOPLE),
        st.sampled_from(SKUS),
        st.sampled_from([DIRECT, "g", "h"]),
        st.sampled_from([frozenset(), frozenset({"Y"})]),
        st.integers(0, 9),
    ),
    max_size=25,
)
HOLDERS = {key: Holder(key, key, here=key != "p5") for key in PEOPLE}


def seats(grants: tuple[Grant, ...]) -> set[tuple[str, str]]:
    return {(grant.holder, grant.sku) for grant in grants if grant.active}


@given(pools, demands)
def test_LIC_1_no_more_seats_are_given_than_there_are(bought: list[Pool], wanted: list[Demand]) -> None:
    grants = settle(bought, HOLDERS, wanted, rules=RULES)
    taken = Counter(sku for _, sku in seats(grants))
    assert all(count <= {pool.sku: pool.seats for pool in bought}.get(sku, 0) for sku, count in taken.items())


@given(pools, demands)
def test_every_demand_of_somebody_who_is_here_has_an_outcome_and_no_other(
    bought: list[Pool], wanted: list[Demand]
) -> None:
    grants = settle(bought, HOLDERS, wanted, rules=RULES)
    assert len(grants) == len({(g.holder, g.sku, g.source) for g in grants})
    assert {(g.holder, g.sku, g.source) for g in grants} == {
        (d.holder, d.sku, d.source) for d in wanted if d.holder != "p5"
    }


@given(pools, demands)
def test_a_group_is_all_or_nothing_for_each_member(bought: list[Pool], wanted: list[Demand]) -> None:
    units: dict[tuple[str, str], list[Grant]] = defaultdict(list)
    for grant in settle(bought, HOLDERS, wanted, rules=RULES):
        if grant.source != DIRECT:
            units[grant.holder, grant.source].append(grant)
    for grants in units.values():
        assert len({grant.active for grant in grants}) == 1
        assert grants[0].active or any(grant.error is not LicenseError.OTHER for grant in grants)


@given(pools, demands)
def test_plans_that_are_on_have_what_they_need_and_exclude_nothing_that_is_on(
    bought: list[Pool], wanted: list[Demand]
) -> None:
    plans: dict[str, set[str]] = defaultdict(set)
    for grant in settle(bought, HOLDERS, wanted, rules=RULES):
        if grant.active:
            plans[grant.holder] |= RULES.on(grant.sku, grant.disabled)
    for found in plans.values():
        assert "Y" not in found or "X" in found
        assert not {"Y", "Z"} <= found


@given(pools, demands)
def test_settling_again_takes_nothing_from_anybody(bought: list[Pool], wanted: list[Demand]) -> None:
    first = settle(bought, HOLDERS, wanted, rules=RULES)
    again = settle(bought, HOLDERS, wanted, rules=RULES, seated=seats(first))
    assert seats(again) >= seats(first)


@given(pools, demands, demands)
def test_newcomers_take_no_seat_from_whoever_keeps_asking_for_theirs(
    bought: list[Pool], wanted: list[Demand], more: list[Demand]
) -> None:
    """Without rules about plans, which may cost somebody a product when they get another."""
    bare = PlanRules({}, needs={}, exclusive=())
    alone = [demand for demand in wanted if demand.source == DIRECT]
    others = [demand for demand in more if demand.source == DIRECT]
    first = settle(bought, HOLDERS, alone, rules=bare)
    then = settle(bought, HOLDERS, [*alone, *others], rules=bare, seated=seats(first))
    assert seats(then) >= seats(first)
