"""Every statement has its place in the matrix, with the word, the reason and the lines that belong to it."""

from __future__ import annotations

from pathlib import Path
from types import MappingProxyType

import pytest
from tests.unit.checks.matrix.fleets import TODAY, cell, compiled, line, matrix_of, row, sample

from holofleet import catalog, samples
from holofleet.checks import RULES, engine
from holofleet.checks.matrix import Mark, building
from holofleet.diagnostics import Severity
from holofleet.resources import Document, Setting, State

WITH_WAIVER = """
waivers:
  - {{rule: {rule}, by: admin1@contoso.com, until: 2027-01-29, reason: as agreed}}
"""


@pytest.mark.parametrize("scenario", samples.SAMPLES)
def test_every_statement_stands_in_the_matrix_once_with_a_word(scenario: str) -> None:
    matrix = matrix_of(sample(scenario))
    assert [row.statement.id for row in matrix.rows] == list(catalog.statements())
    assert sum(matrix.counts.values()) == len(catalog.statements())
    for found in matrix.rows:
        assert found.cells
        assert found.mark in [cell.mark for cell in found.cells]


def test_every_statement_of_every_guide_is_judged() -> None:
    for scenario in samples.SAMPLES:
        assert matrix_of(sample(scenario)).counts[Mark.NOT_JUDGED] == 0


@pytest.mark.parametrize("scenario", samples.SAMPLES)
def test_a_statement_has_one_cell_for_each_deployment_that_its_guide_binds(scenario: str) -> None:
    matrix = matrix_of(sample(scenario))
    for part in matrix.parts:
        for found in part.rows:
            assert [cell.deployment for cell in found.cells] == list(part.binds or [""])


def without(monkeypatch: pytest.MonkeyPatch, rule: str) -> None:
    """Take a rule away, as before somebody wrote it."""
    left = MappingProxyType({id_: found for id_, found in RULES.items() if id_ != rule})
    monkeypatch.setattr(engine, "RULES", left)
    monkeypatch.setattr(building, "RULES", left)


def test_a_statement_that_no_rule_judges_is_never_called_met(monkeypatch: pytest.MonkeyPatch) -> None:
    text = sample("cloud-connected")
    assert row(matrix_of(text), "PREP-04").forms
    without(monkeypatch, "PREP-04")
    found = row(matrix_of(text), "PREP-04")
    assert (found.mark, found.forms) == (Mark.NOT_JUDGED, ())
    assert found.title == catalog.statements()["PREP-04"].requirement
    assert {cell.mark for cell in found.cells} == {Mark.NOT_JUDGED}


def test_a_waiver_of_a_statement_that_no_rule_judges_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    without(monkeypatch, "PREP-04")
    text = sample("near-offline") + WITH_WAIVER.format(rule="PREP-04")
    found = row(matrix_of(text), "PREP-04")
    assert [(cell.deployment, cell.mark) for cell in found.cells] == [("", Mark.WAIVED)]
    assert found.cells[0].places[0].position is not None
    assert found.cells[0].places[0].position.line == line(text, "rule: PREP-04")


def test_a_finding_stands_at_the_deployment_that_it_is_about() -> None:
    text = sample("cloud-connected").replace("edition: P1 ", "edition: free ", 1)
    found = cell(matrix_of(text), "PREP-04", "field-service")
    assert found.mark is Mark.NOT_MET
    assert [finding.rule for finding in found.findings] == ["PREP-04"]
    assert found.findings[0].position is not None
    assert found.findings[0].mend


def test_a_finding_about_one_deployment_is_not_shown_at_another() -> None:
    text = sample("near-offline")
    name = next(iter(matrix_of(text).parts[3].binds))
    early = "    reconnect: {rule: monthly, week: first, after_patch_tuesday: false}\n"
    broken = text.replace(f"  - name: {name}\n", f"  - name: {name}\n{early}")
    assert broken != text, "the sample is written in another way now"
    cells = {cell.deployment: cell for cell in row(matrix_of(broken), "OFF-42").cells}
    assert len(cells) > 1
    assert [name for name, cell in cells.items() if cell.findings] == [name]


def test_a_waived_statement_names_the_waivers_line_and_keeps_its_finding() -> None:
    text = sample("cloud-connected").replace("edition: P1 ", "edition: free ", 1)
    text += WITH_WAIVER.format(rule="PREP-04")
    found = cell(matrix_of(text), "PREP-04", "field-service")
    assert found.mark is Mark.WAIVED
    assert [finding.rule for finding in found.findings] == ["PREP-04"]
    assert found.places[0].key == "waivers"
    assert found.places[0].position is not None
    assert found.places[0].position.line == line(text, "rule: PREP-04")
    assert "as agreed" in found.why


def test_an_attested_statement_names_the_attestations_line() -> None:
    text = sample("external-clients")
    matrix = matrix_of(text)
    attested = [found for found in matrix.rows if found.mark is Mark.ATTESTED]
    assert attested
    for found in attested:
        place = found.cells[0].places[0]
        assert (place.key, place.layer) == ("attestations", "file")
        assert place.position is not None
        assert place.position.line == line(text, f"rule: {found.statement.id}")


def test_a_cell_names_the_lines_of_the_keys_that_its_rule_reads() -> None:
    text = sample("cloud-connected")
    places = {place.key: place for place in cell(matrix_of(text), "PREP-04", "field-service").places}
    place = places["enrollment.join"]
    assert place.position is not None
    assert "join:" in text.splitlines()[place.position.line - 1]


def test_a_key_that_a_preset_says_names_the_statement_that_the_preset_follows() -> None:
    matrix = matrix_of(Path("tests/rules/EXT-31/passes.yaml").read_text())
    presets = [p for row in matrix.rows for c in row.cells for p in c.places if p.layer == "scenario"]
    assert presets
    assert all(place.position is None and place.rule for place in presets)


def test_deployments_of_which_the_same_can_be_said_are_shown_together() -> None:
    found = row(matrix_of(sample("external-clients")), "PREP-04")
    assert len(found.cells) == 2
    assert [group.deployments for group in found.groups] == [tuple(cell.deployment for cell in found.cells)]
    assert found.shared_places == found.cells[0].places


def test_what_is_not_met_comes_heaviest_first() -> None:
    text = sample("cloud-connected").replace("edition: P1 ", "edition: free ", 1)
    matrix = matrix_of(text)
    kinds = [row.statement.kind.rank for row in matrix.unmet(Severity.OPTIONAL)]
    assert kinds == sorted(kinds)
    assert "PREP-04" in [row.statement.id for row in matrix.unmet(Severity.MUST)]
    assert all(row.statement.kind is Severity.MUST for row in matrix.unmet(Severity.MUST))


def reported_as(state: State, uri: str = "", data: str = "") -> State:
    """Everything reported as desired, but one node otherwise."""
    documents = {
        key: Document(
            tuple(Setting(s.oma_uri, s.format, data if s.oma_uri == uri else s.data) for s in document.settings)
        )
        for key, document in state.documents.items()
    }
    headsets = [h.model_copy(update={"document": documents[h.document].hash}) for h in state.headsets.values()]
    return State([*state.deployments.values(), *headsets], documents.values())


def test_only_reports_make_a_setting_met_and_another_value_breaks_it() -> None:
    text = sample("external-clients")
    state = compiled(text)
    usb = "./Device/Vendor/MSFT/Policy/Config/Connectivity/AllowUSBConnection"
    marks = {
        name: row(matrix_of(text, reported=said), "EXT-24").mark
        for name, said in (
            ("nobody asked", None),
            ("as desired", reported_as(state)),
            ("otherwise", reported_as(state, usb, "1")),
        )
    }
    assert marks == {"nobody asked": Mark.WAITING, "as desired": Mark.MET, "otherwise": Mark.NOT_MET}
    evidence = row(matrix_of(text, reported=reported_as(state)), "EXT-24").cells[0].evidence
    assert "headsets reported it" in evidence


def test_a_change_of_the_file_changes_its_hash_and_nothing_else_does() -> None:
    text = sample("cloud-connected")
    assert matrix_of(text).about.digest == matrix_of(text, target="graph").about.digest
    assert matrix_of(text).about.digest != matrix_of(text + "\n# a word\n").about.digest
    assert matrix_of(text).about.day == TODAY
