"""The resources beside the settings: accounts, groups, pools, deployments."""

from datetime import date

import pytest
from tests.unit.desired.fleets import SERIAL, fleet

from holofleet import desired
from holofleet.resources import Client, Deployment, Group, LicensePool, Site, User


def test_the_organization_is_a_client_of_its_own():
    clients = desired.compile(fleet()).of_kind(Client)
    assert {name: c.display_name for name, c in clients.items()} == {"own": "Contoso"}


def test_each_headset_gets_an_account_made_from_the_template():
    state = desired.compile(
        fleet('accounts: {users: per-headset, name: "hl-{{asset}}", display_name: "Line {{asset}}"}')
    )
    upn = state.headsets[SERIAL].variables["account"]
    assert upn == "hl-hl-0101@contoso.com"
    user = state.of_kind(User)[upn]
    assert (user.account, user.display_name, user.usage_location) == ("headset", "Line HL-0101", "US")


def test_an_account_of_many_wearers_is_a_shared_one_in_its_own_domain():
    text = "accounts: {kind: shared-manual, users: per-headset, domain: headsets.contoso.com}"
    users = desired.compile(fleet(text)).of_kind(User)
    assert users[f"hl-{SERIAL}@headsets.contoso.com"].account == "shared"


def test_the_account_at_a_headset_counts_before_the_template():
    headsets = f'headsets:\n  - {{serial: "{SERIAL}", account: line1@contoso.com}}\n'
    state = desired.compile(fleet("accounts: {users: per-headset}", headsets=headsets))
    assert state.headsets[SERIAL].variables == {"serial": SERIAL, "account": "line1@contoso.com"}


def test_one_person_is_the_account_of_the_headsets_and_several_are_none():
    one = desired.compile(fleet("accounts: {users: [technician1@contoso.com]}"))
    assert one.headsets[SERIAL].variables["account"] == "technician1@contoso.com"
    assert one.of_kind(User)["technician1@contoso.com"].account == "person"
    two = desired.compile(fleet("accounts: {users: [technician1@contoso.com, admin@contoso.com]}"))
    assert "account" not in two.headsets[SERIAL].variables


def test_auto_logon_without_an_account_is_a_finding():
    text = "accounts: {users: [technician1@contoso.com, admin@contoso.com]}\nsign_in: {auto_logon: true}"
    with pytest.raises(desired.CompileError) as caught:
        desired.compile(fleet(text))
    assert [finding.rule for finding in caught.value.findings] == ["compile/account"]


def test_groups_hold_people_and_the_accounts_of_deployments():
    more = """
    groups:
      - name: accounts
        members: {upns: [admin@contoso.com], accounts_of: [field-service]}
        licenses: [AAD_PREMIUM]
    """
    group = desired.compile(fleet("accounts: {users: per-headset}", more=more)).of_kind(Group)["accounts"]
    assert group.members == ("admin@contoso.com", f"hl-{SERIAL}@contoso.com")
    assert group.licenses == ("AAD_PREMIUM",)


def test_seats_of_one_product_add_up():
    more = """
    licenses:
      - {sku: AAD_PREMIUM, seats: 10, trial_until: 2026-12-31}
      - {sku: INTUNE_A, seats: 5}
    """
    pools = desired.compile(fleet(more=more)).of_kind(LicensePool)
    assert (pools["AAD_PREMIUM"].seats, pools["AAD_PREMIUM"].trial_until) == (10, date(2026, 12, 31))
    assert pools["INTUNE_A"].seats == 5


def test_a_deployment_says_when_its_headsets_are_expected_and_how_often_they_ask():
    text = """
    reconnect: {rule: monthly, week: third, day: friday, after_patch_tuesday: true, window: 2d, grace: 3d}
    poll: {first: {times: 4}, then_every_min: 60}
    verify_every_h: 48
    """
    found = desired.compile(fleet(text)).of_kind(Deployment)["field-service"]
    reconnect = found.reconnect
    assert (reconnect.rule, reconnect.ordinal, reconnect.weekday, reconnect.after_patch_tuesday) == (
        "monthly",
        3,
        4,
        True,
    )
    assert (reconnect.window_days, reconnect.grace_days) == (2, 3)
    assert (found.poll.first_count, found.poll.first_interval_min, found.poll.remaining_interval_min) == (4, 5, 60)
    assert (found.verify_every_h, found.timezone, found.join) == (48, "America/Chicago", "entra")


def test_sites_carry_their_bandwidth_and_connectivity():
    more = "sites:\n  - {name: plant, connectivity: near-offline, network: {uplink_mbps: 20, downlink_mbps: 40}}"
    site = desired.compile(fleet(more=more)).of_kind(Site)["plant"]
    assert (site.connectivity, site.uplink_mbps, site.downlink_mbps, site.client) == (
        "near-offline",
        20,
        40,
        "own",
    )


def test_a_renamed_deployment_and_a_replaced_headset_keep_their_past():
    headsets = f'headsets:\n  - {{serial: "{SERIAL}", formerly: "003421800099"}}\n'
    state = desired.compile(fleet("formerly: field", headsets=headsets))
    assert state.of_kind(Deployment)["field-service"].formerly == "field"
    assert state.headsets[SERIAL].formerly == "003421800099"
