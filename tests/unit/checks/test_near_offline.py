"""What near-offline rules say beyond their samples: texts with numbers, and where they do not apply."""

from __future__ import annotations

from datetime import date

from tests.unit.checks.fleets import TODAY, fleet, standing

from holofleet import catalog, checks
from holofleet.checks import RULES, Report, Word
from holofleet.diagnostics import Finding, Severity
from holofleet.spec import Spec, parse

NEAR = "scenario: near-offline\nsite: ship\n"


def ship(network: str = "") -> str:
    """Return a restricted site."""
    return (
        "sites: [{name: ship, connectivity: near-offline, connected_in_use: false, network: {" + network + "}}]\n"
    )


def checked(spec: Spec, *, today: date = TODAY) -> Report:
    """Check a fleet by every rule."""
    return checks.run(spec, today=today, target="server")


def found(report: Report, rule: str) -> list[Finding]:
    """Return the findings of a rule."""
    return [finding for finding in report.findings if finding.rule == rule]


def test_an_assessment_of_another_deployment_or_statement_is_none_of_this_one() -> None:
    words = (
        "attestations: [{rule: RULE, deployment: WHERE, by: a@contoso.com, on: DAY, until: 2027-01-01, seen: s}]"
    )
    words = words.replace("DAY", "2026-11-01")
    for rule, where, word in (
        ("OFF-11", "line", Word.NOT_APPLICABLE),
        ("OFF-41", "field", Word.NOT_APPLICABLE),
        ("OFF-11", "field", Word.ATTESTED),
    ):
        report = checked(fleet(NEAR, NEAR, more=ship() + words.replace("RULE", rule).replace("WHERE", where)))
        assert standing(report, "OFF-11").word is word


def test_on_our_own_server_a_profile_is_shown_as_a_loss_and_none_is_not() -> None:
    plain = standing(checked(fleet(NEAR, more=ship())), "OFF-08")
    assert (plain.word, plain.lost) == (Word.NOT_APPLICABLE, False)
    asked = NEAR + "enrollment: {first_account: none, autopilot: {profile: hololens-ships}}"
    lost = standing(checked(fleet(asked, more=ship())), "OFF-08")
    assert (lost.word, lost.lost) == (Word.NOT_APPLICABLE, True)


def test_hours_of_a_visit_and_of_a_download_are_told() -> None:
    words = NEAR + "reconnect: {window: 1d}"
    thin = checked(fleet(words, more=ship("downlink_mbps: 0.7")))
    (finding,) = found(thin, "OFF-18")
    assert finding.summary == (
        "2 headsets at site ship take 25 hours to download a large update, and a visit lasts 24"
    )
    assert finding.subject == "site:ship"


def test_days_of_a_deferral_are_told() -> None:
    words = NEAR + "reconnect: {window: 2d}\nupdates: {deferral: {quality_days: 3}}"
    (finding,) = found(checked(fleet(words, more=ship())), "OFF-18")
    assert "for 3 days, and visits may end 3 days after they come out" in finding.summary


def test_the_last_try_of_an_address_list_is_told() -> None:
    for probe, last in (
        ("{on: 2026-06-01, by: t, passed: true}", "was last tried on 2026-06-01"),
        ("{on: 2026-11-20, by: t, passed: false}", "was never found right"),
        ("{on: 2026-12-20, by: t, passed: true}", "was never found right"),
    ):
        report = checked(fleet(NEAR, more=ship(f"firewall: {{filter: ip}}, probe: {probe}")))
        (finding,) = found(report, "OFF-21")
        assert finding.summary.endswith(last)


def test_why_nothing_is_asked_of_a_firewall() -> None:
    for network, why in (
        ("", "the file says nothing about the firewall (OFF-24 asks for it)"),
        ("firewall: {filter: none}", "the firewall of no site filters (filter: none)"),
        ("firewall: {filter: url}", "no firewall filters by address (filter: ip)"),
    ):
        assert standing(checked(fleet(NEAR, more=ship(network))), "OFF-21").why == why


def test_a_site_with_an_open_network_is_not_restricted() -> None:
    online = ship("firewall: {filter: url}").replace("connectivity: near-offline", "connectivity: online")
    found_ = standing(checked(fleet(NEAR, more=online)), "OFF-31")
    assert found_.word is Word.NOT_APPLICABLE
    assert found_.why.startswith("no site of the deployment has a restricted network")


def test_a_first_sign_in_is_judged_by_the_day_of_the_check() -> None:
    words = NEAR + "reconnect: {offline_from: 2026-11-27}"
    spec = fleet(words, more=ship())
    assert [len(found(checked(spec, today=date(2026, 11, day)), "OFF-15")) for day in (25, 26, 27)] == [0, 0, 2]
    assert {f.subject for f in found(checked(spec, today=date(2026, 11, 27)), "OFF-15")} == {
        "headset:0101",
        "headset:0102",
    }


def test_a_headset_that_was_not_signed_in_on_can_be_waived_alone() -> None:
    waiver = "waivers: [{rule: OFF-15, headset: '0101', by: a@contoso.com, until: 2027-01-01, reason: r}]\n"
    report = checked(fleet(NEAR + "reconnect: {offline_from: 2026-11-20}", more=ship() + waiver), today=TODAY)
    assert [finding.subject for finding in found(report, "OFF-15")] == ["headset:0102"]


def test_what_belongs_to_the_whole_organization_is_said_once_for_two_deployments() -> None:
    report = checked(fleet(NEAR, NEAR, more=ship()))
    assert [finding.subject for finding in found(report, "OFF-05")] == ["organization"]
    assert [finding.subject for finding in found(report, "OFF-07")] == ["tenant"]


def test_a_tension_between_guides_is_decided_on_the_page_of_the_rule() -> None:
    assert "waive EXT-31" in RULES["OFF-45"].how
    assert "EXT-13" in RULES["OFF-18"].how
    assert "EXT-33" in RULES["OFF-18"].how


def test_nobody_has_to_be_named_for_a_deployment_without_headsets() -> None:
    empty = NEAR + 'headsets: {prefix: "99"}'
    assert found(checked(fleet(empty, more=ship())), "OFF-27") == []
    assert len(found(checked(fleet(NEAR, more=ship())), "OFF-27")) == 1


def test_one_headset_is_told_as_one() -> None:
    words = NEAR + 'reconnect: {window: 1d}\nheadsets: ["0101"]'
    (finding,) = found(checked(fleet(words, more=ship("downlink_mbps: 0.3"))), "OFF-18")
    assert finding.summary.startswith("one headset at site ship takes 29 hours")


def test_what_the_cloud_connected_guide_calls_a_must_is_repeated_whole() -> None:
    musts = {s.id for s in catalog.statements().values() if s.guide == "PREP" and s.kind is Severity.MUST}
    assert set(RULES["OFF-04"].rests_on) == musts


PASSED = "probe: {on: 2026-11-16, by: network-team@contoso.com, passed: true}"
OPEN = "firewall: {filter: url, open: [certificates]}"


def test_a_probe_that_passed_attests_that_endpoints_answer() -> None:
    attested = standing(checked(fleet(NEAR, more=ship(f"{OPEN}, {PASSED}"))), "OFF-31")
    assert attested.word is Word.ATTESTED
    assert attested.evidence == (
        "network-team@contoso.com probed site ship on 2026-11-16, and every endpoint answered"
    )


def test_a_probe_that_failed_is_missing_or_has_not_come_attests_nothing() -> None:
    for probe in (PASSED.replace("true", "false"), PASSED.replace("2026-11", "2026-12"), "uplink_mbps: 9"):
        found_ = standing(checked(fleet(NEAR, more=ship(f"{OPEN}, {probe}"))), "OFF-31")
        assert found_.word is Word.WAITING


def test_every_filtering_site_needs_its_probe() -> None:
    two = ship(f"{OPEN}, {PASSED}").replace("}}]", "}}, {name: other, network: {" + OPEN + "}}]")
    text = fleet(NEAR, more=two).texts["fleet.yaml"].replace('{serial: "0102"}', '{serial: "0102", site: other}')
    found_ = standing(checked(parse({"fleet.yaml": text})), "OFF-31")
    assert found_.word is Word.WAITING


def test_a_probe_does_not_help_where_the_group_is_closed() -> None:
    report = checked(fleet(NEAR, more=ship(f"{OPEN}, {PASSED}")))
    assert standing(report, "OFF-37").word is Word.NOT_MET


def test_only_data_on_a_server_wait_for_somebody_who_tried_it() -> None:
    own = ship("internal_servers: [parts.contoso.com]")
    words = NEAR + "apps: {data: WHERE}"
    assert standing(checked(fleet(words.replace("WHERE", "headset"), more=own)), "OFF-14").word is Word.MET
    tried = standing(checked(fleet(words.replace("WHERE", "internal-server"), more=own)), "OFF-14")
    assert tried.word is Word.WAITING
    assert tried.why.startswith("waits for a person")


def test_without_a_proxy_there_is_nothing_to_tell_a_headset() -> None:
    for network, word in (
        ("", Word.NOT_APPLICABLE),
        ("proxy: none", Word.NOT_APPLICABLE),
        ("proxy: {mode: transparent}", Word.WAITING),
        ("proxy: {mode: none, inspects_tls: true}", Word.NOT_MET),
    ):
        assert standing(checked(fleet(NEAR, more=ship(network))), "OFF-23").word is word
