"""Accounts of headsets and people, against the emulator."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from tests.unit.targets.graph.kinds.directory_world import World, sample

from holofleet.emulator import Delays, Quotas
from holofleet.emulator.services.directory import deleted
from holofleet.errors import RefusedError
from holofleet.resources import Group, State, User
from holofleet.targets.graph.kinds import accounts
from holofleet.targets.graph.kinds.accounts import Accounts, password
from holofleet.targets.graph.kinds.filters import alike, among
from holofleet.targets.graph.target import StoppedError

UPN = "hl-001@contoso.com"
HEADSET = User(
    upn=UPN,
    account="headset",
    display_name="HoloLens HL-1",
    usage_location="US",
    password_never_expires=True,
    company="Fabrikam",
)
CREATED = "accountEnabled,displayName,employeeType,mailNickname,passwordPolicies,userPrincipalName"
PERSON = User(upn="expert1@contoso.com", account="person")


def state(*nouns: Any) -> State:
    return State(nouns)


def world(*nouns: Any, **more: Any) -> World:
    return World(lambda: [Accounts()], state(*(nouns or (HEADSET,))), **more)


def many(count: int) -> list[User]:
    return [User(upn=f"hl-{n:06}@contoso.com", account="shared", usage_location="US") for n in range(count)]


@pytest.mark.parametrize("delays", [Delays(), Delays.like_the_service()])
def test_accounts_of_a_sample_are_made_and_the_plan_is_empty(delays: Delays) -> None:
    tried = World(lambda: [Accounts()], sample("shared-identity"), delays=delays, quotas=Quotas())
    tried.apply()
    shared = [user for user in tried.state.of_kind(User).values() if user.account != "person"]
    assert len(tried.tenant.collection("users")) == len(shared) == 12
    assert tried.shown() == []
    assert not tried.doubled()
    one = tried.user(shared[0].upn).properties
    assert one["employeeType"] == f"holofleet:fleet:user:{shared[0].upn}"
    assert one["passwordPolicies"] == "DisablePasswordExpiration"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("accountEnabled", False),
        ("companyName", "Northwind Traders"),
        ("companyName", None),
        ("displayName", "Somebody"),
        ("mailNickname", "other"),
        ("passwordPolicies", "None"),
        ("passwordPolicies", "DisablePasswordExpiration, DisableStrongPassword"),
        ("usageLocation", "DE"),
        ("employeeType", "Contractor"),
    ],
)
def test_whatever_changes_on_an_account_is_found_and_mended(name: str, value: object) -> None:
    tried = world()
    tried.apply()
    tried.edit("users", tried.user(UPN), **{name: value})
    (shown,) = tried.shown()
    assert shown.startswith(f"update user:{UPN}")
    assert name in shown.rpartition(" ")[2].split(",")
    with tried.target(desired=tried.state) as graph:
        assert any(name in drift.oma_uri for drift in graph.drift())
    tried.apply(adopt=True)
    assert tried.shown() == []


def test_an_account_that_was_renamed_in_a_portal_is_known_by_its_marker() -> None:
    tried = world()
    tried.apply()
    item = tried.user(UPN)
    tried.tenant.user_names["other@contoso.com"] = tried.tenant.user_names.pop(UPN)
    tried.edit("users", item, userPrincipalName="other@contoso.com")
    assert tried.shown() == [f"update user:{UPN} userPrincipalName"]
    tried.apply()
    assert tried.shown() == []
    assert len(tried.tenant.collection("users")) == 1


def test_what_the_file_does_not_say_and_the_service_adds_is_no_difference() -> None:
    tried = world()
    tried.apply()
    more = {"department": "Assembly", "jobTitle": "Line 4", "city": "Redmond", "preferredLanguage": "en-US"}
    tried.edit("users", tried.user(UPN), **more)
    assert tried.shown() == []


def test_people_are_expected_and_never_touched() -> None:
    tried = world(HEADSET, PERSON)
    assert "No such account" in tried.problems()["user:expert1@contoso.com"]
    person = tried.person(PERSON.upn, displayName="Expert One")
    tried.apply()
    tried.edit("users", person, displayName="Another", accountEnabled=False)
    assert tried.shown() == []
    assert tried.problems() == {}
    tried.state = state(HEADSET)
    assert tried.shown() == []


def test_a_member_whom_the_file_does_not_list_is_looked_for_by_name() -> None:
    tried = world(Group(name="experts", members=("expert9@contoso.com",)))
    assert list(tried.problems()) == ["user:expert9@contoso.com"]
    tried.person("expert9@contoso.com")
    assert tried.problems() == {}


def test_GRA_2_an_account_that_somebody_else_made_is_adopted_with_consent_only() -> None:
    tried = world()
    tried.person(UPN, displayName="Made by hand", passwordPolicies=None)
    with pytest.raises(RefusedError, match="not ours yet"):
        tried.apply()
    assert tried.user(UPN).properties["displayName"] == "Made by hand"
    tried.apply(adopt=True)
    assert tried.user(UPN).properties["displayName"] == "HoloLens HL-1"
    assert tried.shown() == []


def test_GRA_2_an_account_of_another_installation_or_of_nobody_is_left_alone() -> None:
    tried = world()
    tried.person("hl-009@contoso.com")
    tried.person("hl-010@contoso.com", employeeType="holofleet:other:user:hl-010@contoso.com")
    tried.apply()
    tried.state = State()
    tried.apply()
    assert sorted(item.properties["userPrincipalName"] for item in tried.tenant.collection("users").values()) == [
        "hl-009@contoso.com",
        "hl-010@contoso.com",
    ]


@pytest.mark.parametrize("filtered", [True, False])
def test_an_account_that_leaves_the_file_is_deleted_and_comes_back_when_it_returns(
    filtered: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not filtered:  # a service that takes no filter of deleted accounts
        monkeypatch.setattr(deleted, "_LISTING", replace(deleted._LISTING, filters={}))
    tried = world()
    tried.apply()
    first = tried.user(UPN).id
    tried.state = State()
    assert tried.shown() == [f"delete user:{UPN}"]
    tried.apply()
    assert not tried.tenant.collection("users")
    tried.state = state(HEADSET.model_copy(update={"display_name": "New name"}))
    tried.apply()
    assert tried.user(UPN).id == first
    assert tried.user(UPN).properties["displayName"] == "New name"
    assert tried.shown() == []


def test_the_deleted_account_of_somebody_else_is_not_restored() -> None:
    tried = world()
    item = tried.person(UPN)
    tried.tenant.delete("users", item)
    tried.tenant.create("deletedUsers", "user", dict(item.properties), id_=item.id)
    with pytest.raises(StoppedError, match="keeps its name for 30 days"):
        tried.apply()
    assert list(tried.tenant.collection("deletedUsers")) == [item.id]


@pytest.mark.parametrize("carried_out", [True, False])
@pytest.mark.parametrize("after", range(8))
def test_a_process_that_dies_at_any_request_is_completed_by_the_next(after: int, carried_out: bool) -> None:
    tried = world(*many(45), delays=Delays.like_the_service())
    assert tried.killed(after, carried_out=carried_out)
    tried.apply()
    assert tried.shown() == []
    assert len(tried.tenant.collection("users")) == 45


@pytest.mark.parametrize("count", [100, 1000])
def test_accounts_take_as_few_round_trips_as_batches_and_pages_allow(count: int) -> None:
    tried = world(*many(count), quotas=Quotas())
    before = tried.emulator.trips
    tried.apply(confirm_s=0)
    assert tried.emulator.trips - before == 1 + -(-count // 20)
    before = tried.emulator.trips
    assert tried.shown() == []
    assert tried.emulator.trips - before == -(-count // 999)


def test_a_password_has_all_kinds_of_letters_and_is_never_the_same() -> None:
    made = {password() for _ in range(50)}
    assert len(made) == 50
    for one in made:
        assert len(one) >= 40
        assert any(c.islower() for c in one)
        assert any(c.isupper() for c in one)
        assert any(c.isdigit() for c in one)
        assert any(not c.isalnum() for c in one)


def test_a_password_is_sent_once_and_stands_in_no_plan_report_or_error(monkeypatch: pytest.MonkeyPatch) -> None:
    secret = "Aa1-" + "s" * 40
    monkeypatch.setattr(accounts, "password", lambda: secret)
    tried = world(HEADSET, User(upn="hl-1@unverified.example", account="shared"))
    with tried.target() as graph:
        plan = graph.plan(tried.state)
        with pytest.raises(StoppedError) as stopped:
            graph.apply(plan, tried.state, {})
    assert secret not in repr(plan)
    assert secret not in str(stopped.value)
    assert all(secret not in repr(item.properties) for item in tried.tenant.collection("users").values())
    assert tried.shown() == ["create user:hl-1@unverified.example " + CREATED]


def test_names_are_found_in_few_filters() -> None:
    assert list(among("id", ["b", "a'x"])) == ["id in ('a''x','b')"]
    assert len(list(among("id", [str(n) for n in range(31)]))) == 3
    headsets = [f"hl-00{n:03}@contoso.com" for n in range(40)]
    assert list(alike("upn", [*headsets, "x@contoso.com"])) == [
        "startswith(upn,'hl-000')",
        "upn in ('x@contoso.com')",
    ]
    short = [f"a{n}@contoso.com" for n in range(20)]
    assert len(list(alike("upn", short))) == 2


def test_a_name_that_the_directory_refuses_is_an_error_with_its_words() -> None:
    tried = world(User(upn="hl-1@unverified.example", account="shared"))
    with pytest.raises(StoppedError, match="verified domain"):
        tried.apply()


def test_an_account_from_a_directory_on_premises_is_a_problem_and_not_touched() -> None:
    tried = world()
    item = tried.person(UPN, onPremisesSyncEnabled=True)
    assert "on premises" in tried.problems()[f"user:{UPN}"]
    tried.apply(adopt=True)
    assert item.properties.get("employeeType") is None
