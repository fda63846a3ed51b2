"""Comparing by meaning, markers, and what is never touched."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.targets.graph.small_tenant import GroupKind, ProfileKind

from holofleet.plans import Act
from holofleet.resources import Address
from holofleet.targets.graph.reconcile import Care, Marker, Proposal, Seen, Side, Wanted, compare
from holofleet.targets.graph.reconcile.meaning import (
    any_case,
    any_order,
    at_least,
    default,
    fingerprint,
    moment,
    same,
    words,
    write_only,
)

A, B = Address("small-group", "a"), Address("small-group", "b")
MARKER = Marker("fleet-1")


def groups(wanted: Sequence[Wanted], seen: Sequence[Seen], **options: Any) -> Proposal:
    return compare([Side(GroupKind(()), wanted, seen)], **options)


def profiles(wanted: Wanted, seen: Seen) -> Proposal:
    return compare([Side(ProfileKind({}), [wanted], [seen])])


names = st.text(
    st.characters(min_codepoint=33, exclude_characters="\x7f", exclude_categories=["Cs"]), min_size=1, max_size=60
)


@given(name=names, before=st.text(max_size=20))
def test_a_marker_gives_its_address_back_wherever_it_stands(name: str, before: str) -> None:
    address = Address("device-group", name)
    assert MARKER.read(f"{before} {MARKER.described('Made by holofleet.', address)}") in (
        address,
        MARKER.read(before),
    )
    assert MARKER.read(MARKER.text(address)) == address


@pytest.mark.parametrize(
    "text", ["", None, 5, "holofleet", "holofleet:other:device-group:a", "holofleet:fleet-1:"]
)
def test_what_carries_no_marker_of_this_installation_is_not_ours(text: object) -> None:
    assert MARKER.read(text) is None


def test_an_installation_has_a_plain_name() -> None:
    with pytest.raises(ValueError):
        Marker("a:b")


@pytest.mark.parametrize(
    ("by", "wanted", "seen", "equal"),
    [
        (same, {"a": 1}, {"a": 1, "added": 2}, True),
        (same, {"a": {"b": [1, {"c": 2}]}}, {"a": {"b": [1, {"c": 2, "@odata.type": "x"}], "d": 1}}, True),
        (same, [1, 2], [2, 1], False),
        (same, [1], [1, 2], False),
        (same, None, "", True),
        (same, [], None, True),
        (same, "", 0, False),
        (same, None, False, False),
        (same, True, 1, False),
        (same, 1, 1.0, True),
        (same, "a", None, False),
        (any_order, [{"a": 1}, {"a": 2}], [{"a": 2, "x": 0}, {"a": 1}], True),
        (any_order, [1, 1], [1, 2], False),
        (any_order, [1], [1, 1], False),
        (at_least, ["P1"], ["p1", "p2"], True),
        (at_least, ["p3"], ["p1", "p2"], False),
        (any_case, "HL-1@Contoso.com", "hl-1@contoso.com", True),
        (words, "digitalSignature,keyEncipherment", "keyEncipherment, digitalSignature", True),
        (words, "a", "a,b", False),
        (moment, "2026-11-25T12:00:00Z", "2026-11-25T12:00:00.0000000+00:00", True),
        (moment, "2026-11-25T12:00:00Z", "2026-11-25T13:00:00Z", False),
        (default("os-default"), None, "os-default", True),
        (default(0), 0, None, True),
        (default(0), 1, None, False),
        (write_only, "x", None, True),
    ],
)
def test_values_are_compared_by_what_they_mean(by: Any, wanted: Any, seen: Any, equal: bool) -> None:
    assert by(wanted, seen) is equal


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(), lambda s: st.lists(s) | st.dictionaries(st.text(), s)
)


@given(json_values)
def test_everything_is_the_same_as_itself(value: Any) -> None:
    assert same(value, value)


def test_a_fingerprint_tells_values_apart_and_shows_none() -> None:
    one = fingerprint(b"key", "hunter2")
    assert (
        one == fingerprint(b"key", "hunter2") != fingerprint(b"key", "hunter3") != fingerprint(b"other", "hunter2")
    )
    assert "hunter2" not in one


def test_what_is_not_there_is_made_and_what_is_ours_and_not_wanted_is_deleted() -> None:
    proposal = groups([Wanted(A, "a", {"displayName": "a"})], [Seen("i", "b", address=B)])
    assert [(d.act, d.address) for d in proposal.differences] == [(Act.CREATE, A), (Act.DELETE, B)]


def test_GRA_2_a_stranger_is_never_deleted() -> None:
    assert groups([], [Seen("i", "b")]).differences == ()


def test_GRA_2_a_stranger_with_the_same_name_is_proposed_for_adoption() -> None:
    (difference,) = groups(
        [Wanted(A, "a", {"displayName": "a"})], [Seen("i", "A", {"displayName": "A"})]
    ).differences
    assert difference.adopts
    assert difference.act is Act.UPDATE
    assert [f.field for f in difference.fields] == ["adopt"]


def test_two_strangers_with_the_name_are_a_problem_and_nothing_is_done() -> None:
    proposal = groups([Wanted(A, "a")], [Seen("i", "a"), Seen("j", "a")])
    assert proposal.differences == ()
    assert "2 objects are called a" in proposal.problems[0].reason


def test_two_objects_with_one_marker_are_a_problem_and_none_is_deleted() -> None:
    proposal = groups([Wanted(A, "a")], [Seen("i", "a", address=A), Seen("j", "a", address=A)])
    assert proposal.differences == ()
    assert "carry its marker" in proposal.problems[0].reason


def test_the_marker_finds_an_object_that_somebody_renamed() -> None:
    (difference,) = groups(
        [Wanted(A, "a", {"displayName": "a"})], [Seen("i", "zzz", {"displayName": "zzz"}, address=A)]
    ).differences
    assert (difference.act, difference.names) == (Act.UPDATE, {"displayName"})


def test_a_renaming_in_the_file_is_one_update() -> None:
    proposal = groups([Wanted(A, "a", formerly=B)], [Seen("i", "b", address=B)])
    assert [(d.act, d.address, d.formerly) for d in proposal.differences] == [(Act.UPDATE, A, B)]


def test_what_the_service_added_is_no_difference_but_a_foreign_setting_is() -> None:
    wanted = Wanted(A, "a", {"./Device/A": 1})
    (difference,) = profiles(
        wanted, Seen("i", "a", {"./Device/A": 1, "./Device/B": 2, "version": 7}, address=A)
    ).differences
    assert [(f.field, f.before, f.after) for f in difference.fields] == [("./Device/B", 2, None)]


def test_references_are_compared_without_order_and_shown_as_addresses() -> None:
    first = Address("small-profile", "p")
    wanted = Wanted(first, "p", references={"groups": (A, B)})
    sides = [
        Side(GroupKind(()), [Wanted(A), Wanted(B)], [Seen("1", address=A), Seen("2", address=B)]),
        Side(ProfileKind({}), [wanted], [Seen("3", references={"groups": ("2", "1")}, address=first)]),
    ]
    assert compare(sides).differences == ()
    sides[1] = Side(ProfileKind({}), [wanted], [Seen("3", references={"groups": ("2", "x")}, address=first)])
    (difference,) = compare(sides).differences
    assert difference.fields[0].before == [str(B), "x"]
    assert difference.fields[0].after == [str(A), str(B)]


def test_what_belongs_to_somebody_else_is_only_expected() -> None:
    wanted = Wanted(A, "a", {"displayName": "x"}, care=Care.EXPECT, why="Person a is not in the directory.")
    assert groups([wanted], [Seen("i", "a", {"displayName": "y"})]).differences == ()
    missing = groups([wanted], [])
    assert missing.differences == ()
    assert missing.problems[0].reason == "Person a is not in the directory."
    assert groups([wanted], [Seen("i", "a")]).known == {A: "i"}


def test_a_setting_of_the_whole_tenant_is_written_only_when_asked_for_by_name() -> None:
    wanted = Wanted(A, "a", {"displayName": "x"}, care=Care.OFFER)
    seen = [Seen("i", "a", {"displayName": "y"})]
    offered = groups([wanted], seen)
    assert offered.differences == ()
    assert str(A) in offered.problems[0].reason
    (difference,) = groups([wanted], seen, asked=[A]).differences
    assert difference.act is Act.UPDATE


def test_one_state_of_a_tenant_gives_one_hash_and_any_change_another() -> None:
    one, two = Seen("1", "a", {"x": 1}, address=A), Seen("2", "b", address=B)
    assert groups([], [one, two]).seen_hash == groups([], [two, one]).seen_hash
    assert groups([], [one]).seen_hash != groups([], [Seen("1", "a", {"x": 2}, address=A)]).seen_hash
