"""Groups and their members, against the emulator."""

from __future__ import annotations

from typing import Any

import pytest
from tests.unit.targets.graph.kinds.directory_world import ROOT, World, sample

from holofleet import samples
from holofleet.emulator import Delays, FaultPlan, Quotas
from holofleet.emulator.services.directory import dynamic
from holofleet.emulator.tenant import Item
from holofleet.errors import RefusedError
from holofleet.resources import Group, State, User
from holofleet.targets.graph.kinds.accounts import Accounts
from holofleet.targets.graph.kinds.groups import Groups, nickname

GUID = "33333333-3333-4333-8333-333333333333"
UPNS = tuple(f"hl-{n:03}@contoso.com" for n in range(45))
ACCOUNTS = [User(upn=upn, account="shared", usage_location="US") for upn in UPNS]
STATIC = Group(name="line-4", members=UPNS)
RULE = '(user.userPrincipalName -startsWith "hl-")'
DYNAMIC = Group(name="all-accounts", display_name="All accounts", members=UPNS, rule=RULE)
EXPERTS = Group(name="experts", members=("expert1@contoso.com", "expert2@contoso.com"))


def world(*nouns: Any, **more: Any) -> World:
    return World(lambda: [Accounts(), Groups(ROOT)], State(nouns), **more)


def group(tried: World, name: str) -> Item:
    return tried.one("groups", displayName=name)


def members(tried: World, name: str) -> set[str]:
    return set(group(tried, name).links.get("members", {}))


def fill(tried: World) -> None:
    """Add the people and groups that a sample expects."""
    for user in tried.state.of_kind(User).values():
        if user.account == "person":
            tried.person(user.upn)
    for one in tried.state.of_kind(Group).values():
        if one.object_id:
            tried.tenant.create(
                "groups",
                "group",
                {"displayName": "Emergency access", "securityEnabled": True, "groupTypes": []},
                id_=one.object_id,
            )


@pytest.mark.parametrize("delays", [Delays(), Delays.like_the_service()])
@pytest.mark.parametrize("name", samples.SAMPLES)
def test_groups_of_a_sample_are_made_and_the_plan_is_empty(name: str, delays: Delays) -> None:
    tried = World(lambda: [Accounts(), Groups(ROOT)], sample(name), delays=delays, quotas=Quotas())
    fill(tried)
    tried.apply()
    assert tried.shown() == []
    assert tried.problems() == {}
    assert not tried.doubled()
    for one in tried.state.of_kind(Group).values():
        if not one.object_id and not one.rule:
            assert members(tried, one.display_name or one.name) == {tried.user(upn).id for upn in one.members}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("description", "Somebody wrote this."),
        ("displayName", "Another"),
        ("mailNickname", "another"),
        ("securityEnabled", False),
        ("groupTypes", ["DynamicMembership"]),
        ("membershipRule", RULE),
        ("mailEnabled", True),
    ],
)
def test_whatever_changes_on_a_group_is_found(name: str, value: object) -> None:
    tried = world(*ACCOUNTS, STATIC)
    tried.apply()
    tried.edit("groups", group(tried, "line-4"), **{name: value})
    (shown,) = tried.shown()
    assert shown.startswith("update group:line-4")
    assert name in shown.rpartition(" ")[2].split(",")
    if name not in ("groupTypes", "membershipRule", "mailEnabled"):  # states that no request can lead to
        tried.apply(adopt=True)
        assert tried.shown() == []
        assert len(tried.tenant.collection("groups")) == 1


@pytest.mark.parametrize(
    ("name", "value"),
    [("membershipRule", '(user.userPrincipalName -startsWith "x")'), ("membershipRuleProcessingState", "Paused")],
)
def test_whatever_changes_on_a_rule_is_found_and_mended(name: str, value: object) -> None:
    tried = world(*ACCOUNTS, DYNAMIC)
    tried.apply()
    assert len(members(tried, "All accounts")) == len(UPNS)
    tried.edit("groups", group(tried, "All accounts"), **{name: value})
    assert tried.shown() == [f"update group:all-accounts {name}"]
    tried.apply()
    assert tried.shown() == []


def test_what_the_service_adds_to_a_group_is_no_difference() -> None:
    tried = world(*ACCOUNTS, STATIC)
    tried.apply()
    tried.edit("groups", group(tried, "line-4"), visibility="Private", theme="Blue", securityIdentifier="S-1-12-1")
    assert tried.shown() == []


def test_who_was_added_in_a_portal_leaves_and_who_was_removed_comes_back() -> None:
    tried = world(*ACCOUNTS, STATIC)
    tried.apply()
    stranger = tried.person("somebody@contoso.com")
    links = group(tried, "line-4").links["members"]
    links[stranger.id] = tried.clock.now()
    del links[tried.user(UPNS[0]).id]
    assert tried.shown() == ["update group:line-4 members"]
    tried.apply()
    assert members(tried, "line-4") == {tried.user(upn).id for upn in UPNS}
    assert tried.user("somebody@contoso.com").id == stranger.id
    assert tried.tenant.deletions_without_ref == []
    assert tried.shown() == []


def test_a_person_who_is_missing_keeps_nobody_else_out() -> None:
    tried = world(EXPERTS)
    tried.person("expert1@contoso.com")
    assert "in no group" in tried.problems()["user:expert2@contoso.com"]
    tried.apply()
    assert members(tried, "experts") == {tried.user("expert1@contoso.com").id}
    assert tried.shown() == []
    second = tried.person("expert2@contoso.com")
    assert tried.shown() == ["update group:experts members"]
    tried.apply()
    assert second.id in members(tried, "experts")
    assert tried.problems() == {}


def test_a_group_by_rule_becomes_one_by_members_and_back() -> None:
    tried = world(*ACCOUNTS, DYNAMIC)
    tried.apply()
    tried.state = State([*ACCOUNTS, DYNAMIC.model_copy(update={"rule": "", "members": UPNS[:3]})])
    tried.apply()
    assert tried.shown() == []
    assert len(members(tried, "All accounts")) == 3
    tried.state = State([*ACCOUNTS, DYNAMIC])
    tried.apply()
    assert tried.shown() == []
    assert len(members(tried, "All accounts")) == len(UPNS)


def test_GRA_2_a_group_of_that_name_is_adopted_with_consent_only() -> None:
    tried = world(*ACCOUNTS, STATIC)
    tried.group("line-4")
    with pytest.raises(RefusedError, match="not ours yet"):
        tried.apply()
    assert group(tried, "line-4").properties["description"] == "Made by hand."
    tried.apply(adopt=True)
    assert len(members(tried, "line-4")) == len(UPNS)
    assert tried.shown() == []
    assert len(tried.tenant.collection("groups")) == 1


def test_GRA_2_two_groups_of_that_name_are_a_problem_and_a_mail_group_is_none_of_ours() -> None:
    tried = world(*ACCOUNTS, STATIC)
    tried.group("line-4", mailEnabled=True, groupTypes=["Unified"])
    assert tried.problems() == {}
    tried.group("line-4")
    tried.group("line-4")
    assert "none is marked as ours" in tried.problems()["group:line-4"]
    assert not [shown for shown in tried.shown() if "group:" in shown]


def test_a_group_that_leaves_the_file_goes_and_its_members_stay() -> None:
    tried = world(*ACCOUNTS, STATIC)
    tried.apply()
    tried.group("by hand")
    tried.state = State(ACCOUNTS)
    assert tried.shown() == ["delete group:line-4"]
    tried.apply()
    assert [item.properties["displayName"] for item in tried.tenant.collection("groups").values()] == ["by hand"]
    assert len(tried.tenant.collection("users")) == len(UPNS)


def test_a_renamed_group_stays_the_same_group() -> None:
    tried = world(*ACCOUNTS, STATIC)
    tried.apply()
    old = group(tried, "line-4").id
    tried.state = State([*ACCOUNTS, STATIC.model_copy(update={"name": "line-5", "formerly": "line-4"})])
    tried.apply()
    assert group(tried, "line-5").id == old
    assert tried.shown() == []


def test_a_group_named_by_its_id_is_expected_and_never_touched() -> None:
    expected = Group(name="emergency", object_id=GUID)
    tried = world(expected)
    assert GUID in tried.problems()["group:emergency"]
    tried.tenant.create("groups", "group", {"displayName": "Break glass", "securityEnabled": True}, id_=GUID)
    assert tried.problems() == {}
    assert tried.shown() == []
    tried.state = State()
    assert tried.shown() == []


def test_members_of_a_group_named_by_its_id_are_set_with_consent_and_the_rest_is_kept() -> None:
    theirs = Group(name="pilots", object_id=GUID, members=UPNS[:2])
    tried = world(*ACCOUNTS, theirs)
    assert "no group of the object id" in tried.problems()["group:pilots"]
    assert not [shown for shown in tried.shown() if "group:" in shown]
    item = tried.tenant.create(
        "groups",
        "group",
        {"displayName": "Pilots", "description": "Of the works council.", "securityEnabled": True},
        id_=GUID,
    )
    with pytest.raises(RefusedError):
        tried.apply()
    tried.apply(adopt=True)
    assert len(members(tried, "Pilots")) == 2
    assert item.properties["displayName"] == "Pilots"
    assert item.properties["description"] == "Of the works council. [holofleet:fleet:group:pilots]"
    tried.state = State([*ACCOUNTS, theirs.model_copy(update={"members": UPNS[:3]})])
    tried.apply()
    assert tried.shown() == []
    tried.state = State(ACCOUNTS)
    tried.apply()
    assert len(members(tried, "Pilots")) == 3


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"groupTypes": ["DynamicMembership"], "membershipRule": RULE}, "follow a rule"),
        ({"onPremisesSyncEnabled": True}, "on premises"),
    ],
)
def test_members_that_cannot_be_set_are_a_problem_of_the_plan(more: dict[str, Any], words: str) -> None:
    tried = world(*ACCOUNTS, Group(name="pilots", object_id=GUID, members=UPNS[:2]))
    tried.tenant.create("groups", "group", {"displayName": "P", "securityEnabled": True, **more}, id_=GUID)
    assert words in tried.problems()["group:pilots"]
    tried.apply(adopt=True)
    assert tried.shown() == []


@pytest.mark.parametrize("carried_out", [True, False])
@pytest.mark.parametrize("after", range(10))
def test_a_process_that_dies_at_any_request_is_completed_by_the_next(after: int, carried_out: bool) -> None:
    tried = world(*ACCOUNTS, STATIC, DYNAMIC, delays=Delays.like_the_service())
    assert tried.killed(after, carried_out=carried_out)
    tried.apply()
    assert tried.shown() == []
    assert not tried.doubled()
    assert members(tried, "line-4") == {tried.user(upn).id for upn in UPNS}


@pytest.mark.parametrize("seed", range(6))
def test_a_storm_ends_in_the_same_state(seed: int) -> None:
    faults = FaultPlan(seed=seed, rate=0.15)
    tried = world(*ACCOUNTS, STATIC, DYNAMIC, delays=Delays.like_the_service(), faults=faults)
    tried.weather()
    assert tried.shown() == []
    assert not tried.doubled()


def test_members_are_added_four_hundred_a_round_trip() -> None:
    accounts = [User(upn=f"hl-{n:06}@contoso.com", account="shared") for n in range(1000)]
    tried = world(*accounts, Group(name="all", members=tuple(user.upn for user in accounts)), quotas=Quotas())
    before = tried.emulator.trips
    tried.apply(confirm_s=0)
    users, creation, joining = 1000 // 20, 1, -(-1000 // 400)
    reading = 1
    assert tried.emulator.trips - before == reading + users + creation + joining
    before = tried.emulator.trips
    assert tried.shown() == []
    assert tried.emulator.trips - before <= 5


def test_a_nickname_is_valid_and_no_two_names_share_one() -> None:
    names = ["line-4", "line 4", "line.4", "x" * 200, "x" * 201, "ü"]
    made = [nickname(name) for name in names]
    assert len(set(made)) == len(names)
    assert all(one.isascii() and " " not in one and len(one) <= 64 for one in made)


@pytest.mark.parametrize(
    "more",
    [
        {"onPremisesSyncEnabled": True},
        {"description": "Headsets. [holofleet:fleet:device-group:line-4]"},
    ],
)
def test_GRA_2_what_cannot_be_a_group_of_people_is_not_adopted(more: dict[str, Any]) -> None:
    tried = world(*ACCOUNTS, STATIC)
    other = tried.group("line-4", **more)
    tried.apply()
    assert tried.shown() == []
    assert other.properties["mailNickname"] == "by-hand"
    assert len(tried.tenant.collection("groups")) == 2


def test_whom_a_rule_takes_beside_those_meant_is_said() -> None:
    tried = world(*ACCOUNTS, DYNAMIC)
    tried.apply()
    assert tried.problems() == {}
    stranger = tried.person("hl-smith@contoso.com")
    dynamic.object_changed(tried.tenant, stranger.id)
    said = tried.problems()["group:all-accounts"]
    assert "also takes hl-smith@contoso.com, whom the file does not mean" in said
    assert tried.shown() == []


def test_names_with_signs_of_addresses_and_filters_are_found_again() -> None:
    names = ("o'brien@contoso.com", "guest_fabrikam.com#ext#@contoso.com", "a!b^c~d@contoso.com")
    odd = Group(name="line-4", display_name="Line 4 & 5 + O'Brien #1 100% (\u00fc)", members=names)
    tried = world(odd, User(upn="hl-o'1@contoso.com", account="headset"))
    for name in names:
        tried.person(name)
    tried.apply()
    assert tried.shown() == []
    assert tried.problems() == {}
    assert len(members(tried, odd.display_name)) == len(names)
    group(tried, odd.display_name).properties["description"] = group(tried, odd.display_name).properties[
        "mailNickname"
    ] = "gone"
    assert tried.shown() == ["update group:line-4 adopt,description,mailNickname"]
