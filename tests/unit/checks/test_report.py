"""Order, weights, and what a target takes away."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from tests.unit.checks.fleets import TODAY, checked, fleet, forget, standing

from holofleet import catalog, checks, samples, spec
from holofleet.checks import RULES, Form, Word
from holofleet.diagnostics import Severity

AUTOPILOT = "enrollment: {first_account: none, autopilot: {profile: hololens-field}}"
MANY = """\
scenario: external-clients
kiosk: none
settings_pages: all
app_control: none
network: {wifi: {manual: false}}
"""


@pytest.mark.parametrize("target", ["server", "graph", "files"])
@pytest.mark.parametrize("scenario", samples.SAMPLES)
def test_a_sample_has_no_finding_at_or_above_recommended(scenario: str, target: str) -> None:
    fleet_ = spec.parse(samples.text(scenario))
    report = checks.run(fleet_, today=samples.WRITTEN_ON, target=target)
    assert report.at_least(Severity.RECOMMENDED) == ()


@pytest.mark.parametrize("scenario", samples.SAMPLES)
def test_a_sample_that_is_written_later_has_none_either(scenario: str) -> None:
    later = samples.WRITTEN_ON + timedelta(days=1000)
    report = checks.run(spec.parse(samples.text(scenario, today=later)), today=later, target="server")
    assert report.at_least(Severity.RECOMMENDED) == ()


def test_findings_come_heaviest_first_then_by_place() -> None:
    report = checked(fleet(MANY))
    assert [finding.rule for finding in report.findings] == ["EXT-39", "EXT-22", "EXT-31", "PREP-16"]
    assert [finding.sort_key for finding in report.findings] == sorted(f.sort_key for f in report.findings)


def test_the_weights_are_ordered_must_warning_recommended_limitation_optional() -> None:
    assert [str(severity) for severity in sorted(Severity, key=lambda severity: severity.rank)] == [
        "must",
        "warning",
        "recommended",
        "limitation",
        "optional",
    ]
    report = checked(fleet(MANY))
    assert [finding.rule for finding in report.at_least(Severity.WARNING)] == ["EXT-39"]
    assert len(report.at_least(Severity.RECOMMENDED)) == 4


def test_the_weight_of_a_finding_is_that_of_its_statement() -> None:
    for finding in checked(fleet(MANY)).findings:
        assert finding.severity is catalog.statements()[finding.rule].kind


def test_the_same_finding_of_two_deployments_is_shown_once() -> None:
    slow = "sites: [{name: plant, network: {uplink_mbps: 1, downlink_mbps: 9}}]"
    report = checked(fleet("site: plant", "site: plant", more=slow))
    assert [(finding.rule, finding.subject) for finding in report.findings] == [("PREP-19", "site:plant")]
    assert standing(report, "PREP-19").word is Word.NOT_MET
    assert standing(report, "PREP-19", "line").word is Word.NOT_MET


def test_on_our_own_server_autopilot_is_not_judged_and_shown_as_a_loss() -> None:
    report = checked(fleet(AUTOPILOT), target="server")
    assert report.findings == ()
    found = standing(report, "PREP-07")
    assert (found.word, found.lost) == (Word.NOT_APPLICABLE, True)
    assert found.why.startswith("needs Intune")
    assert report.lost == (found,)


@pytest.mark.parametrize("target", ["graph", "files"])
def test_elsewhere_autopilot_is_judged(target: str) -> None:
    report = checked(fleet(AUTOPILOT), target=target)
    assert [finding.subject for finding in report.findings] == ["headset:0101", "headset:0102"]
    assert report.lost == ()


def test_standings_follow_the_guides_and_the_order_of_the_file() -> None:
    report = checked(fleet())
    order = list(catalog.statements())
    named = [order.index(item.rule) for item in report.standings]
    assert named == sorted(named)
    assert [item.deployment for item in report.standings if item.rule == "PREP-04"] == ["field", "line"]


def test_the_word_of_a_statement_is_the_one_that_needs_most_attention() -> None:
    report = checked(fleet("enrollment: {}"))
    assert standing(report, "PREP-07").word is Word.NOT_MET
    assert standing(report, "PREP-07", "line").word is Word.MET
    assert report.word("PREP-07") is Word.NOT_MET
    assert checked(fleet()).word("PREP-07") is Word.MET


def test_statements_without_a_rule_are_named_and_never_met() -> None:
    report = checked(fleet())
    assert set(report.unjudged) | set(RULES) == set(catalog.statements())
    assert not set(report.unjudged) & set(RULES)
    assert not {item.rule for item in report.standings if item.word is Word.MET} & set(report.unjudged)


def test_a_file_without_deployments_has_no_finding_and_nothing_is_met() -> None:
    text = fleet().texts["fleet.yaml"]
    report = checked(spec.parse({"fleet.yaml": text[: text.index("deployments:")]}))
    assert report.findings == ()
    assert {item.word for item in report.standings} == {Word.NOT_APPLICABLE}


def test_the_day_is_given() -> None:
    words = "waivers: [{rule: PREP-07, by: admin1@contoso.com, until: 2026-11-25, reason: r}]"
    nobody = fleet("enrollment: {}", more=words)
    assert checked(nobody, today=TODAY).findings == ()
    assert len(checked(nobody, today=TODAY + timedelta(days=1)).findings) == 2
    assert checked(nobody, today=date(1999, 1, 1)).findings == ()


def test_each_form_occurs_and_each_guide_has_four_rules() -> None:
    assert {form for rule in RULES.values() for form in rule.forms} == set(Form)
    for guide in catalog.guides():
        assert sum(rule.guide == guide for rule in RULES.values()) >= 4


def test_what_people_wrote_cannot_break_a_line_of_the_report(monkeypatch: pytest.MonkeyPatch) -> None:
    forget(monkeypatch, "SHR-46", "SHR-47")
    forged = '"fine\\nfleet.yaml:1:1: must: forged"'
    words = f"waivers:\n  - {{rule: PREP-07, by: admin1@contoso.com, until: 2027-01-01, reason: {forged}}}\n"
    words += (
        "  - {rule: PREP-04, by: admin1@contoso.com, until: 2026-01-01, reason: " + forged + "}\n"
        "attestations:\n"
        "  - {rule: SHR-46, by: admin1@contoso.com, on: 2026-11-16, until: 2027-01-01, seen: " + forged + "}\n"
        "  - {rule: SHR-47, by: admin1@contoso.com, on: 2026-01-16, until: 2026-02-01, seen: " + forged + "}\n"
    )
    report = checked(fleet("enrollment: {}", more=words))
    assert len(report.findings) == 2
    assert not any("\n" in text for f in report.findings for text in (f.summary, f.detail, f.mend))
    assert not any("\n" in text for s in report.standings for text in (s.why, s.evidence))


def test_a_role_with_a_line_break_cannot_break_a_summary() -> None:
    text = fleet("accounts: {kind: shared-manual, users: [deployer1@contoso.com]}").texts["fleet.yaml"]
    role = '{upn: deployer1@contoso.com, directory_roles: ["Reader\\nforged"]}'
    text = text.replace("{upn: deployer1@contoso.com, roles: [deployer]}", role)
    report = checked(spec.parse({"fleet.yaml": text}))
    assert "Reader forged" in next(f.summary for f in report.findings if f.rule == "SHR-44")


def test_a_standing_names_the_first_fault_and_counts_the_others() -> None:
    one = checked(fleet("network: {wifi: {manual: false}}"))
    assert standing(one, "PREP-16").why == "people of field cannot join a network by themselves"
    two = checked(fleet("network: {wifi: {manual: false}}\nsettings_pages: {show: [sound]}"))
    assert standing(two, "PREP-16").why == "people of field cannot join a network by themselves (and 1 more)"
