"""What somebody looked at, because no interface tells."""

from __future__ import annotations

from datetime import date

import pytest
from tests.unit.checks.fleets import TODAY, checked, fleet, forget, rules, standing

from holofleet.checks import Report, Word
from holofleet.diagnostics import Severity

EXTERNAL = "scenario: external-clients\nkiosk: {apps: [settings, camera]}"


def attested(*items: str, more: str = "", first: str = EXTERNAL, today: date = TODAY) -> Report:
    """Check deployments for external clients with attestations, and further keys of the file."""
    lines = "\n".join(f"  - {{{item}, by: admin1@contoso.com, seen: none bought}}" for item in items)
    return checked(fleet(first, EXTERNAL, more=f"attestations:\n{lines}\n{more}"), today=today)


def test_an_attestation_that_counts_is_evidence() -> None:
    found = standing(attested("rule: EXT-37, on: 2026-11-16, until: 2027-05-16"), "EXT-37")
    assert found.word is Word.ATTESTED
    assert found.evidence == "attested by admin1@contoso.com on 2026-11-16, until 2027-05-16: none bought"


def test_without_one_the_statement_waits_for_a_person_and_there_is_no_finding() -> None:
    report = checked(fleet(EXTERNAL))
    assert report.findings == ()
    found = standing(report, "EXT-37")
    assert found.word is Word.WAITING
    assert found.why.startswith("waits for a person: look whether information barriers part the clients")


def test_an_attestation_of_one_deployment_leaves_the_other_waiting() -> None:
    report = attested("rule: EXT-37, deployment: line, on: 2026-11-16, until: 2027-05-16")
    assert standing(report, "EXT-37", "line").word is Word.ATTESTED
    assert standing(report, "EXT-37").word is Word.WAITING
    assert report.word("EXT-37") is Word.WAITING
    assert report.findings == ()


def test_one_that_has_ended_is_a_finding_once_and_the_statement_waits() -> None:
    report = attested("rule: EXT-37, on: 2026-01-16, until: 2026-11-24")
    assert rules(report) == ["EXT-37"]
    assert report.findings[0].severity is Severity.OPTIONAL
    assert standing(report, "EXT-37").word is Word.WAITING
    assert "ended on 2026-11-24" in standing(report, "EXT-37").why


def test_one_that_has_ended_may_be_waived() -> None:
    report = attested(
        "rule: EXT-37, on: 2026-01-16, until: 2026-11-24",
        more="waivers: [{rule: EXT-37, by: admin1@contoso.com, until: 2026-12-24, reason: visit in December}]",
    )
    assert report.findings == ()
    assert standing(report, "EXT-37").word is Word.WAIVED


def test_a_statement_that_waits_for_a_person_may_be_waived() -> None:
    waiver = "waivers: [{rule: EXT-37, by: admin1@contoso.com, until: 2026-12-24, reason: visit in December}]"
    report = checked(fleet(EXTERNAL, more=waiver))
    assert report.findings == ()
    assert standing(report, "EXT-37").word is Word.WAIVED


def test_an_attestation_does_not_excuse_a_fault_of_the_file() -> None:
    shared = "accounts: {kind: shared-manual, users: [admin1@contoso.com]}\nsign_in: {iris: false}"
    report = attested("rule: SHR-44, on: 2026-11-16, until: 2027-05-16", first=shared)
    assert rules(report) == ["SHR-44"]
    assert standing(report, "SHR-44").word is Word.NOT_MET


def test_an_attestation_that_nothing_asks_for_is_a_finding() -> None:
    report = attested("rule: PREP-04, on: 2026-11-16, until: 2027-05-16")
    assert rules(report) == ["file/attestation-unused"]
    assert report.findings[0].severity is Severity.RECOMMENDED


def test_a_policy_that_is_not_read_asks_for_an_attestation() -> None:
    own = EXTERNAL + "\napp_control: {policy_file: policy.xml}"
    assert standing(checked(fleet(own)), "EXT-39").word is Word.WAITING
    report = attested("rule: EXT-39, deployment: field, on: 2026-11-16, until: 2027-05-16", first=own)
    assert standing(report, "EXT-39").word is Word.ATTESTED
    assert report.findings == ()


def test_a_statement_without_a_rule_stands_at_its_attestation_s_word(monkeypatch: pytest.MonkeyPatch) -> None:
    forget(monkeypatch, "SHR-46", "SHR-47", "SHR-50")
    report = attested(
        "rule: SHR-46, on: 2026-11-16, until: 2027-05-16",
        "rule: SHR-47, deployment: line, on: 2026-11-16, until: 2027-05-16",
        "rule: SHR-50, on: 2026-01-16, until: 2026-05-16",
    )
    assert standing(report, "SHR-46", "").word is Word.ATTESTED
    assert standing(report, "SHR-47", "line").word is Word.ATTESTED
    assert rules(report) == ["SHR-50"]
    assert report.word("SHR-50") is None


def test_a_waiver_beside_an_attestation_that_counts_covers_nothing() -> None:
    report = attested(
        "rule: EXT-37, on: 2026-11-16, until: 2027-05-16",
        more="waivers: [{rule: EXT-37, by: admin1@contoso.com, until: 2026-12-24, reason: visit in December}]",
    )
    assert rules(report) == ["file/waiver-unused"]
    assert standing(report, "EXT-37").word is Word.ATTESTED
