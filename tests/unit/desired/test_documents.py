"""Documents: shared by equal headsets, ordered by dependency, gated by build, honest about what is missing."""

import pytest
from tests.unit.desired.fleets import POLICY, SERIAL, VENDOR, document, fleet, line_of, told

from holofleet import catalog, desired

LOCK = VENDOR + "TenantLockdown/RequireNetworkInOOBE"


def two(first: str = "", second: str = "") -> str:
    return f'headsets:\n  - {{serial: "A1", {first}}}\n  - {{serial: "A2", {second}}}\n'


def test_equal_headsets_share_one_document():
    state = desired.compile(fleet(headsets=two("asset: HL-1", "asset: HL-2")))
    assert len(state.documents) == 1
    assert [h.variables["serial"] for h in state.headsets.values()] == ["A1", "A2"]


def test_equal_deployments_share_one_document_too():
    other = "- name: other\n  scenario: cloud-connected\n  headsets: [A2]"
    kiosk = "kiosk: {for: everyone, apps: [settings, camera]}"
    state = desired.compile(fleet(headsets=two(), other=other, defaults=kiosk, choice="[A1]"))
    assert {h.deployment for h in state.headsets.values()} == {"field-service", "other"}
    assert len(state.documents) == 1


def test_headsets_at_different_sites_differ_by_their_network_only():
    sites = """
    sites:
      - {name: one, network: {wifi: [{ssid: One, security: open}]}}
      - {name: two}
    """
    state = desired.compile(fleet(headsets=two("site: one", "site: two"), more=sites))
    one, two_ = (set(document(state, serial).by_uri) for serial in ("A1", "A2"))
    assert one - two_ == {VENDOR + "WiFi/Profile/One/WlanXml"}
    assert two_ <= one


def test_what_a_setting_depends_on_comes_before_it_and_the_rest_goes_by_address():
    state = desired.compile(fleet())
    uris = [s.oma_uri for s in document(state).settings]
    place = {uri: index for index, uri in enumerate(uris)}
    for uri in uris:
        for needed in catalog.nodes().find(uri).depends_on:
            assert place.get(needed, -1) < place[uri]
    free = [u for u in uris if not u.startswith(POLICY + "DeviceLock/")]
    assert free == sorted(free)
    assert (
        place[POLICY + "DeviceLock/DevicePasswordEnabled"] < place[POLICY + "DeviceLock/AllowSimpleDevicePassword"]
    )


def test_every_value_is_one_that_its_node_takes():
    for level in ("standard", "advanced"):
        state = desired.compile(fleet(f"restrictions: {{baseline: {level}}}"))
        for setting in document(state).settings:
            node = catalog.nodes().find(setting.oma_uri)
            assert setting.format == node.format
            node.check(setting.data)


def test_a_typical_document_has_fifty_to_seventy_settings():
    text = """
    kiosk: {for: everyone, apps: [settings, camera]}
    settings_pages: {show: [network]}
    restrictions: {developer_mode: false, usb_data: false, manual_unenrollment: false}
    updates: {deferral: {feature_days: 60, quality_days: 7}, active_hours: {start: 7, end: 18}}
    sign_in: {iris: false, pin: {digits_only: true, min_length: 6}}
    power: {display_off_on_battery_s: 120}
    """
    assert 50 <= len(told(text)) <= 70


# Build gates


OWNERS = "device_owners: [admin@contoso.com]"


@pytest.mark.parametrize(("build", "sent"), [("22621.1244", True), ("22621.1133", False), ("newest-known", True)])
def test_a_node_that_is_newer_than_the_build_is_not_sent(build, sent):
    assert ("LocalUsersAndGroups/Configure" in told(f"{OWNERS}\nupdates: {{build: {build}}}")) is sent


def test_what_the_build_cannot_take_is_undelivered_and_blocks_when_the_file_asks_for_it():
    text = f"{OWNERS}\nupdates: {{build: 22621.1133}}"
    state = desired.compile(fleet(text))
    (item,) = [u for u in state.undelivered if u.key == "device_owners"]
    assert "10.0.22621.1244" in item.reason
    assert item.line == line_of(fleet(text), "device_owners")
    assert state.headsets[SERIAL].undelivered == ("device_owners",)


def test_what_only_a_preset_asks_for_is_shown_but_holds_nobody_up():
    state = desired.compile(fleet("updates: {build: 19041.1128}"))
    assert "network.wifi.captive_portal_before_sign_in" in {u.key for u in state.undelivered}
    assert state.headsets[SERIAL].undelivered == ()


def test_the_build_of_a_headset_counts_before_that_of_its_deployment():
    state = desired.compile(fleet(OWNERS, headsets=two("build: 22621.1133", "build: 22621.1266")))
    have = [
        VENDOR + "Policy/Config/LocalUsersAndGroups/Configure" in document(state, s).by_uri for s in ("A1", "A2")
    ]
    assert have == [False, True]


# Tenant lock


def test_the_tenant_lock_is_sent_false_even_where_the_baseline_wants_it():
    assert told("restrictions: {baseline: advanced}")["TenantLockdown/RequireNetworkInOOBE"] == "false"


AUTOPILOT = "enrollment: {autopilot: {profile: hololens-field}}\ntenant_lock: true"


@pytest.mark.parametrize(
    ("target", "autopilot", "value"),
    [
        ("server", "true", "false"),
        ("graph", "true", "true"),
        ("files", "true", "true"),
        ("graph", "false", "false"),
    ],
)
def test_a_headset_is_locked_only_where_its_autopilot_profile_is_certain(target, autopilot, value):
    headsets = f'headsets:\n  - {{serial: "{SERIAL}", autopilot: {autopilot}}}\n'
    state = desired.compile(fleet(AUTOPILOT, headsets=headsets), target=target)
    assert document(state).by_uri[LOCK].data == value
    told_missing = "tenant_lock" in {u.key for u in state.undelivered}
    assert told_missing is (value == "false")
    assert ("tenant_lock" in state.headsets[SERIAL].undelivered) is (value == "false")


# What is not delivered


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("app_control: {allow: [settings]}", "app_control.allow"),
        ("app_control: {policy_file: policy.xml}", "app_control.policy_file"),
        ("app_control: {deny: [assist]}", "app_control.deny"),
        ("apps: {required: [{app: guides}]}", "apps.required"),
        ("network: {vpn: {name: contoso-vpn, profile_file: vpn.xml}}", "network.vpn"),
        ("certificates: [{name: inner, file: inner.pem}]", "certificates"),
        ("enrollment: {autopilot: {profile: field}}", "enrollment.autopilot"),
        ("accounts: {kind: shared-certificate, users: per-headset}", "accounts.kind"),
        (
            "assist: {runs_in: app, app: {package_family_name: Contoso.Shell_1qaz2wsx3edc4, application_id: App}}",
            "assist.app",
        ),
        ("kiosk: {for: everyone}", "kiosk"),
        ("updates: {source: wsus}", "updates.source"),
    ],
)
def test_what_is_said_and_not_delivered_is_shown_with_its_line_and_blocks_compliance(text, key):
    state = desired.compile(fleet(text))
    (item,) = [u for u in state.undelivered if u.key == key]
    assert item.reason
    assert item.line == line_of(fleet(text), text.partition(":")[0] + ":")
    assert key in state.headsets[SERIAL].undelivered


@pytest.mark.parametrize(
    "text",
    [
        "app_control: none",
        "network: {vpn: none}",
        "kiosk: none",
        "network: {vpn: {name: v, servers: [v.contoso.com], delivery: user}}",
    ],
)
def test_what_is_switched_off_is_not_undelivered(text):
    assert desired.compile(fleet(text)).undelivered == ()


@pytest.mark.parametrize(
    ("text", "target"),
    [("assist: {recording: forbidden}", "files"), ("accounts: {password: {reset: on-return}}", "server")],
)
def test_what_services_have_to_do_is_shown_but_no_headset_is_blamed(text, target):
    state = desired.compile(fleet(text), target=target)
    assert len(state.undelivered) == 1
    assert state.headsets[SERIAL].undelivered == ()


def test_the_root_of_an_inspecting_proxy_is_undelivered_at_its_site():
    sites = """
    sites:
      - name: plant
        network:
          proxy: {mode: wpad, inspects_tls: true, root_certificate: root.pem}
    """
    headsets = f'headsets:\n  - {{serial: "{SERIAL}", site: plant}}\n'
    state = desired.compile(fleet(headsets=headsets, more=sites))
    assert state.headsets[SERIAL].undelivered == ("sites.network.proxy.root_certificate",)
