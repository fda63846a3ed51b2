"""Compliance policies, against the emulator."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest
from tests.unit.targets.graph.kinds.directory_world import World, sample

from holofleet import samples
from holofleet.emulator import Delays
from holofleet.emulator.tenant import Item
from holofleet.errors import RefusedError
from holofleet.resources import CompliancePolicy, DeviceGroup, State
from holofleet.targets.graph.kinds.compliance import CompliancePolicies
from holofleet.targets.graph.kinds.device_groups import DeviceGroups

ITEMS = "deviceCompliancePolicies"
GROUP = DeviceGroup(name="line.plant", display_name="HoloLens line", deployment="line", document="0" * 64)
POLICY = CompliancePolicy(
    name="line",
    display_name="HoloLens line",
    groups=(GROUP.name,),
    os_minimum="10.0.22621.1266",
    storage_encryption=True,
    grace_hours=24,
)


def world(wanted: State | None = None, **more: Any) -> World:
    return World(lambda: [DeviceGroups(), CompliancePolicies()], wanted or State([GROUP, POLICY]), **more)


def policy(tried: World) -> Item:
    return tried.one(ITEMS, displayName="HoloLens line")


def action(tried: World) -> Item:
    """Return the one action of the policy."""
    (rule,) = policy(tried).parts["scheduledActionsForRule"].values()
    (one,) = rule.parts["scheduledActionConfigurations"].values()
    return one


def groups(tried: World) -> set[str]:
    return {one.properties["target"]["groupId"] for one in policy(tried).parts["assignments"].values()}


@pytest.mark.parametrize("delays", [Delays(), Delays.like_the_service()])
@pytest.mark.parametrize("name", samples.SAMPLES)
def test_policies_of_a_sample_are_made_and_the_plan_is_empty(name: str, delays: Delays) -> None:
    tried = world(sample(name), delays=delays)
    tried.apply()
    assert tried.shown() == []
    assert not tried.doubled()
    assert len(tried.tenant.collection(ITEMS)) == len(tried.state.of_kind(CompliancePolicy)) > 0


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("displayName", "Another"),
        ("description", "x [holofleet:fleet:compliance-policy:line]"),
        ("osMinimumVersion", "10.0.1"),
        ("osMaximumVersion", "10.0.99999"),
        ("storageRequireEncryption", False),
        ("passwordRequired", True),
        ("passwordMinimumLength", 6),
        ("passwordRequiredType", "alphanumeric"),
        ("bitLockerEnabled", True),
        ("secureBootEnabled", True),
        ("tpmRequired", True),
    ],
)
def test_whatever_changes_on_a_policy_is_found_and_put_back(name: str, value: object) -> None:
    tried = world()
    tried.apply()
    before = deepcopy(policy(tried).properties)
    item = policy(tried)
    tried.edit(ITEMS, item, **{name: value})
    assert tried.shown() == [f"update compliance-policy:line {name}"]
    tried.apply()
    assert tried.shown() == []
    same = before.keys() - {"version", "lastModifiedDateTime"}
    assert {key: item.properties[key] for key in same} == {key: before[key] for key in same}


@pytest.mark.parametrize(
    ("change", "shown"),
    [
        ({"gracePeriodHours": 48}, "graceHours"),
        ({"notificationTemplateId": "11111111-1111-4111-8111-111111111111"}, "other actions"),
        ({"notificationMessageCCList": ["22222222-2222-4222-8222-222222222222"]}, "other actions"),
        ({"actionType": "retire"}, "graceHours,other actions"),
    ],
)
def test_whatever_changes_on_the_action_is_found_and_put_back(change: dict[str, Any], shown: str) -> None:
    tried = world()
    tried.apply()
    action(tried).properties.update(change)
    assert tried.shown() == [f"update compliance-policy:line {shown}"]
    tried.apply()
    assert tried.shown() == []
    assert action(tried).properties["gracePeriodHours"] == POLICY.grace_hours


def test_an_action_that_somebody_added_is_taken_away() -> None:
    tried = world()
    tried.apply()
    (rule,) = policy(tried).parts["scheduledActionsForRule"].values()
    added = deepcopy(action(tried))
    added.properties |= {"actionType": "retire", "gracePeriodHours": 100}
    rule.parts["scheduledActionConfigurations"]["added"] = added
    assert tried.shown() == ["update compliance-policy:line other actions"]
    tried.apply()
    assert action(tried).properties["actionType"] == "block"


def test_hours_that_change_in_the_file_need_no_other_request_than_their_own() -> None:
    tried = world()
    tried.apply()
    version = policy(tried).properties["version"]
    tried.state = State([GROUP, POLICY.model_copy(update={"grace_hours": 72})])
    tried.apply()
    assert action(tried).properties["gracePeriodHours"] == 72
    assert policy(tried).properties["version"] == version + 1
    assert tried.shown() == []


def test_all_that_differs_at_once_is_put_back_in_one_go() -> None:
    tried = world()
    tried.apply()
    action(tried).properties["gracePeriodHours"] = 1
    policy(tried).parts["assignments"].clear()
    tried.edit(ITEMS, policy(tried), osMinimumVersion="10.0.1")
    assert tried.shown() == ["update compliance-policy:line graceHours,groups,osMinimumVersion"]
    tried.apply()
    assert tried.shown() == []
    assert groups(tried) == {tried.one("groups", displayName="HoloLens line").id}


def test_a_filter_that_somebody_put_before_the_assignment_is_found_and_taken_away() -> None:
    tried = world()
    tried.apply()
    (assignment,) = policy(tried).parts["assignments"].values()
    assignment.properties["target"] |= {
        "deviceAndAppManagementAssignmentFilterId": "33333333-3333-4333-8333-333333333333",
        "deviceAndAppManagementAssignmentFilterType": "include",
    }
    assert tried.shown() == ["update compliance-policy:line groups,other assignments"]
    tried.apply()
    assert tried.shown() == []


def test_what_the_service_adds_to_a_policy_is_no_difference() -> None:
    tried = world()
    tried.apply()
    tried.edit(ITEMS, policy(tried), roleScopeTagIds=["0", "3"])
    assert tried.shown() == []


def test_GRA_2_a_policy_of_that_name_is_adopted_with_consent_only() -> None:
    tried = world()
    tried.apply()
    tried.edit(ITEMS, policy(tried), description="By hand.", passwordRequired=True)
    with pytest.raises(RefusedError, match="not ours yet"):
        tried.apply()
    assert policy(tried).properties["description"] == "By hand."
    tried.apply(adopt=True)
    assert tried.shown() == []
    assert len(tried.tenant.collection(ITEMS)) == 1


def test_a_policy_that_leaves_the_file_goes_and_one_of_others_stays() -> None:
    tried = world()
    tried.apply()
    other = deepcopy(policy(tried).properties) | {"displayName": "Theirs", "description": "By hand."}
    theirs = tried.tenant.create(ITEMS, "windows10CompliancePolicy", other)
    tried.state = State([GROUP])
    assert tried.shown() == ["delete compliance-policy:line"]
    tried.apply()
    assert list(tried.tenant.collection(ITEMS)) == [theirs.id]


@pytest.mark.parametrize("carried_out", [True, False])
@pytest.mark.parametrize("after", range(5))
def test_a_process_that_dies_at_any_request_is_completed_by_the_next(after: int, carried_out: bool) -> None:
    tried = world(delays=Delays.like_the_service())
    tried.killed(after, carried_out=carried_out)
    tried.apply()
    assert tried.shown() == []
    assert not tried.doubled()
    assert groups(tried)
