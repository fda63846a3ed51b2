"""Licenses of groups and accounts, and the products behind them, against the emulator."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from tests.unit.targets.graph.kinds.directory_world import ROOT, World, sample

from holofleet import samples
from holofleet.emulator import Delays, FaultPlan, Quotas
from holofleet.emulator.tenant import Item
from holofleet.errors import RefusedError
from holofleet.resources import Address, Group, LicensePool, State, User
from holofleet.targets.graph.kinds.accounts import Accounts
from holofleet.targets.graph.kinds.group_licenses import GroupLicenses
from holofleet.targets.graph.kinds.groups import Groups
from holofleet.targets.graph.kinds.license_errors import sentence
from holofleet.targets.graph.kinds.licenses import plans_off
from holofleet.targets.graph.kinds.products import Products, ServicePlans
from holofleet.targets.graph.kinds.user_licenses import UserLicenses
from holofleet.targets.graph.needs import to_read
from holofleet.targets.graph.target import StoppedError

GUID = "33333333-3333-4333-8333-333333333333"
UPNS = tuple(f"hl-{n:03}@contoso.com" for n in range(6))
ACCOUNTS = [User(upn=upn, account="shared", usage_location="US") for upn in UPNS]
LINE = Group(name="line-4", members=UPNS, licenses=("AAD_PREMIUM", "INTUNE_A"))
SUITE = Group(
    name="line-4",
    members=UPNS,
    licenses=("SPE_E3", "AAD_PREMIUM"),
    disabled_plans={"SPE_E3": ("TEAMS1", "INTUNE_A")},
)
DIRECT = User(
    upn="hl-900@contoso.com",
    account="headset",
    usage_location="US",
    licenses=("SPE_F1",),
    disabled_plans={"SPE_F1": ("TEAMS1",)},
)


def kinds() -> list[Any]:
    return [Products(), ServicePlans(), Accounts(), UserLicenses(), Groups(ROOT), GroupLicenses()]


def world(*nouns: Any, **more: Any) -> World:
    return World(kinds, State(nouns), **more)


def group(tried: World, name: str = "line-4") -> Item:
    return tried.one("groups", displayName=name)


def sku(tried: World, part: str) -> Item:
    return tried.one("subscribedSkus", skuPartNumber=part)


def parts(tried: World, entries: list[dict[str, Any]]) -> set[str]:
    names = {
        item.properties["skuId"]: item.properties["skuPartNumber"]
        for item in tried.tenant.collection("subscribedSkus").values()
    }
    return {names[entry["skuId"]] for entry in entries}


def held(tried: World, upn: str) -> set[str]:
    return parts(tried, tried.user(upn).properties["assignedLicenses"])


def later(tried: World) -> None:
    """Have everything arrive that is on its way: members by rule, then their licenses."""
    tried.clock.advance(timedelta(minutes=10))
    tried.tenant.settle()
    tried.clock.advance(timedelta(minutes=10))
    tried.tenant.settle()


def plan_ids(tried: World, part: str, *names: str) -> list[str]:
    plans = sku(tried, part).properties["servicePlans"]
    return [plan["servicePlanId"] for plan in plans if plan["servicePlanName"] in names]


@pytest.mark.parametrize("delays", [Delays(), Delays.like_the_service()])
@pytest.mark.parametrize("name", samples.SAMPLES)
def test_licenses_of_a_sample_arrive_and_the_plan_is_empty(name: str, delays: Delays) -> None:
    tried = World(kinds, sample(name), delays=delays, quotas=Quotas())
    for user in tried.state.of_kind(User).values():
        if user.account == "person":
            tried.person(user.upn)
    for one in tried.state.of_kind(Group).values():
        if one.object_id:
            tried.group("Emergency access", id=one.object_id)
    tried.apply()
    assert tried.shown() == []
    assert tried.problems() == {}
    later(tried)
    for one in tried.state.of_kind(Group).values():
        for upn in one.members:
            assert set(one.licenses) <= held(tried, upn)


def test_an_apply_ends_when_every_member_has_the_licenses() -> None:
    tried = world(*ACCOUNTS, SUITE, delays=Delays.like_the_service())
    tried.apply(confirm_s=0)
    assert all(held(tried, upn) == {"SPE_E3", "AAD_PREMIUM"} for upn in UPNS)
    entry = next(e for e in group(tried).properties["assignedLicenses"] if e["disabledPlans"])
    assert sorted(entry["disabledPlans"]) == sorted(plan_ids(tried, "SPE_E3", "TEAMS1", "INTUNE_A"))


def _assigned(tried: World, *entries: tuple[str, tuple[str, ...]]) -> list[dict[str, Any]]:
    return [
        {"skuId": sku(tried, part).properties["skuId"], "disabledPlans": plan_ids(tried, part, *plans)}
        for part, plans in entries
    ]


@pytest.mark.parametrize(
    ("entries", "field"),
    [
        ([("AAD_PREMIUM", ())], "products"),
        ([("AAD_PREMIUM", ()), ("SPE_E3", ("TEAMS1", "INTUNE_A")), ("GUIDES_USER", ())], "products"),
        ([("AAD_PREMIUM", ()), ("SPE_E3", ("TEAMS1",))], "disabledPlans"),
        ([("AAD_PREMIUM", ("AAD_PREMIUM",)), ("SPE_E3", ("TEAMS1", "INTUNE_A"))], "disabledPlans"),
    ],
)
def test_whatever_changes_on_licenses_of_a_group_is_found_and_mended(entries: Any, field: str) -> None:
    tried = world(*ACCOUNTS, SUITE)
    tried.apply()
    changed = _assigned(tried, *entries)
    tried.edit("groups", group(tried), assignedLicenses=changed)
    tried.tenant.settled_licenses[group(tried).id] = changed
    (shown,) = tried.shown()
    assert shown.startswith("update group-license:line-4")
    assert field in shown.rpartition(" ")[2].split(",")
    tried.apply()
    assert tried.shown() == []
    assert all(held(tried, upn) == {"SPE_E3", "AAD_PREMIUM"} for upn in UPNS)


def test_licenses_that_the_file_does_not_give_are_taken_from_a_group_of_ours() -> None:
    tried = world(*ACCOUNTS, LINE)
    tried.apply()
    tried.state = State([*ACCOUNTS, LINE.model_copy(update={"licenses": ()})])
    assert tried.shown() == ["delete group-license:line-4"]
    tried.apply()
    assert tried.shown() == []
    assert held(tried, UPNS[0]) == set()


def test_licenses_go_before_their_group_does() -> None:
    tried = world(*ACCOUNTS, LINE, delays=Delays.like_the_service())
    tried.apply()
    tried.state = State(ACCOUNTS)
    tried.apply()
    assert not tried.tenant.collection("groups")
    assert tried.shown() == []
    later(tried)
    assert held(tried, UPNS[0]) == set()


def test_plans_that_the_service_switches_off_by_itself_are_no_difference() -> None:
    assist = Group(
        name="callers",
        members=UPNS,
        licenses=("MICROSOFT_REMOTE_ASSIST",),
        disabled_plans={"MICROSOFT_REMOTE_ASSIST": ("CDS_REMOTE_ASSIST",)},
    )
    tried = world(*ACCOUNTS, assist)
    tried.apply()
    (entry,) = group(tried, "callers").properties["assignedLicenses"]
    assert len(entry["disabledPlans"]) == 2
    assert tried.shown() == []


def test_too_few_seats_are_said_in_the_plan_and_nobody_gets_the_product() -> None:
    tried = world(*ACCOUNTS, LINE)
    sku(tried, "INTUNE_A").properties["prepaidUnits"] = {
        "enabled": 4,
        "warning": 0,
        "suspended": 0,
        "lockedOut": 0,
    }
    said = tried.problems()["product:INTUNE_A"]
    assert "6 more are to get INTUNE_A, and 4 of 4 seats are free. Buy 2 seats" in said
    tried.apply()
    assert len(tried.tenant.collection("users")) == len(UPNS)
    assert group(tried).properties["assignedLicenses"] == []
    assert tried.shown() == []
    sku(tried, "INTUNE_A").properties["prepaidUnits"]["enabled"] = 6
    assert tried.shown() == ["create group-license:line-4 group,products"]
    tried.apply()
    assert tried.problems() == {}


def test_who_has_a_seat_needs_no_other() -> None:
    tried = world(*ACCOUNTS, LINE)
    sku(tried, "INTUNE_A").properties["prepaidUnits"]["enabled"] = len(UPNS)
    tried.apply()
    assert tried.problems() == {}
    second = Group(name="second", members=UPNS[:3], licenses=("INTUNE_A",))
    tried.state = State([*ACCOUNTS, LINE, second])
    assert tried.problems() == {}
    tried.apply()
    assert tried.shown() == []


def test_a_product_that_nobody_bought_is_said_with_what_has_the_same_plans() -> None:
    tried = world(*ACCOUNTS, LINE.model_copy(update={"licenses": ("AAD_PREMIUM", "EMSPREMIUM")}))
    said = tried.problems()
    assert "has not bought EMSPREMIUM" in said["product:EMSPREMIUM"]
    assert "EMSPREMIUM" in said["group-license:line-4"]
    tried.apply()
    assert tried.shown() == []
    tried.state = State([*ACCOUNTS, LINE.model_copy(update={"licenses": ("AAD_PREMIUM",)})])
    item = sku(tried, "AAD_PREMIUM")
    tried.tenant.delete("subscribedSkus", item)
    assert "EMS" in tried.problems()["product:AAD_PREMIUM"]


def test_a_service_plan_that_a_product_does_not_have_is_said_in_the_plan() -> None:
    tried = world(*ACCOUNTS, SUITE.model_copy(update={"disabled_plans": {"SPE_E3": ("GUIDES",)}}))
    assert "SPE_E3 has no service plan GUIDES; it has " in tried.problems()["group-license:line-4"]
    tried.apply()
    assert tried.shown() == []
    assert group(tried).properties["assignedLicenses"] == []


def test_a_subscription_that_ran_out_is_said_in_the_plan() -> None:
    tried = world(*ACCOUNTS, LINE)
    sku(tried, "INTUNE_A").properties["capabilityStatus"] = "Suspended"
    assert "suspended" in tried.problems()["product:INTUNE_A"]
    tried.apply()
    assert group(tried).properties["assignedLicenses"] == []


def test_members_without_a_license_end_an_apply_and_stand_in_every_plan_until_it_is_mended() -> None:
    stranded = ACCOUNTS[0].model_copy(update={"usage_location": "KP"})
    tried = world(stranded, *ACCOUNTS[1:], LINE, delays=Delays.like_the_service())
    with pytest.raises(StoppedError, match="ProhibitedInUsageLocationViolation") as stopped:
        tried.apply()
    assert UPNS[0] in str(stopped.value)
    assert "usage_location" in str(stopped.value)
    assert tried.shown() == []
    said = tried.problems()["group-license:line-4"]
    assert UPNS[0] in said
    assert UPNS[1] not in said
    tried.state = State([*ACCOUNTS, LINE])
    tried.apply()
    later(tried)
    assert tried.problems() == {}
    assert held(tried, UPNS[0]) == {"AAD_PREMIUM", "INTUNE_A"}


def test_licenses_that_are_still_being_given_out_are_said_in_the_plan() -> None:
    tried = world(*ACCOUNTS, LINE)
    tried.apply()
    tried.edit("groups", group(tried), licenseProcessingState={"state": "ProcessingInProgress"})
    assert "still giving these licenses out" in tried.problems()["group-license:line-4"]


def test_a_change_waits_for_the_one_that_is_going_on() -> None:
    tried = world(*ACCOUNTS, LINE, delays=Delays.like_the_service())
    assert tried.killed(6, carried_out=True)
    tried.state = State([*ACCOUNTS, SUITE])
    tried.apply()
    assert parts(tried, group(tried).properties["assignedLicenses"]) == {"SPE_E3", "AAD_PREMIUM"}
    assert all(held(tried, upn) == {"SPE_E3", "AAD_PREMIUM"} for upn in UPNS)


def test_GRA_2_licenses_of_somebody_elses_group_change_with_consent_only_and_stay_when_it_leaves() -> None:
    theirs = Group(name="pilots", object_id=GUID, licenses=("INTUNE_A",))
    tried = world(theirs)
    tried.group("Pilots", id=GUID)
    with pytest.raises(RefusedError):
        tried.apply()
    tried.apply(adopt=True)
    assert tried.shown() == []
    assert parts(tried, group(tried, "Pilots").properties["assignedLicenses"]) == {"INTUNE_A"}
    assert group(tried, "Pilots").properties["description"] == "Made by hand."
    tried.state = State()
    assert tried.shown() == []


def test_direct_licenses_of_an_account_are_made_compared_and_taken_away() -> None:
    tried = world(DIRECT, delays=Delays.like_the_service())
    tried.apply()
    later(tried)
    assert held(tried, DIRECT.upn) == {"SPE_F1"}
    assert tried.shown() == []
    item = tried.user(DIRECT.upn)
    (state,) = item.properties["licenseAssignmentStates"]
    other = {**state, "skuId": sku(tried, "GUIDES_USER").properties["skuId"], "disabledPlans": []}
    tried.edit("users", item, licenseAssignmentStates=[state, other])
    assert tried.shown() == [f"update user-license:{DIRECT.upn} products"]
    tried.apply()
    assert tried.shown() == []
    tried.edit("users", item, licenseAssignmentStates=[{**state, "disabledPlans": []}])
    assert tried.shown() == [f"update user-license:{DIRECT.upn} disabledPlans"]
    tried.apply()
    tried.state = State([DIRECT.model_copy(update={"licenses": (), "disabled_plans": {}})])
    assert tried.shown() == [f"delete user-license:{DIRECT.upn}"]
    tried.apply()
    assert tried.shown() == []


def test_licenses_by_a_group_are_none_of_the_account_itself() -> None:
    tried = world(*ACCOUNTS, DIRECT, LINE.model_copy(update={"members": (*UPNS, DIRECT.upn)}))
    tried.apply()
    assert held(tried, DIRECT.upn) == {"AAD_PREMIUM", "INTUNE_A", "SPE_F1"}
    assert tried.shown() == []


def test_what_a_person_lacks_is_said_and_given_only_when_asked_for_by_name() -> None:
    person = User(upn="expert1@contoso.com", account="person", licenses=("AAD_PREMIUM",))
    tried = world(person)
    tried.person(person.upn)
    assert "only when asked for by name" in tried.problems()["user-license:expert1@contoso.com"]
    tried.apply()
    assert held(tried, person.upn) == set()
    tried.apply(asked=[Address("user-license", person.upn)])
    assert held(tried, person.upn) == {"AAD_PREMIUM"}
    assert tried.problems() == {}
    tried.edit(
        "users", tried.user(person.upn), assignedLicenses=_assigned(tried, ("AAD_PREMIUM", ()), ("EMS", ()))
    )
    assert tried.problems() == {}
    assert tried.shown() == []


@pytest.mark.parametrize("carried_out", [True, False])
@pytest.mark.parametrize("after", range(9))
def test_a_process_that_dies_at_any_request_is_completed_by_the_next(after: int, carried_out: bool) -> None:
    tried = world(*ACCOUNTS, DIRECT, SUITE, delays=Delays.like_the_service())
    assert tried.killed(after, carried_out=carried_out)
    tried.apply()
    assert tried.shown() == []
    later(tried)
    assert tried.problems() == {}
    assert not tried.doubled()
    assert all(held(tried, upn) == {"SPE_E3", "AAD_PREMIUM"} for upn in UPNS)
    assert held(tried, DIRECT.upn) == {"SPE_F1"}


@pytest.mark.parametrize("seed", range(6))
def test_a_storm_ends_in_the_same_state(seed: int) -> None:
    faults = FaultPlan(seed=seed, rate=0.15)
    tried = world(*ACCOUNTS, DIRECT, SUITE, delays=Delays.like_the_service(), faults=faults)
    tried.weather()
    assert tried.shown() == []
    assert not tried.doubled()
    later(tried)
    assert tried.problems() == {}
    assert all(held(tried, upn) == {"SPE_E3", "AAD_PREMIUM"} for upn in UPNS)


def test_an_empty_plan_for_a_thousand_accounts_takes_few_round_trips() -> None:
    accounts = [User(upn=f"hl-{n:06}@contoso.com", account="shared", usage_location="US") for n in range(1000)]
    rule = '(user.userPrincipalName -startsWith "hl-")'
    everybody = Group(name="all", members=tuple(u.upn for u in accounts), rule=rule, licenses=("INTUNE_A",))
    tried = world(*accounts, everybody, quotas=Quotas())
    sku(tried, "INTUNE_A").properties["prepaidUnits"]["enabled"] = 2000
    tried.apply(confirm_s=0)
    before = tried.emulator.trips
    assert tried.shown() == []
    assert tried.emulator.trips - before <= 3
    assert tried.problems() == {}


def test_plans_off_may_be_more_where_some_are_asked_for_and_none_where_none_is() -> None:
    assert plans_off({"A": ["x"]}, {"A": ["x", "y"]})
    assert not plans_off({"A": ["x", "z"]}, {"A": ["x", "y"]})
    assert not plans_off({}, {"A": ["x"]})
    assert not plans_off({"A": ["x"]}, {})


def test_errors_of_members_are_told_by_kind_and_those_that_only_follow_are_left_out() -> None:
    def member(name: str, error: str) -> dict[str, Any]:
        state = {"assignedByGroup": "g", "state": "Error", "error": error}
        return {"userPrincipalName": name, "licenseAssignmentStates": [state]}

    many = [member(f"u{n}@contoso.com", "CountViolation") for n in range(7)]
    said, mend = sentence("g", [*many, member("v@contoso.com", "Other")])
    assert "and 2 more: no seat is free (CountViolation)" in said
    assert "Other" not in said
    assert "buy seats" in mend
    assert "no reason" in sentence("g", [member("w@contoso.com", "SomethingNew")])[0]
    assert sentence("g", [member("w@contoso.com", "Other")])[0].startswith("w@contoso.com")


def test_fewer_seats_than_the_file_counts_on_are_said() -> None:
    tried = world(*ACCOUNTS, LINE, LicensePool(sku="INTUNE_A", seats=500))
    assert "counts on 500 seats of INTUNE_A, and the tenant has 100" in tried.problems()["license:INTUNE_A"]
    tried.apply()
    assert tried.shown() == []


def test_who_lacked_a_seat_gets_the_license_once_seats_are_bought() -> None:
    tried = world(*ACCOUNTS[:4], LINE.model_copy(update={"members": UPNS[:4]}), delays=Delays.like_the_service())
    seats = sku(tried, "INTUNE_A").properties["prepaidUnits"]
    seats["enabled"] = 4
    tried.apply()
    tried.state = State([*ACCOUNTS, LINE])
    assert "Buy 2 seats" in tried.problems()["product:INTUNE_A"]
    tried.apply()
    later(tried)
    assert "CountViolation" in tried.problems()["group-license:line-4"]
    assert tried.shown() == []
    seats["enabled"] = 5
    assert tried.shown() == ["update group-license:line-4 membersToTryAgain"]
    tried.apply()
    later(tried)
    assert tried.shown() == []
    seats["enabled"] = 6
    tried.apply()
    later(tried)
    assert tried.problems() == {}
    assert all(held(tried, upn) == {"AAD_PREMIUM", "INTUNE_A"} for upn in UPNS)


def test_licenses_of_a_group_that_is_gone_are_gone() -> None:
    tried = world(*ACCOUNTS, LINE)
    tried.apply()
    tried.state = State(ACCOUNTS)
    with tried.target() as graph:
        plan = graph.plan(tried.state)
        item = group(tried)
        tried.tenant.delete("groups", item)
        tried.tenant.groups_of.clear()
        graph.apply(plan, tried.state, {})
    assert tried.shown() == []


def test_a_plan_needs_permissions_to_read_and_no_other() -> None:
    needs = to_read(kinds())
    assert needs.permissions
    assert all(name.endswith(".Read.All") for name in needs.permissions)


def test_an_apply_needs_only_what_its_changes_need() -> None:
    tried = world(*ACCOUNTS, LINE)
    tried.apply()
    tried.state = State([*ACCOUNTS, LINE.model_copy(update={"members": UPNS[:5]})])
    with tried.target() as graph:
        graph.plan(tried.state)
        writing = [name for name in graph.needs().permissions if not name.endswith(".Read.All")]
    assert writing == ["GroupMember.ReadWrite.All"]
