"""Findings that somebody accepts for a time."""

from __future__ import annotations

from datetime import date

import pytest
from tests.unit.checks.fleets import TODAY, checked, fleet, forget, rules, standing

from holofleet.checks import Report, Word
from holofleet.diagnostics import Severity

IRIS = "accounts: {kind: shared-manual}\nsign_in: {iris: true}"
UNREGISTERED = "enrollment: {first_account: none, autopilot: {profile: hololens-field}}"


def waived(first: str, second: str, *waivers: str, today: date = TODAY, target: str = "server") -> Report:
    """Check two deployments with waivers; each is written without the keys that are always there."""
    always = "by: admin1@contoso.com, reason: the old units go in January"
    lines = "\n".join(f"  - {{{waiver}, {always}}}" for waiver in waivers)
    return checked(fleet(first, second, more=f"waivers:\n{lines}"), target=target, today=today)


def test_a_waived_finding_is_no_finding_and_stands_as_waived() -> None:
    report = waived(IRIS, "", "rule: SHR-19, until: 2027-01-29")
    assert report.findings == ()
    assert [finding.rule for finding in report.waived] == ["SHR-19"]
    found = standing(report, "SHR-19")
    assert found.word is Word.WAIVED
    assert found.why == "admin1@contoso.com accepts it until 2027-01-29: the old units go in January"


def test_a_waiver_of_one_deployment_leaves_the_other() -> None:
    report = waived(IRIS, IRIS, "rule: SHR-19, deployment: line, until: 2027-01-29")
    assert [(finding.rule, finding.subject) for finding in report.findings] == [("SHR-19", "deployment:field")]
    assert standing(report, "SHR-19").word is Word.NOT_MET
    assert standing(report, "SHR-19", "line").word is Word.WAIVED


def test_a_waiver_of_one_headset_leaves_the_other() -> None:
    report = waived(UNREGISTERED, "", 'rule: PREP-07, headset: "0102", until: 2027-01-29', target="graph")
    assert [(finding.rule, finding.subject) for finding in report.findings] == [("PREP-07", "headset:0101")]
    assert [finding.subject for finding in report.waived] == ["headset:0102"]
    assert standing(report, "PREP-07").word is Word.NOT_MET


def test_a_waiver_of_a_headset_covers_nothing_that_is_about_its_deployment() -> None:
    report = waived(IRIS, "", 'rule: SHR-19, headset: "0101", until: 2027-01-29')
    assert sorted(rules(report)) == ["SHR-19", "file/waiver-unused"]


def test_a_waiver_counts_on_its_last_day() -> None:
    report = waived(IRIS, "", "rule: SHR-19, until: 2026-11-25")
    assert report.findings == ()


def test_a_waiver_that_has_ended_is_a_finding_and_so_is_what_it_covered() -> None:
    report = waived(IRIS, "", "rule: SHR-19, until: 2026-11-24")
    assert rules(report) == ["SHR-19", "file/waiver-expired"]
    ended = report.findings[1]
    assert ended.severity is Severity.WARNING
    assert ended.position is not None
    assert standing(report, "SHR-19").word is Word.NOT_MET


def test_a_waiver_that_covers_nothing_is_a_finding() -> None:
    report = waived("", "", "rule: PREP-04, until: 2027-01-29")
    assert rules(report) == ["file/waiver-unused"]
    assert report.findings[0].severity is Severity.RECOMMENDED


def test_a_waiver_of_a_guide_that_binds_nobody_covers_nothing() -> None:
    assert rules(waived("", "", "rule: EXT-22, until: 2027-01-29")) == ["file/waiver-unused"]


def test_the_place_of_a_waiver_s_finding_is_its_own_line() -> None:
    spec_ = fleet(more="waivers:\n  - rule: PREP-04\n    by: a@contoso.com\n    until: 2026-01-01\n    reason: r")
    position = checked(spec_).findings[0].position
    assert position is not None
    assert spec_.texts["fleet.yaml"].splitlines()[position.line - 1].strip() == "until: 2026-01-01"


def test_a_waiver_that_only_another_target_needs_is_left_alone() -> None:
    waiver = "rule: PREP-07, until: 2027-01-29"
    assert waived(UNREGISTERED, "", waiver, target="server").findings == ()
    assert waived(UNREGISTERED, "", waiver, target="graph").findings == ()
    assert rules(waived("", "", waiver, target="graph")) == ["file/waiver-unused"]


def test_a_statement_without_a_rule_stands_at_its_waiver_s_word(monkeypatch: pytest.MonkeyPatch) -> None:
    forget(monkeypatch, "EXT-30")
    report = waived("", "", "rule: EXT-30, deployment: line, until: 2027-01-29")
    assert report.findings == ()
    assert standing(report, "EXT-30", "line").word is Word.WAIVED


def test_a_shared_finding_stays_until_every_deployment_has_its_waiver() -> None:
    sites = "sites: [{name: ship, connectivity: near-offline, network: {uplink_mbps: 9, downlink_mbps: 9}}]"
    both = "site: ship\nscenario: near-offline"

    def report(*deployments: str) -> Report:
        lines = "".join(
            f"\n  - {{rule: OFF-12, deployment: {name}, by: a@contoso.com, until: 2027-01-01, reason: r}}"
            for name in deployments
        )
        return checked(fleet(both, both, more=f"{sites}\nwaivers:{lines}"))

    assert rules(report("field")) == ["OFF-12"]
    assert report("field").waived == ()
    assert report("field", "line").findings == ()
    assert [finding.rule for finding in report("field", "line").waived] == ["OFF-12"]
