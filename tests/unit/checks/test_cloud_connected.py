"""What rules of the cloud-connected guide say beyond their samples: numbers, names, excuses, repeats."""

from __future__ import annotations

import pytest
from tests.unit.checks.fleets import TODAY, fleet, reports

from holofleet import catalog, checks, desired, spec
from holofleet.checks import RULES, Standing, Word, domains
from holofleet.diagnostics import Finding, Severity
from holofleet.resources import State

POLICY = "./Device/Vendor/MSFT/Policy/Config/"
AUTOPILOT = "enrollment: {first_account: none, autopilot: {profile: hololens-field}}"
BY_HAND = "enrollment: {automatic: false, first_account: deployer1@contoso.com}"
SITE = "sites: [{name: plant, connected_in_use: true, network: {first_wifi: open, NETWORK}}]"


def found(
    rule: str, first: str = "", second: str = "", *, more: str = "", target: str = "server"
) -> list[Finding]:
    """Return the findings of one rule, in the order of the report."""
    report = checks.run(fleet(first, second, more=more), today=TODAY, target=target)
    return [finding for finding in report.findings if finding.rule == rule]


def stands(
    rule: str, first: str = "", *, more: str = "", target: str = "server", reported: State | None = None
) -> Standing:
    """Return the standing of a rule for `field`."""
    fleet_ = fleet(first, more=more)
    state = desired.compile(fleet_, target=target)
    report = checks.run(fleet_, today=TODAY, target=target, state=state, reported=reported)
    (standing,) = (item for item in report.standings if (item.rule, item.deployment) == (rule, "field"))
    return standing


def network(keys: str) -> str:
    """Return a site with a network."""
    return SITE.replace("NETWORK", keys)


def test_what_repeats_the_musts_of_the_guide_repeats_all_of_them() -> None:
    musts = [s.id for s in catalog.statements().values() if s.guide == "PREP" and s.kind is Severity.MUST]
    assert list(RULES["PREP-24"].rests_on) == musts


def test_every_statement_of_the_guide_has_a_rule() -> None:
    assert {s.id for s in catalog.statements().values() if s.guide == "PREP"} <= set(RULES)


def test_a_headset_in_no_deployment_is_told_once_for_the_whole_file() -> None:
    (one,) = found("PREP-01", 'headsets: ["0101"]')
    assert (one.summary, one.subject) == ("headset 0102 stands in no deployment", "headset:0102")
    (two,) = found("PREP-01", 'headsets: ["0101"]', 'headsets: {prefix: "99"}')
    assert two.summary == "2 headsets stand in no deployment (0102 is the first)"
    assert two.subject == "organization"


def test_a_waiver_for_the_one_headset_covers_it_in_every_deployment() -> None:
    waiver = (
        "waivers: [{rule: PREP-01, headset: '0102', by: admin1@contoso.com, until: 2027-01-29, reason: spare}]"
    )
    assert found("PREP-01", 'headsets: ["0101"]', more=waiver) == []


def test_the_free_edition_is_told_with_what_the_file_would_not_get() -> None:
    groups = "groups: [{name: wearers, members: [deployer1@contoso.com], licenses: [INTUNE_A]}]\n"
    text = fleet(BY_HAND, BY_HAND, more=groups).texts["fleet.yaml"].replace("edition: P1", "edition: free")
    report = checks.run(spec.parse({"fleet.yaml": text}), today=TODAY, target="server")
    details = {finding.detail for finding in report.findings if finding.rule == "PREP-02"}
    assert details == {"Without P1 these do not work: licenses by group (groups.licenses)."}


@pytest.mark.parametrize(
    ("domain", "personal", "private", "verifiable"),
    [
        ("contoso.com", False, False, True),
        ("contoso.onmicrosoft.com", False, False, True),
        ("outlook.contoso.com", False, False, True),
        ("live.contoso.com", False, False, True),
        ("hotmail.co.uk", True, False, False),
        ("outlook.de", True, False, False),
        ("plant.local", False, True, False),
        ("plant", False, True, False),
        ("local.contoso.com", False, False, True),
        ("headsets.example.org", False, False, False),
        ("example-contoso.com", False, False, True),
        ("contoso.test", False, False, False),
    ],
)
def test_whose_a_domain_is(domain: str, personal: bool, private: bool, verifiable: bool) -> None:
    assert domains.personal(domain) is personal
    assert domains.private(domain) is private
    assert domains.verifiable(domain) is verifiable


def test_accounts_of_a_foreign_domain_are_told_once() -> None:
    accounts = "accounts: {users: per-headset, domain: fabrikam.com}"
    (finding,) = found("PREP-13", accounts)
    assert finding.summary == (
        "field signs in with 2 accounts (hl-0101@fabrikam.com is one): fabrikam.com is no domain of the tenant"
    )
    assert found("PREP-06", accounts) == found("PREP-09", accounts) == []


@pytest.mark.parametrize(("domain", "rule"), [("plant.local", "PREP-06"), ("live.com", "PREP-09")])
def test_a_domain_is_told_by_one_rule_only(domain: str, rule: str) -> None:
    telling = [
        r
        for r in ("PREP-06", "PREP-09", "PREP-13")
        if found(r, f"accounts: {{domain: {domain}, users: per-headset}}")
    ]
    assert telling == [rule]


def test_a_group_that_lists_no_members_but_exists_may_hold_the_first_account() -> None:
    tenant = "auto_enrollment: {scope: some, groups: [deployers]}"
    for more, told in (
        ("groups: [{name: deployers, object_id: 22222222-2222-4222-8222-222222222222}]", 0),
        ("groups: [{name: deployers}]", 2),
    ):
        text = fleet(more=more).texts["fleet.yaml"].replace("edition: P1}", "edition: P1, " + tenant + "}")
        report = checks.run(spec.parse({"fleet.yaml": text}), today=TODAY, target="server")
        assert len([f for f in report.findings if f.rule == "PREP-10"]) == told


def test_headsets_that_are_enrolled_by_hand_are_not_judged_by_what_enrolls_by_itself() -> None:
    assert stands("PREP-10", BY_HAND).word is Word.NOT_APPLICABLE
    assert stands("PREP-03", "enrollment: {join: mdm-only, first_account: deployer1@contoso.com}").word is (
        Word.NOT_APPLICABLE
    )


def test_nobody_becomes_owner_where_nobody_signs_in_first() -> None:
    assert stands("PREP-08", AUTOPILOT).why == "no account sets the headsets up, so nobody becomes their owner"
    assert "PREP-07" in stands("PREP-08", "enrollment: {automatic: true}").why


def test_personal_accounts_are_off_once_headsets_report_it() -> None:
    state = desired.compile(fleet())
    assert stands("PREP-09", reported=reports(state)).why.startswith("waits to be confirmed")
    node = POLICY + "Accounts/AllowMicrosoftAccountConnection"
    assert stands("PREP-09", reported=reports(state, s0101={node: "1"})).word is Word.NOT_MET
    assert stands("PREP-15", reported=reports(state, s0102={POLICY + "Wifi/AllowWiFi": "0"})).word is Word.NOT_MET


def test_another_service_waits_for_a_person_and_intune_is_not_another() -> None:
    assert stands("PREP-14", target="graph").word is Word.NOT_APPLICABLE
    assert stands("PREP-14", target="files").why.startswith("waits for a person")
    assert stands("PREP-14").why.startswith("waits to be confirmed")


def test_the_steps_that_need_another_way_are_named_where_intune_does_not_manage() -> None:
    for target, who in (("server", "our own server"), ("files", "another service")):
        standing = stands("PREP-26", target=target)
        assert standing.word is Word.NOT_APPLICABLE
        assert standing.why.startswith(who)
        assert "kiosk template" in standing.why
    assert stands("PREP-26", target="graph").word is Word.WAITING


def test_numbers_of_a_network_are_told_with_the_target() -> None:
    more = network("rtt_ms: 140.5, jitter_ms: 30, loss_percent: 1")
    (finding,) = found("PREP-17", "site: plant", more=more)
    assert finding.summary == "round trip of site plant is 140.5 ms, and calls want at most 100"


def test_a_share_of_a_call_is_told_with_its_numbers() -> None:
    more = network("uplink_mbps: 7, downlink_mbps: 3.5, concurrent_calls: 2")
    up, down = found("PREP-20", "site: plant", more=more)
    assert up.summary == "site plant has 3.5 Mbit/s to the Internet for each of 2 calls; the best picture takes 4"
    assert down.summary.startswith("site plant has 1.75 Mbit/s from the Internet for each of 2 calls")
    assert up.mend.startswith("Plan with 10 Mbit/s")
    slow = network("uplink_mbps: 2.5, downlink_mbps: 9, concurrent_calls: 2")
    assert found("PREP-20", "site: plant", more=slow) == []
    (low,) = found("PREP-18", "site: plant", more=slow)
    assert low.summary == "each call from site plant has 1.25 Mbit/s, and field does not say what calls give up"


def test_a_deployment_without_a_vpn_has_nothing_to_deliver() -> None:
    assert stands("PREP-23", "network: {vpn: none}").word is Word.NOT_APPLICABLE
    assert stands("PREP-22", "network: {vpn: none}").word is Word.MET
