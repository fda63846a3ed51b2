"""Conditional access of headset accounts, against the emulator: report-only, never for everybody, drift found."""

from __future__ import annotations

from typing import Any

import pytest
from tests.unit.targets.graph.kinds.directory_world import ROOT, World

from holofleet.emulator import Delays, Quotas
from holofleet.emulator.tenant import Item
from holofleet.errors import InputError, RefusedError
from holofleet.resources import Address, ConditionalAccess, Group, State
from holofleet.targets.graph.kinds.conditional_access import ConditionalAccessPolicies
from holofleet.targets.graph.kinds.groups import Groups
from holofleet.targets.graph.reconcile import Ids, Marker, Scope, Wanted

ACCOUNTS, OTHERS, EMERGENCY = Group(name="line-4"), Group(name="line-5"), Group(name="emergency")
POLICY = ConditionalAccess(
    name="headset-accounts",
    display_name="Headset accounts sign in on compliant headsets only",
    accounts=("line-4", "line-5"),
    excluded=("emergency",),
    excluded_apps=("d4ebce55-015a-49b5-a083-c84d1797ae8c",),
)
NAMED = f"{POLICY.display_name} [holofleet:fleet:conditional-access:headset-accounts]"
COLLECTION = "conditionalAccessPolicies"


def kinds() -> list[Any]:
    return [Groups(ROOT), ConditionalAccessPolicies()]


def world(policy: ConditionalAccess | None = POLICY, **more: Any) -> World:
    nouns = [ACCOUNTS, OTHERS, EMERGENCY, *([policy] if policy is not None else [])]
    return World(kinds, State(tuple(nouns)), **more)


def applied(**more: Any) -> World:
    tried = world(**more)
    tried.apply()
    return tried


def only(tried: World) -> Item:
    (item,) = tried.tenant.collection(COLLECTION).values()
    return item


def ids(tried: World, *names: str) -> list[str]:
    return [tried.one("groups", displayName=name).id for name in names]


def stranger(tried: World, **more: Any) -> Item:
    properties = {
        "displayName": "Everybody needs a second factor",
        "state": "enabled",
        "conditions": {
            "clientAppTypes": ["all"],
            "users": {"includeUsers": ["All"], "excludeGroups": ["x"]},
            "applications": {"includeApplications": ["All"]},
        },
        "grantControls": {"operator": "OR", "builtInControls": ["mfa"]},
        "sessionControls": None,
        **more,
    }
    return tried.tenant.create(COLLECTION, "conditionalAccessPolicy", properties)


@pytest.mark.parametrize("delays", [Delays(), Delays.like_the_service()])
def test_a_condition_is_made_report_only_and_the_plan_is_empty_afterwards(delays: Delays) -> None:
    tried = applied(delays=delays, quotas=Quotas())
    made = only(tried).properties
    assert made["state"] == "enabledForReportingButNotEnforced"
    assert made["displayName"] == NAMED
    users = made["conditions"]["users"]
    assert sorted(users["includeGroups"]) == sorted(ids(tried, "line-4", "line-5"))
    assert users["excludeGroups"] == ids(tried, "emergency")
    assert tried.shown() == []
    assert tried.tenant.lock_outs == 0


def conditions(tried: World, **changed: Any) -> dict[str, Any]:
    held = only(tried).properties["conditions"]
    return {"conditions": {**held, **changed}}


def users(tried: World, **changed: Any) -> dict[str, Any]:
    return conditions(tried, users={**only(tried).properties["conditions"]["users"], **changed})


def applications(tried: World, **changed: Any) -> dict[str, Any]:
    return conditions(tried, applications={**only(tried).properties["conditions"]["applications"], **changed})


SEEDED: dict[str, Any] = {
    "state": (lambda w: {"state": "disabled"}, "state"),
    "name": (lambda w: {"displayName": "Mine now " + NAMED}, "displayName"),
    "client types": (lambda w: conditions(w, clientAppTypes=["browser"]), "conditions"),
    "platforms": (lambda w: conditions(w, platforms={"includePlatforms": ["windows"]}), "conditions"),
    "risk": (lambda w: conditions(w, userRiskLevels=["high"]), "conditions"),
    "an account less": (lambda w: users(w, includeGroups=ids(w, "line-4")), "includeGroups"),
    "no emergency": (lambda w: users(w, excludeGroups=ids(w, "line-5")), "excludeGroups"),
    "everybody": (lambda w: users(w, includeUsers=["All"]), "conditions"),
    "a user excluded": (lambda w: users(w, excludeUsers=["x"]), "conditions"),
    "no app excluded": (lambda w: applications(w, excludeApplications=[]), "conditions"),
    "one app": (lambda w: applications(w, includeApplications=["Office365"]), "conditions"),
    "grant": (
        lambda w: {"grantControls": {"operator": "OR", "builtInControls": ["compliantDevice", "mfa"]}},
        "grantControls",
    ),
    "operator": (
        lambda w: {"grantControls": {"operator": "AND", "builtInControls": ["compliantDevice"]}},
        "grantControls",
    ),
    "session": (lambda w: {"sessionControls": {"disableResilienceDefaults": True}}, "sessionControls"),
}


@pytest.mark.parametrize("seed", SEEDED)
def test_drift_in_any_part_of_a_condition_is_found_and_mended(seed: str) -> None:
    tried = applied()
    change, field = SEEDED[seed]
    before = dict(only(tried).properties)
    tried.edit(COLLECTION, only(tried), **change(tried))
    assert tried.shown() == [f"update {POLICY.address} {field}"]
    tried.apply()
    assert tried.shown() == []
    after = only(tried).properties
    ignored = {"modifiedDateTime"}
    assert {k: v for k, v in after.items() if k not in ignored} == {
        k: v for k, v in before.items() if k not in ignored
    }


@pytest.mark.parametrize(
    "added",
    [
        {"templateId": None, "partialEnablementStrategy": None},
        {"conditions": {"userRiskLevels": [], "platforms": None, "clientApplications": None}},
    ],
)
def test_what_the_service_adds_is_no_difference(added: dict[str, Any]) -> None:
    tried = applied()
    held = only(tried).properties
    more = {
        **added,
        **({"conditions": {**held["conditions"], **added["conditions"]}} if "conditions" in added else {}),
    }
    tried.edit(COLLECTION, only(tried), **more)
    assert tried.shown() == []


def test_GRA_2_conditions_of_others_are_neither_changed_nor_deleted() -> None:
    tried = world()
    theirs = stranger(tried)
    before = dict(theirs.properties)
    tried.apply()
    assert tried.shown() == []
    tried.state = State()
    tried.apply()
    assert tried.tenant.collection(COLLECTION) == {theirs.id: theirs}
    assert theirs.properties == before


def test_GRA_2_a_condition_of_the_same_name_is_taken_over_with_consent_only() -> None:
    tried = world()
    theirs = stranger(tried, displayName=POLICY.display_name)
    with pytest.raises(RefusedError):
        tried.apply()
    assert theirs.properties["state"] == "enabled"
    tried.apply(adopt=True)
    assert only(tried).properties["displayName"] == NAMED
    assert tried.shown() == []


def test_a_condition_that_leaves_the_file_is_deleted() -> None:
    tried = applied()
    tried.state = world(None).state
    assert tried.shown() == [f"delete {POLICY.address}"]
    tried.apply()
    assert tried.tenant.collection(COLLECTION) == {}


@pytest.mark.parametrize("carried_out", [True, False])
def test_a_kill_at_any_request_leaves_one_condition_in_the_end(carried_out: bool) -> None:
    for after in range(40):
        tried = world(delays=Delays.like_the_service())
        if not tried.killed(after, carried_out=carried_out):
            break
        tried.apply()
        assert tried.shown() == []
        assert not tried.doubled()
    else:
        pytest.fail("it never ended")


def test_GRA_2_a_condition_is_not_sent_while_the_group_that_it_leaves_out_is_missing() -> None:
    gone = Group(name="emergency", object_id="11111111-1111-4111-8111-111111111111")
    tried = World(kinds, State((ACCOUNTS, OTHERS, gone, POLICY.model_copy(update={"state": "enabled"}))))
    notes = " ".join(tried.apply())
    assert f"{POLICY.address}: It waits for group:emergency" in notes
    assert tried.tenant.collection(COLLECTION) == {}


@pytest.mark.parametrize("missing", ["includeGroups", "excludeGroups"])
def test_GRA_2_a_condition_for_everybody_or_without_exclusion_cannot_be_sent(missing: str) -> None:
    group = Address("group", "line-4")
    references = {"includeGroups": (group,), "excludeGroups": (group,)} | {missing: ()}
    wanted = Wanted(POLICY.address, "", {"state": "enabled", "conditions": {}}, references)
    scope = Scope(State(), Marker("fleet"))
    with pytest.raises(InputError, match="never holds for"):
        next(ConditionalAccessPolicies().create(wanted, Ids({group: "1"}), scope))
