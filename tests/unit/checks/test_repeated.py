"""A statement that repeats others stands where the worst of them stands, and says nothing twice."""

from __future__ import annotations

from tests.unit.checks.fleets import checked, fleet, rules, standing

from holofleet.checks import Word

NEAR = "scenario: near-offline\nsite: ship\n"
SHIP = "sites: [{name: ship, connected_in_use: false}]\n"
NOBODY = NEAR + "enrollment: {}"


def test_a_fault_is_told_once_and_both_statements_are_not_met() -> None:
    report = checked(fleet(NOBODY, more=SHIP))
    assert standing(report, "OFF-04").word is Word.NOT_MET
    assert standing(report, "OFF-04").why.startswith("PREP-07 is not met: nobody is named")
    assert "PREP-07" in rules(report)
    assert "OFF-04" not in rules(report)


def test_it_waits_for_what_the_others_wait_for() -> None:
    found = standing(checked(fleet(NEAR, more=SHIP)), "OFF-04")
    assert found.word is Word.WAITING
    assert " is waiting: " in found.why


def test_what_does_not_apply_to_a_deployment_does_not_count() -> None:
    calls = SHIP.replace("false", "true")
    assert standing(checked(fleet(NEAR, more=calls)), "PREP-19").word is Word.NOT_MET
    assert standing(checked(fleet(NEAR, more=calls)), "OFF-04").word is Word.NOT_MET
    assert standing(checked(fleet(NEAR, more=SHIP)), "PREP-19").word is Word.NOT_APPLICABLE


def test_another_deployment_does_not_count() -> None:
    report = checked(fleet(NEAR, "enrollment: {}", more=SHIP))
    assert standing(report, "PREP-07", "line").word is Word.NOT_MET
    assert standing(report, "OFF-04").word is Word.WAITING


def test_it_can_be_waived_by_itself() -> None:
    waiver = "waivers: [{rule: OFF-04, by: admin1@contoso.com, until: 2027-01-01, reason: r}]\n"
    report = checked(fleet(NOBODY, more=SHIP + waiver))
    assert standing(report, "OFF-04").word is Word.WAIVED
    assert standing(report, "PREP-07").word is Word.NOT_MET
    assert "file/waiver-unused" not in rules(report)


def test_a_waiver_of_what_it_repeats_waives_it_too() -> None:
    waiver = "waivers: [{rule: PREP-07, by: admin1@contoso.com, until: 2027-01-01, reason: r}]\n"
    report = checked(fleet(NOBODY, more=SHIP + waiver))
    assert standing(report, "PREP-07").word is Word.WAIVED
    assert standing(report, "OFF-04").word in (Word.WAIVED, Word.WAITING)
