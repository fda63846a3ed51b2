"""Problems that no difference shows, what they hold back, and references that may be incomplete."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest
from tests.unit.targets.graph.small_tenant import GroupKind, ProfileKind

from holofleet.resources import Address, State
from holofleet.targets.graph.reconcile import (
    Care,
    Examining,
    Marker,
    Problem,
    Scope,
    Seen,
    Side,
    Wanted,
    compare,
    examine,
)

GROUP, PROFILE = Address("small-group", "a"), Address("small-profile", "p")
SCOPE = Scope(State(), Marker("fleet"))


class Careful(GroupKind):
    """Finds fault with every group whose name begins with x."""

    def problems(self, sides: Mapping[str, Side], scope: Scope) -> Sequence[Problem]:
        return [
            Problem(wanted.address, "Too few seats.", frozenset([PROFILE]))
            for wanted in sides[self.name].wanted
            if wanted.key.startswith("x")
        ]


def sides(key: str) -> list[Side]:
    return [
        Side(Careful([key]), [Wanted(GROUP, key)], []),
        Side(ProfileKind({}), [Wanted(PROFILE, "p", {"displayName": "p"})], []),
    ]


def test_a_kind_without_problems_is_not_asked_for_any() -> None:
    assert not isinstance(ProfileKind({}), Examining)
    assert examine([Side(ProfileKind({}), [], [])], SCOPE) == ()


@pytest.mark.parametrize(("key", "addresses"), [("a", [GROUP, PROFILE]), ("xa", [GROUP])])
def test_a_problem_holds_back_what_it_says_and_nothing_else(key: str, addresses: list[Address]) -> None:
    both = sides(key)
    proposal = compare(both, examined=examine(both, SCOPE))
    assert [difference.address for difference in proposal.differences] == addresses
    assert [problem.reason for problem in proposal.problems] == ["Too few seats."] * (key == "xa")


@pytest.mark.parametrize("lenient", [True, False])
def test_what_somebody_else_has_not_made_is_left_out_of_a_lenient_reference_and_waited_for_by_others(
    lenient: bool,
) -> None:
    theirs = Address("small-group", "theirs")
    expected = [Wanted(GROUP, "a", care=Care.EXPECT), Wanted(theirs, "theirs", care=Care.EXPECT)]
    names = frozenset(["groups"]) if lenient else frozenset[str]()
    wanted = Wanted(PROFILE, "p", {}, {"groups": (GROUP, theirs)}, names)
    seen = Seen("1", "p", {}, {"groups": ("g1",)}, PROFILE)
    proposal = compare([Side(GroupKind(()), expected, [Seen("g1", "a")]), Side(ProfileKind({}), [wanted], [seen])])
    assert [problem.address for problem in proposal.problems] == [theirs, *([] if lenient else [PROFILE])]
    assert proposal.differences == ()


def test_a_lenient_reference_to_what_is_only_to_be_made_still_waits_for_it() -> None:
    wanted = Wanted(PROFILE, "p", {}, {"groups": (GROUP,)}, frozenset(["groups"]))
    proposal = compare([Side(GroupKind(()), [Wanted(GROUP, "a")], []), Side(ProfileKind({}), [wanted], [])])
    (_, made) = proposal.differences
    assert made.wanted is not None
    assert made.wanted.references == {"groups": (GROUP,)}
