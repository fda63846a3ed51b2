"""What a fleet file becomes in an Entra ID and Intune tenant."""

from __future__ import annotations

import base64
import hashlib
from importlib.resources import files
from typing import Any, TypeVar

import pytest
from tests.unit.desired.fleets import fleet

from holofleet import desired, resources, samples, spec
from holofleet.plans import compare
from holofleet.resources import State
from holofleet.resources.cloud import CLOUD

_R = TypeVar("_R", bound=resources.Resource)
ROOT = files("holofleet.samples").joinpath("contoso-devices-root.pem").read_bytes()
HASH = base64.b64encode(b"hardware of one headset, long enough").decode()
FREE = "edition: P1", "edition: free"
AUTOPILOT = """
enrollment: {autopilot: {profile: hololens-field, group_tag: field, device_name: HL-%SERIAL%}}
accounts: {users: per-headset}
"""
TWO = """
headsets:
  - {serial: "001", autopilot: true}
  - {serial: "002", autopilot: true}
"""


def sample(name: str, *changes: tuple[str, str]) -> spec.Spec:
    (text,) = samples.text(name).values()
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return spec.parse({"fleet.yaml": text}, enclosures={"contoso-devices-root.pem": ROOT})


def graph(fleet_spec: spec.Spec, tenant: str | None = None) -> State:
    return desired.compile(fleet_spec, target="graph", tenant=tenant)


def one(state: State, noun: type[_R]) -> _R:
    (found,) = state.of_kind(noun).values()
    return found


def missed(state: State, key: str) -> list[str]:
    return [item.reason for item in state.undelivered if item.key == key]


@pytest.mark.parametrize("name", samples.SAMPLES)
@pytest.mark.parametrize("target", ["server", "files"])
def test_only_the_target_graph_gets_nouns_of_a_tenant(name: str, target: str) -> None:
    state = desired.compile(sample(name), target=target)
    kinds = {noun.kind for noun in CLOUD}
    assert not [address for address in state.resources if address.kind in kinds]
    everywhere = {"site", "role_clients", "role_sites", "role_deployments"}
    for noun in (resources.User, resources.Group):
        told = noun.later - everywhere
        assert told
        assert not [item for item in state.to_json()["resources"][noun.kind] if told & item.keys()]


@pytest.mark.parametrize("name", samples.SAMPLES)
def test_the_same_file_gives_the_same_bytes_and_an_empty_plan(name: str) -> None:
    first, second = graph(sample(name)), graph(sample(name))
    assert first.render() == second.render()
    read = State.from_json(first.to_json())
    assert compare(first, read, target="graph").changes == ()


@pytest.mark.parametrize("name", samples.SAMPLES)
def test_every_name_that_a_noun_refers_to_is_there(name: str) -> None:
    state = graph(sample(name))
    groups, devices = state.of_kind(resources.Group), state.of_kind(resources.DeviceGroup)
    for resource in state.resources.values():
        for field, known in (("accounts", groups), ("excluded", groups)):
            assert set(getattr(resource, field, ())) <= known.keys()
        if not isinstance(resource, (resources.DeviceGroup, resources.Group)):
            assert set(getattr(resource, "groups", ())) <= devices.keys()
    placed = sorted(serial for group in devices.values() for serial in group.serials)
    assert placed == sorted(state.headsets)
    for group in devices.values():
        assert {state.headsets[serial].document for serial in group.serials} == {group.document}


def test_a_tag_that_only_these_headsets_have_gives_a_dynamic_group() -> None:
    state = graph(fleet(AUTOPILOT, headsets=TWO))
    assert one(state, resources.DeviceGroup).rule == '(device.devicePhysicalIds -any _ -eq "[OrderID]:field")'


@pytest.mark.parametrize(
    "headsets",
    [
        TWO.replace('"002", autopilot: true', '"002"'),
        TWO.replace('"002", autopilot: true', '"002", autopilot: true, group_tag: other'),
    ],
)
def test_a_group_is_static_where_its_tag_does_not_give_exactly_its_headsets(headsets: str) -> None:
    groups = graph(fleet(AUTOPILOT, headsets=headsets)).of_kind(resources.DeviceGroup)
    assert all(group.rule == "" for group in groups.values())


def test_a_headset_in_stock_with_the_same_tag_keeps_a_group_static() -> None:
    stock = TWO + '  - {serial: "003", autopilot: true, group_tag: field}\n'
    state = graph(fleet(AUTOPILOT, headsets=stock, choice='["001", "002"]'))
    assert one(state, resources.DeviceGroup).rule == ""
    assert set(state.of_kind(resources.Registration)) == {"001", "002", "003"}


def test_a_tenant_without_p1_has_no_dynamic_groups() -> None:
    text = fleet(AUTOPILOT, headsets=TWO).texts["fleet.yaml"].replace(*FREE)
    state = graph(spec.parse({"fleet.yaml": text}))
    assert one(state, resources.DeviceGroup).rule == ""
    assert all(group.rule == "" for group in state.of_kind(resources.Group).values())


def test_a_known_build_that_changes_nothing_keeps_a_headset_in_its_group() -> None:
    first = graph(fleet(AUTOPILOT, headsets=TWO))
    known = TWO.replace('"001"', '"001", build: 22621.1266')
    second = graph(fleet(AUTOPILOT, headsets=known))
    assert first.of_kind(resources.DeviceGroup) == second.of_kind(resources.DeviceGroup)


def test_a_known_build_that_changes_what_headsets_get_parts_them() -> None:
    old = TWO.replace('"001"', '"001", build: 19041.1128')
    named = "restrictions: {usb_data: false}\npower: {restart: {day: sunday, time: 02:30}}\n" + AUTOPILOT
    groups = graph(fleet(named, headsets=old)).of_kind(resources.DeviceGroup)
    assert {group.serials for group in groups.values()} == {("001",), ("002",)}


def test_a_hardware_hash_travels_beside_the_state_and_not_in_it() -> None:
    headsets = f'headsets:\n  - {{serial: "001", hardware_hash: "{HASH}"}}\n'
    state = graph(fleet(AUTOPILOT, headsets=headsets))
    digest = hashlib.sha256(base64.b64decode(HASH)).hexdigest()
    assert one(state, resources.Registration).hash_sha256 == digest
    assert state.contents[digest] == base64.b64decode(HASH)
    assert HASH not in state.render()
    assert one(state, resources.AutopilotProfile).groups == tuple(state.of_kind(resources.DeviceGroup))


def test_a_headset_without_hash_and_registration_is_said_to_be_out_of_reach() -> None:
    state = graph(fleet(AUTOPILOT))
    assert not state.of_kind(resources.Registration)
    assert not state.of_kind(resources.AutopilotProfile)
    (reason,) = missed(state, "enrollment.autopilot")
    assert "003421800101" in reason


def test_a_registration_is_locked_only_where_the_lock_reaches_the_headset() -> None:
    headsets = TWO.replace('"002", autopilot: true', f'"002", hardware_hash: "{HASH}"')
    found = graph(fleet(AUTOPILOT + "tenant_lock: true\n", headsets=headsets)).of_kind(resources.Registration)
    assert (found["001"].locked, found["002"].locked) == (True, False)


def test_deployments_that_disagree_about_a_profile_are_refused() -> None:
    other = """
    - name: training
      scenario: cloud-connected
      headsets: ["002"]
      enrollment: {autopilot: {profile: hololens-field, device_name: TR-%SERIAL%}}
    """
    with pytest.raises(desired.CompileError, match="hololens-field"):
        graph(fleet(AUTOPILOT, headsets=TWO, choice='["001"]', other=other))


def test_the_build_of_the_file_is_the_least_one_that_complies() -> None:
    policy = one(graph(fleet("updates: {build: 22621.1244}\n")), resources.CompliancePolicy)
    assert (policy.os_minimum, policy.storage_encryption, policy.password_required) == (
        "10.0.22621.1244",
        True,
        None,
    )


@pytest.mark.parametrize(
    ("settings", "days"),
    [
        ("", 9),
        ("updates: {deferral: {quality_days: 7, feature_days: 60}}", 69),
        ("updates: {deferral: {quality_days: 7}, deadline: {quality_days: 2, grace_days: 1}}", 10),
        ("reconnect: {rule: monthly, week: second, day: wednesday, window: 1d, grace: 3d}", 35),
        ("reconnect: {rule: interval, every: 20d, longest_absence: 45d}", 45),
    ],
)
def test_a_headset_that_waits_as_the_file_lets_it_still_complies(settings: str, days: int) -> None:
    assert one(graph(fleet(settings)), resources.CompliancePolicy).grace_hours == days * 24


def test_days_of_grace_that_the_file_says_count() -> None:
    spec_ = sample("near-offline", ("mfa: entra  ", "compliance: {grace_days: 3, password: true}\n  mfa: entra  "))
    for policy in graph(spec_).of_kind(resources.CompliancePolicy).values():
        assert (policy.grace_hours, policy.password_required) == (72, True)


def test_a_group_of_all_accounts_is_dynamic_by_their_names() -> None:
    group = graph(sample("external-clients")).of_kind(resources.Group)["client-headsets"]
    assert group.rule == (
        '(user.userPrincipalName -startsWith "hl-") and (user.userPrincipalName -endsWith "@clients.contoso.com")'
    )
    assert len(group.members) == 16


@pytest.mark.parametrize(
    "change",
    [
        ("accounts_of: [fabrikam-line-1, northwind-dock]", "accounts_of: [northwind-dock]"),
        ('name: "hl-{{serial}}"', 'name: "{{serial}}"'),
        ("admin1@contoso.com, roles", "hl-admin@clients.contoso.com, roles"),
    ],
)
def test_a_group_is_static_where_names_do_not_give_exactly_its_members(change: tuple[str, str]) -> None:
    changes = [change]
    if "hl-admin" in change[1]:
        changes.append(("by: admin1@contoso.com", "by: hl-admin@clients.contoso.com"))
    group = graph(sample("external-clients", *changes)).of_kind(resources.Group)["client-headsets"]
    assert group.rule == ""


def test_accounts_of_clients_carry_their_company_and_people_are_left_alone() -> None:
    users = graph(sample("external-clients")).of_kind(resources.User)
    accounts = [user for user in users.values() if user.account != "person"]
    assert {user.company for user in accounts} == {"Fabrikam", "Northwind Traders"}
    assert all(user.usage_location == "US" for user in accounts)
    people = [user for user in users.values() if user.account == "person"]
    assert not any(user.company or user.password_never_expires for user in people)


def test_products_keep_what_is_switched_off() -> None:
    change = (
        "licenses: [AAD_PREMIUM, INTUNE_A]}",
        "licenses: [{sku: SPE_E3, disabled_plans: [YAMMER_ENTERPRISE, EXCHANGE_S_ENTERPRISE]}]}",
    )
    group = graph(sample("external-clients", change)).of_kind(resources.Group)["client-headsets"]
    assert (group.licenses, group.disabled_plans) == (
        ("SPE_E3",),
        {"SPE_E3": ("EXCHANGE_S_ENTERPRISE", "YAMMER_ENTERPRISE")},
    )


def test_a_password_that_never_expires_is_the_accounts_own_policy() -> None:
    state = graph(sample("external-clients", ("expires_after_days: 120", "expires_after_days: never")))
    accounts = [user for user in state.of_kind(resources.User).values() if user.account == "headset"]
    assert accounts
    assert all(user.password_never_expires for user in accounts)
    assert not [name for name in state.of_kind(resources.TenantSetting) if name.startswith("password-validity")]


def test_days_until_a_password_expires_are_a_setting_of_the_domain() -> None:
    setting = graph(sample("external-clients")).of_kind(resources.TenantSetting)[
        "password-validity.clients.contoso.com"
    ]
    assert setting.value == {"domain": "clients.contoso.com", "days": 120}
    assert "clients.contoso.com" in setting.touches


def test_deployments_on_one_domain_that_disagree_about_passwords_are_refused() -> None:
    change = (
        "    updates: {deferral: {feature_days: 0",
        "    accounts: {password: {expires_after_days: 180}}\n    updates: {deferral: {feature_days: 0",
    )
    with pytest.raises(desired.CompileError, match="for the domain"):
        graph(sample("external-clients", change))


def test_certificate_sign_in_trusts_the_issuer_and_nobody_else() -> None:
    state = graph(sample("shared-identity"))
    found = one(state, resources.CertificateSignIn)
    (authority,) = found.authorities
    assert found.accounts == ("shared-accounts",)
    assert (authority.root, authority.crl_url) == (True, "http://pki.contoso.com/devices.crl")
    der = state.contents[authority.sha256]
    assert hashlib.sha1(der, usedforsecurity=False).hexdigest() == "f081cea57511f8bcf9e2528fc835e6e2c4523bda"


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("f081cea57511f8bcf9e2528fc835e6e2c4523bda", "0" * 40, "not among"),
        ('        crl_url: "http://pki.contoso.com/devices.crl"\n', "", "crl_url is missing"),
        ("http://pki.contoso.com", "https://pki.contoso.com", "plain http"),
    ],
)
def test_certificate_sign_in_that_could_not_work_is_not_set_up_and_said(old: str, new: str, reason: str) -> None:
    state = graph(sample("shared-identity", (old, new)))
    assert not state.of_kind(resources.CertificateSignIn)
    assert any(reason in item for item in missed(state, "accounts.certificate"))


def test_an_issuer_is_found_by_its_name_whatever_the_order_of_its_parts() -> None:
    by_name = (
        "issuer_thumbprint: f081cea57511f8bcf9e2528fc835e6e2c4523bda",
        'issuer_name: "cn = contoso devices (example\\\\, replace me)"',
    )
    assert one(graph(sample("shared-identity", by_name)), resources.CertificateSignIn).accounts


@pytest.mark.parametrize("name", ["external-clients", "shared-identity"])
def test_conditions_begin_as_report_only_and_leave_out_emergency_accounts_and_enrollment(name: str) -> None:
    found = one(graph(sample(name)), resources.ConditionalAccess)
    assert found.state == "report-only"
    assert found.excluded == ("emergency-access",)
    assert found.excluded_apps == ("d4ebce55-015a-49b5-a083-c84d1797ae8c",)
    assert "emergency-access" not in found.accounts


@pytest.mark.parametrize("name", ["cloud-connected", "near-offline"])
def test_no_condition_is_made_where_no_guide_asks_for_one(name: str) -> None:
    state = graph(sample(name))
    assert not state.of_kind(resources.ConditionalAccess)
    assert not missed(state, "tenant.conditional_access")


LINE = (
    "  break_glass_group: emergency-access"
    "            # in a cloud tenant: conditions for signing in never hold for it\n"
)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ((LINE, ""), "break_glass_group"),
        (("object_id: 33333333-3333-4333-8333-333333333333", "members: []"), "neither members"),
    ],
)
def test_without_emergency_accounts_no_condition_is_made_and_that_is_said(
    change: tuple[str, str], reason: str
) -> None:
    state = graph(sample("external-clients", change))
    assert not state.of_kind(resources.ConditionalAccess)
    assert any(reason in item for item in missed(state, "tenant.conditional_access"))


def test_a_condition_that_the_file_switches_off_is_not_made() -> None:
    change = (LINE, LINE + "  conditional_access: {state: none}\n")
    state = graph(sample("external-clients", change))
    assert not state.of_kind(resources.ConditionalAccess)
    assert not missed(state, "tenant.conditional_access")


def test_headset_accounts_as_emergency_accounts_are_refused() -> None:
    change = ("break_glass_group: emergency-access", "break_glass_group: client-headsets")
    with pytest.raises(desired.CompileError, match="holds headset accounts"):
        graph(sample("external-clients", change))


def test_accounts_that_share_a_group_with_people_get_a_group_of_their_own() -> None:
    change = (
        "members: {accounts_of: [assembly-line]}",
        "members: {accounts_of: [assembly-line], upns: [expert1@contoso.com]}",
    )
    state = graph(sample("shared-identity", change))
    (name,) = one(state, resources.ConditionalAccess).accounts
    made = state.of_kind(resources.Group)[name]
    assert name == "hololens-accounts.assembly-line"
    assert len(made.members) == 12
    assert "expert1@contoso.com" not in made.members


def test_apps_of_the_store_are_brought_and_others_are_said_to_be_work() -> None:
    apps = """
    apps:
      required:
        - {app: remote-assist, store_id: 9P0000000001, min_version: 1.2.0.0}
        - {app: guides, package: apps/guides.msixbundle}
    """
    state = graph(fleet(apps))
    app = one(state, resources.App)
    assert (app.name, app.store_id, app.min_version) == ("remote-assist", "9P0000000001", "1.2.0.0")
    assert app.groups == tuple(state.of_kind(resources.DeviceGroup))
    (reason,) = missed(state, "apps.required")
    assert "guides" in reason
    assert "app.guides" in state.of_kind(resources.ManualStep)
    assert state.headsets["003421800101"].undelivered == ("apps.required",)


def test_what_a_tenant_does_is_not_said_to_be_undelivered_there() -> None:
    for name in ("external-clients", "shared-identity"):
        state = graph(sample(name))
        said: list[Any] = [item.key for item in state.undelivered]
        assert not {"enrollment.autopilot", "accounts.password", "accounts.licenses"} & set(said)
        assert all(item.target in ("graph", "all") for item in state.undelivered)


def test_settings_of_the_tenant_stand_only_where_the_file_says_them() -> None:
    assert not graph(fleet()).of_kind(resources.TenantSetting)
    found = graph(sample("shared-identity")).of_kind(resources.TenantSetting)
    assert set(found) == {"device-join", "user-app-registration", "automatic-enrollment"}
    assert all(setting.touches and setting.rule for setting in found.values())
    assert [setting.name for setting in found.values() if setting.delegated_only] == ["automatic-enrollment"]
