"""Every rule says what its samples say: nothing where they pass, its findings at their lines where they fail."""

from __future__ import annotations

import pytest
from tests.rules.fleets import FOLDER, TODAY, Sample, name_of, read, samples

from holofleet import checks, desired
from holofleet.checks import RULES

SUBJECTS = {"client", "deployment", "headset", "license", "organization", "site", "tenant", "user"}
PASSING, FAILING = samples(passing=True), samples(passing=False)


def test_every_rule_has_a_folder_with_a_passing_and_a_failing_sample() -> None:
    assert {sample.rule for sample in PASSING} == set(RULES)
    assert {sample.rule for sample in FAILING} == set(RULES)
    assert {path.name for path in FOLDER.iterdir() if path.is_dir() and path.name.isupper()} == set(RULES)
    assert all((FOLDER / rule / "passes.yaml").is_file() for rule in RULES)


@pytest.mark.parametrize("sample", PASSING, ids=name_of)
def test_a_passing_sample_has_no_finding_of_its_rule(sample: Sample) -> None:
    assert sample.expected == []
    assert sample.found() == []


@pytest.mark.parametrize("sample", PASSING, ids=name_of)
def test_a_passing_sample_concerns_its_rule(sample: Sample) -> None:
    report = checks.run(read(sample.text), today=TODAY, target=sample.target)
    standings = [standing for standing in report.standings if standing.rule == sample.rule]
    assert [standing.deployment for standing in standings] != [""], "the guide binds no deployment of it"
    assert report.word(sample.rule) is not checks.Word.NOT_MET


@pytest.mark.parametrize("sample", FAILING, ids=name_of)
def test_a_failing_sample_has_exactly_the_marked_findings(sample: Sample) -> None:
    assert sample.rule in {rule for rule, _ in sample.expected} or sample.only_stands
    assert sorted(sample.found()) == sorted(sample.expected)
    assert sample.report().word(sample.rule) in (checks.Word.NOT_MET, checks.Word.WAITING)


@pytest.mark.parametrize("sample", FAILING, ids=name_of)
def test_mending_a_failing_sample_takes_the_finding_away(sample: Sample) -> None:
    assert sample.mended != sample.text
    assert sample.found(sample.mended) == []
    if sample.only_stands:
        assert sample.report().word(sample.rule) is checks.Word.NOT_MET
        assert sample.report(sample.mended).word(sample.rule) is not checks.Word.NOT_MET


@pytest.mark.parametrize("sample", FAILING, ids=name_of)
def test_a_finding_teaches(sample: Sample) -> None:
    report = checks.run(read(sample.text), today=TODAY, target=sample.target)
    for finding in report.findings:
        if finding.rule != sample.rule:
            continue
        assert finding.summary
        assert "\n" not in finding.summary
        assert finding.detail.endswith(".")
        assert finding.mend.endswith(".")
        assert finding.subject.partition(":")[0] in SUBJECTS
        assert "Microsoft, 2024-06-27" in finding.source


@pytest.mark.parametrize("sample", PASSING, ids=name_of)
def test_a_passing_sample_compiles(sample: Sample) -> None:
    assert desired.compile(read(sample.text), target=sample.target).headsets
