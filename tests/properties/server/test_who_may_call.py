"""Over generated directories: nobody finds, calls or meets anybody across a barrier (SECURITY AST-1).

The expectation is written again here, from the guides, as sets: it shares no line with the rules that it judges.
"""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st
from tests.unit.server.assist.test_rules import Directory

from holofleet.clock import SetClock
from holofleet.resources import CallRules
from holofleet.server.assist.policy import CallPolicy, PublishedCalls, Side, SideKind

CLIENTS = ("own", "fabrikam", "northwind")
GROUPS = ("pumps", "valves", "night")
PEOPLE = tuple(f"e{n}" for n in range(6))
SEGMENTS = (*CLIENTS, *GROUPS)

groups = st.frozensets(st.sampled_from(GROUPS), max_size=2)
experts = st.lists(
    st.builds(
        lambda key, client, of, here, answers: Side(
            SideKind.EXPERT, key, client, name=key, upn=f"{key}@x.com", groups=of, here=here, expert=answers
        ),
        st.sampled_from(PEOPLE),
        st.sampled_from(CLIENTS),
        groups,
        st.sampled_from([True, True, True, False]),
        st.sampled_from([True, True, True, False]),
    ),
    max_size=6,
    unique_by=lambda side: side.key,
)
headsets = st.lists(
    st.builds(
        lambda serial, client, deployment, of, here: Side(
            SideKind.HEADSET, serial, client, deployment=deployment, groups=of, here=here
        ),
        st.sampled_from(["h1", "h2", "h3"]),
        st.sampled_from(CLIENTS),
        st.sampled_from(["d1", "d2", "gone"]),
        groups,
        st.sampled_from([True, True, True, False]),
    ),
    min_size=1,
    max_size=3,
    unique_by=lambda side: side.key,
)
call_rules = st.builds(
    lambda name, client, listed, barrier: CallRules(name=name, client=client, experts=listed, barrier=barrier),
    st.just(""),
    st.sampled_from(CLIENTS),
    st.lists(st.sampled_from([*GROUPS, *(f"{key}@x.com" for key in PEOPLE)]), max_size=3).map(tuple),
    st.sampled_from(["client", "none"]),
)
barriers = st.lists(
    st.tuples(st.sampled_from(SEGMENTS), st.sampled_from(SEGMENTS)).filter(lambda pair: pair[0] != pair[1]),
    max_size=2,
).map(tuple)
published = st.builds(
    lambda one, two, pairs: PublishedCalls(
        {"d1": one.model_copy(update={"name": "d1"}), "d2": two.model_copy(update={"name": "d2"})}, (), pairs
    ),
    call_rules,
    call_rules,
    barriers,
)


def apart(calls: PublishedCalls, one: Side, other: Side) -> bool:
    """Whether any reason of the guides keeps two sides apart."""
    if not one.here or not other.here:
        return True
    if one.kind == other.kind == SideKind.HEADSET:
        return True
    theirs = [{*side.groups, side.client} for side in (one, other)]
    for left, right in calls.barriers:
        if {left in theirs[0], right in theirs[1]} == {True} or {right in theirs[0], left in theirs[1]} == {True}:
            return True
    people = [side for side in (one, other) if side.kind is SideKind.EXPERT]
    if any(not person.expert for person in people):
        return True
    lent = [side for side in (one, other) if side.kind is SideKind.HEADSET]
    if not lent:
        return False
    said = calls.rules.get(lent[0].deployment)
    if said is None or said.client != lent[0].client:
        return True
    if SideKind.GUEST in {one.kind, other.kind}:
        return "guests" in said.forbid
    reachable = {"own"} if not said.experts else set(CLIENTS)
    if said.barrier == "client":
        reachable &= {"own", lent[0].client}
    named = not said.experts or {people[0].upn, *people[0].groups} & set(said.experts)
    return people[0].client not in reachable or not named


@given(published, experts, headsets)
def test_found_is_exactly_who_may_be_called_and_nobody_across_a_barrier(calls, people, fleet):
    policy = CallPolicy(Directory(calls, *people), SetClock(datetime(2026, 11, 25, 9, tzinfo=UTC)))
    for headset in fleet:
        expected = {person.key for person in people if not apart(calls, headset, person)}
        assert {entry.key for entry in policy.find(headset).entries} == expected
        assert set(policy.anyone(headset)) == expected
        for far in (*people, *(other for other in fleet if other is not headset)):
            may = far.key in expected and far.kind is SideKind.EXPERT
            assert policy.judge(headset, far).allowed is may
            assert policy.judge(far, headset).allowed is may


@given(published, experts, headsets, st.data())
def test_nobody_joins_a_call_in_which_one_is_behind_a_barrier(calls, people, fleet, data):
    policy = CallPolicy(Directory(calls, *people), SetClock(datetime(2026, 11, 25, 9, tzinfo=UTC)))
    headset = data.draw(st.sampled_from(fleet))
    present = data.draw(st.lists(st.sampled_from(people), max_size=3, unique=True)) if people else []
    for far in people:
        if far in present:
            continue
        sides = [headset, *present, far]
        together = not any(apart(calls, one, other) for one, other in combinations(sides, 2))
        assert policy.stands(sides).allowed is together
        if not present:
            continue
        assert policy.judge(present[0], far, [headset, *present[1:]]).allowed is together
        joining = {entry.key for entry in policy.find(headset, others=present).entries}
        if not any(apart(calls, one, other) for one, other in combinations([headset, *present], 2)):
            assert (far.key in joining) is together
