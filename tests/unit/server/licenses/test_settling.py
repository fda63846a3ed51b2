"""Group-based licensing, rule by rule."""

from __future__ import annotations

import pytest

from holofleet.server.licenses import Demand, Grant, Holder, LicenseError, PlanRules, Pool, settle

RULES = PlanRules(
    {
        "A": frozenset({"P1"}),
        "B": frozenset({"P2"}),
        "EX1": frozenset({"EXCHANGE_S_STANDARD"}),
        "EX2": frozenset({"EXCHANGE_S_ENTERPRISE"}),
        "RA": frozenset({"MICROSOFT_REMOTE_ASSIST"}),
        "CDS": frozenset({"CDS_REMOTE_ASSIST"}),
    }
)
PLENTY = [Pool(sku, 100) for sku in RULES.plans]


def holders(*keys: str, location: str | None = None) -> dict[str, Holder]:
    return {key: Holder(key, f"{key}@contoso.com", location=location) for key in keys}


def outcome(grants: tuple[Grant, ...]) -> dict[tuple[str, str, str], str]:
    return {(g.holder, g.source, g.sku): str(g.error or "active") for g in grants}


def test_a_product_from_two_sources_takes_one_seat() -> None:
    demands = [Demand("x", "A"), Demand("x", "A", "g"), Demand("y", "A", "g")]
    found = outcome(settle([Pool("A", 2)], holders("x", "y"), demands, rules=RULES))
    assert set(found.values()) == {"active"}


def test_a_group_is_all_or_nothing_and_the_other_product_says_so() -> None:
    demands = [Demand("x", "A", "g"), Demand("x", "B", "g"), Demand("y", "A", "g"), Demand("y", "B", "g")]
    found = outcome(settle([Pool("A", 9), Pool("B", 1)], holders("x", "y"), demands, rules=RULES))
    assert found["x", "g", "A"] == found["x", "g", "B"] == "active"
    assert (found["y", "g", "A"], found["y", "g", "B"]) == ("Other", "CountViolation")


def test_what_a_group_could_not_give_is_free_for_somebody_else() -> None:
    demands = [Demand("x", "A", "g"), Demand("x", "B", "g"), Demand("y", "A")]
    found = outcome(settle([Pool("A", 1), Pool("B", 0)], holders("x", "y"), demands, rules=RULES))
    assert found["y", "", "A"] == "active"


def test_whoever_has_a_seat_keeps_it_though_another_was_asked_earlier() -> None:
    demands = [Demand("x", "A", order=1), Demand("y", "A", order=2)]
    first = outcome(settle([Pool("A", 1)], holders("x", "y"), demands, rules=RULES))
    assert (first["x", "", "A"], first["y", "", "A"]) == ("active", "CountViolation")
    later = outcome(settle([Pool("A", 1)], holders("x", "y"), demands, rules=RULES, seated={("y", "A")}))
    assert (later["x", "", "A"], later["y", "", "A"]) == ("CountViolation", "active")


def test_direct_comes_before_groups_and_seats_elsewhere_are_not_given_again() -> None:
    demands = [Demand("a", "A", "g", order=1), Demand("z", "A", order=2)]
    found = outcome(settle([Pool("A", 3)], holders("a", "z"), demands, rules=RULES, elsewhere={"A": 2}))
    assert (found["z", "", "A"], found["a", "g", "A"]) == ("active", "CountViolation")


def test_a_product_that_nobody_bought_has_no_seat() -> None:
    assert outcome(settle([], holders("x"), [Demand("x", "A")], rules=RULES)) == {("x", "", "A"): "CountViolation"}


def test_plans_that_exclude_one_another_and_one_that_is_off() -> None:
    demands = [Demand("x", "EX1"), Demand("x", "EX2", "g")]
    assert outcome(settle(PLENTY, holders("x"), demands, rules=RULES))["x", "g", "EX2"] == (
        "MutuallyExclusiveViolation"
    )
    off = [Demand("x", "EX1", disabled=frozenset({"EXCHANGE_S_STANDARD"})), Demand("x", "EX2", "g")]
    assert set(outcome(settle(PLENTY, holders("x"), off, rules=RULES)).values()) == {"active"}


def test_a_plan_without_the_one_that_it_needs_and_with_it_from_elsewhere() -> None:
    alone = outcome(settle(PLENTY, holders("x"), [Demand("x", "RA", "g")], rules=RULES))
    assert alone == {("x", "g", "RA"): "DependencyViolation"}
    both = [Demand("x", "RA", "g"), Demand("x", "CDS")]
    assert set(outcome(settle(PLENTY, holders("x"), both, rules=RULES)).values()) == {"active"}
    scarce = [Pool("RA", 9), Pool("CDS", 0)]
    found = outcome(settle(scarce, holders("x"), both, rules=RULES))
    assert found == {("x", "g", "RA"): "DependencyViolation", ("x", "", "CDS"): "CountViolation"}


@pytest.mark.parametrize(
    ("location", "tenant", "source", "said"),
    [
        ("", "DE", "", LicenseError.LOCATION),
        ("", "DE", "g", None),
        ("", None, "g", None),
        ("", "", "g", LicenseError.LOCATION),
        ("KP", "DE", "g", LicenseError.LOCATION),
        ("DE", None, "", None),
        (None, None, "", None),
    ],
)
def test_a_place_is_needed_and_members_of_groups_inherit_the_tenants(
    location: str | None, tenant: str | None, source: str, said: LicenseError | None
) -> None:
    demands = [Demand("x", "A", source)]
    (grant,) = settle(PLENTY, holders("x", location=location), demands, rules=RULES, location=tenant)
    assert grant.error == said


def test_whoever_left_gets_nothing_and_is_no_error() -> None:
    gone = {"x": Holder("x", "x@contoso.com", here=False)}
    assert settle(PLENTY, gone, [Demand("x", "A"), Demand("nobody", "A")], rules=RULES) == ()
