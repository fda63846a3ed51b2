"""Settings of the whole tenant: compared always, written only when asked for by name, whole where they must."""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import replace
from typing import Any

import pytest
from tests.unit.targets.graph.kinds.directory_world import ROOT, World, sample

from holofleet.emulator import Quotas
from holofleet.plans import Act
from holofleet.resources import Address, Group, State, TenantSetting
from holofleet.targets.graph.kinds.groups import Groups
from holofleet.targets.graph.kinds.tenant_settings import TenantSettings
from holofleet.targets.graph.needs import Needs
from holofleet.targets.graph.reconcile import Marker, Scope, Wanted

LINE, STAFF = Group(name="line-4"), Group(name="staff")


def setting(name: str, delegated_only: bool = False, **value: Any) -> TenantSetting:
    return TenantSetting(name=name, display_name=name, value=value, delegated_only=delegated_only)


JOIN = setting("device-join", users="some", groups=("line-4",), quota=7)
APPS = setting("user-app-registration", allowed=False)
DAYS = setting("password-validity.contoso.com", domain="contoso.com", days=180)
ENROLL = setting("automatic-enrollment", True, users="some", groups=("line-4",))
ALL = (JOIN, APPS, DAYS)


def kinds() -> list[Any]:
    return [Groups(ROOT), TenantSettings(ROOT)]


def world(*settings: TenantSetting, person: bool = False) -> World:
    tried = World(kinds, State((LINE, STAFF, *settings)), quotas=Quotas())
    tried.tenant.settings = replace(tried.tenant.settings, delegated=person)
    tried.apply()
    return tried


def policy(tried: World) -> dict[str, Any]:
    return tried.tenant.singletons["deviceRegistrationPolicy"]


def scope(tried: World) -> dict[str, Any]:
    return tried.tenant.singletons["mobileDeviceManagementPolicy"]


def domain(tried: World) -> dict[str, Any]:
    return tried.tenant.collection("domains")["contoso.com"].properties


def written(tried: World) -> list[str]:
    """Return what was asked of policies and domains beside reads."""
    return [
        f"{one.method} {one.path.partition('?')[0]}"
        for one in tried.emulator.exchanges
        if one.method != "GET" and ("/policies/" in one.path or "/domains" in one.path)
    ]


def test_settings_that_differ_are_told_and_not_written_unless_asked_for() -> None:
    tried = world(*ALL)
    before = deepcopy(tried.tenant.singletons)
    told = tried.problems()
    assert set(told) == {str(one.address) for one in ALL}
    assert "allowed: True, wanted False." in told[str(APPS.address)]
    assert "written only when asked for by name (tenant-setting:user-app-registration)" in told[str(APPS.address)]
    assert "days: " in told[str(DAYS.address)]
    assert tried.shown() == []
    assert tried.tenant.singletons == before
    assert written(tried) == []


@pytest.mark.parametrize("one", ALL, ids=lambda one: one.name)
def test_a_setting_that_is_asked_for_is_written_alone_and_the_plan_is_empty_afterwards(one: TenantSetting) -> None:
    tried = world(*ALL)
    tried.apply(asked=[one.address])
    assert set(tried.problems()) == {str(other.address) for other in ALL if other is not one}
    assert len(written(tried)) == 1


def test_the_rest_of_the_join_policy_goes_back_as_it_came() -> None:
    tried = world(JOIN)
    policy(tried)["localAdminPassword"] = {"isEnabled": True}
    policy(tried)["multiFactorAuthConfiguration"] = "required"
    before = deepcopy(policy(tried))
    tried.apply(asked=[JOIN.address])
    now = policy(tried)
    for name in ("localAdminPassword", "multiFactorAuthConfiguration", "azureADRegistration"):
        assert now[name] == before[name]
    assert now["azureADJoin"]["isAdminConfigurable"] == before["azureADJoin"]["isAdminConfigurable"]
    assert now["azureADJoin"]["allowedToJoin"]["groups"] == [tried.one("groups", displayName="line-4").id]
    assert now["userDeviceQuota"] == 7


def test_what_users_may_do_beside_stays() -> None:
    tried = world(APPS)
    before = tried.tenant.singletons["authorizationPolicy"]["defaultUserRolePermissions"]
    tried.apply(asked=[APPS.address])
    now = tried.tenant.singletons["authorizationPolicy"]["defaultUserRolePermissions"]
    assert now == {**before, "allowedToCreateApps": False}


def test_when_people_are_told_before_a_password_ends_stays() -> None:
    tried = world(DAYS)
    domain(tried)["passwordNotificationWindowInDays"] = 30
    tried.apply(asked=[DAYS.address])
    assert domain(tried)["passwordNotificationWindowInDays"] == 30
    assert domain(tried)["passwordValidityPeriodInDays"] == 180


def _members(tried: World, **more: Any) -> None:
    tried_policy = policy(tried)
    tried_policy["azureADJoin"] = deepcopy(tried_policy["azureADJoin"])
    tried_policy["azureADJoin"]["allowedToJoin"].update(more)


SEEDED: dict[str, Any] = {
    "quota": (lambda w: policy(w).update(userDeviceQuota=50), JOIN, "quota: 50, wanted 7"),
    "another group": (
        lambda w: _members(w, groups=[w.one("groups", displayName="staff").id]),
        JOIN,
        "groups: ['group:staff'], wanted ['group:line-4']",
    ),
    "single users": (
        lambda w: _members(w, users=["11111111-1111-4111-8111-111111111111"]),
        JOIN,
        "single users: ['11111111-1111-4111-8111-111111111111'], wanted None",
    ),
    "everybody": (
        lambda w: policy(w).update(
            azureADJoin={"allowedToJoin": {"@odata.type": "#microsoft.graph.allDeviceRegistrationMembership"}}
        ),
        JOIN,
        "users: 'all', wanted 'some'",
    ),
    "apps": (
        lambda w: w.tenant.singletons["authorizationPolicy"]["defaultUserRolePermissions"].update(
            allowedToCreateApps=True
        ),
        APPS,
        "allowed: True, wanted False",
    ),
    "days": (lambda w: domain(w).update(passwordValidityPeriodInDays=90), DAYS, "days: 90, wanted 180"),
    "default days": (lambda w: domain(w).update(passwordValidityPeriodInDays=None), DAYS, "days: 90, wanted 180"),
}


@pytest.mark.parametrize("seed", SEEDED)
def test_drift_in_any_part_of_a_setting_is_found(seed: str) -> None:
    tried = world(*ALL)
    tried.apply(asked=[one.address for one in ALL])
    assert tried.problems() == {}
    change, one, said = SEEDED[seed]
    change(tried)
    assert set(tried.problems()) == {str(one.address)}
    assert said in tried.problems()[str(one.address)]
    assert tried.plan().headline == (
        f"No changes to make; 1 setting differs, written only when named: {one.address}."
    )
    with tried.target(desired=tried.state) as graph:
        found = graph.drift()
    assert found
    assert all(drift.oma_uri.startswith(str(one.address)) for drift in found)
    tried.apply(asked=[one.address])
    assert tried.problems() == {}


def test_a_setting_that_nobody_states_is_neither_read_nor_compared() -> None:
    tried = world()
    assert not any("/policies/" in one.path or "/domains" in one.path for one in tried.emulator.exchanges)


def test_a_domain_that_the_tenant_lacks_is_said_and_is_no_drift() -> None:
    other = setting("password-validity.fabrikam.com", domain="fabrikam.com", days=90)
    tried = world(other)
    assert tried.problems() == {str(other.address): "The tenant has no fabrikam.com."}
    with tried.target(desired=tried.state, asked=[other.address]) as graph:
        assert graph.drift() == ()


def test_what_only_a_person_may_see_is_said_so_and_keeps_nothing_else_back() -> None:
    tried = world(ENROLL, APPS)
    told = tried.problems()
    assert told[str(ENROLL.address)].startswith("No application may read or write it: sign in as a person")
    assert "allowed: True" in told[str(APPS.address)]
    notes = tried.apply(asked=[ENROLL.address, APPS.address])
    assert any(note.startswith(str(ENROLL.address)) for note in notes)
    assert scope(tried)["appliesTo"] == "none"
    assert not tried.tenant.singletons["authorizationPolicy"]["defaultUserRolePermissions"]["allowedToCreateApps"]


def test_a_signed_in_person_sees_and_writes_whose_devices_are_enrolled() -> None:
    tried = world(ENROLL, person=True)
    scope(tried)["includedGroups"] = [tried.one("groups", displayName="staff").id]
    assert "enrolled users: 'none', wanted 'some'" in tried.problems()[str(ENROLL.address)]
    tried.apply(asked=[ENROLL.address])
    assert scope(tried)["appliesTo"] == "selected"
    assert scope(tried)["includedGroups"] == [tried.one("groups", displayName="line-4").id]
    assert tried.problems() == {}
    scope(tried)["includedGroups"].append(tried.one("groups", displayName="staff").id)
    assert "enrolled groups: ['group:line-4', 'group:staff']" in tried.problems()[str(ENROLL.address)]


def test_everybody_enrolls_in_one_request_and_groups_are_left() -> None:
    everybody = setting("automatic-enrollment", True, users="all", groups=())
    tried = world(everybody, person=True)
    scope(tried)["includedGroups"] = [tried.one("groups", displayName="staff").id]
    tried.apply(asked=[everybody.address])
    assert scope(tried)["appliesTo"] == "all"
    assert len(scope(tried)["includedGroups"]) == 1
    assert tried.problems() == {}


@pytest.mark.parametrize(
    ("fields", "permissions"),
    [
        ({"allowed"}, {"Policy.ReadWrite.Authorization"}),
        ({"quota"}, {"Policy.Read.DeviceConfiguration", "Policy.ReadWrite.DeviceConfiguration"}),
        ({"groups"}, {"Policy.Read.DeviceConfiguration", "Policy.ReadWrite.DeviceConfiguration"}),
        ({"days"}, {"Domain.ReadWrite.All"}),
        ({"enrolled groups"}, {"Policy.ReadWrite.MobilityManagement"}),
    ],
)
def test_writing_a_setting_needs_its_own_permissions_only(fields: set[str], permissions: set[str]) -> None:
    needed = Needs.of(TenantSettings(ROOT).writes(Act.UPDATE, frozenset(fields)))
    assert set(needed.permissions) == permissions


def test_reading_asks_for_no_permission_that_only_a_person_can_have() -> None:
    assert not any(operation.delegated_only for operation in TenantSettings(ROOT).reads)


def test_every_setting_of_the_samples_is_known() -> None:
    for name in ("cloud-connected", "external-clients", "near-offline", "shared-identity"):
        whole = sample(name)
        named = whole.of_kind(TenantSetting).values()
        settings = TenantSettings(ROOT)
        for one in named:
            assert any(Address("tenant-setting", one.name) == w.address for w in _wanted(settings, one))


def _wanted(settings: TenantSettings, one: TenantSetting) -> Sequence[Wanted]:
    return settings.wanted(Scope(State((one,)), Marker("fleet")))
