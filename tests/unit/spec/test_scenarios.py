"""Presets: every value has its rule, fits the model, and scenarios together are settled or reported."""

from __future__ import annotations

from itertools import permutations

import pytest
from fleets import SMALL, findings_of, only
from pydantic import BaseModel

from holofleet import catalog, spec
from holofleet.spec import SCENARIOS, DeploymentSettings
from holofleet.spec.scenarios import combined, with_bases
from holofleet.spec.translation import field_at


def nested(values: dict[str, object]) -> dict[str, object]:
    found: dict[str, object] = {}
    for dotted, value in values.items():
        node = found
        *above, last = dotted.split(".")
        for part in above:
            node = node.setdefault(part, {})  # type: ignore[assignment]
        node[last] = value
    return found


@pytest.mark.parametrize("name", SCENARIOS)
def test_every_preset_fits_the_model_and_names_its_source(name: str) -> None:
    preset = SCENARIOS[name]
    model = DeploymentSettings.model_validate(nested({key: d.value for key, d in preset.values.items()}))
    assert isinstance(model, BaseModel)
    for key, default in preset.values.items():
        assert field_at(DeploymentSettings, tuple(key.split("."))) is not None
        assert default.rule in catalog.statements() or not default.rule[:4].rstrip("-").isupper()
        assert default.rule


def test_three_scenarios_build_on_the_first() -> None:
    for name in ("external-clients", "shared-identity", "near-offline"):
        assert with_bases((name,)) == ("cloud-connected", name)


def test_a_scenario_refines_the_one_that_it_builds_on() -> None:
    values, disagreements = combined(("external-clients",))
    assert disagreements == ()
    assert values["apps.auto_update"][0].rule == "EXT-29"
    assert values["enrollment.join"][0].rule == "PREP-10"


def test_the_order_in_which_scenarios_are_listed_changes_no_value() -> None:
    for names in permutations(("external-clients", "shared-identity", "near-offline")):
        values, disagreements = combined(names)
        assert disagreements == ()
        assert values["accounts.kind"][0].value == "shared-certificate"
        assert values["settings_pages.show"][0].value == ["network"]


def test_a_disagreement_without_an_order_is_reported_until_the_file_says_the_key(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("holofleet.spec.scenarios.STRICTER_VALUES", {})
    both = SMALL.replace("scenario: cloud-connected", "scenario: [external-clients, shared-identity]")
    finding = only(both)
    assert finding.rule == "file/scenario-conflict"
    assert "disagree about accounts.kind" in finding.summary
    assert finding.mend == "Say accounts.kind in the deployment."
    spec.parse({"f": both + "    accounts: {kind: individual}\n"})


def test_an_unknown_scenario_is_refused_with_the_nearest() -> None:
    findings = findings_of(SMALL.replace("scenario: cloud-connected", "scenario: cloud-conected"))
    assert len(findings) == 1
    assert findings[0].mend.startswith("Did you mean `cloud-connected`?")
