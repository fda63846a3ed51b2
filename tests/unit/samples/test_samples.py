"""The sample fleets are complete, marked for replacement, and free of faults."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from holofleet import samples, spec
from holofleet.spec.model.fleet_file import FleetFile

SERVER_DELIVERS_NOT = (
    "app_control.allow",
    "app_control.policy_file",
    "apps.required",
    "network.vpn",
    "certificates",
    "enrollment.autopilot",
    "assist.app",
)


@pytest.mark.parametrize("scenario", samples.SAMPLES)
def test_a_sample_has_no_fault_and_names_its_scenario(scenario: str) -> None:
    found = spec.parse(samples.text(scenario))
    assert {name for item in found.deployments() for name in item.scenarios} == {scenario}
    assert 12 <= len(found.model.headsets) <= 40
    assert len(found.deployment_of) == len(found.model.headsets)


def test_there_is_a_sample_for_every_scenario() -> None:
    assert set(samples.SAMPLES) == set(spec.SCENARIOS)


@pytest.mark.parametrize("scenario", samples.SAMPLES)
def test_a_sample_marks_what_must_be_replaced_and_holds_no_secret(scenario: str) -> None:
    (text,) = samples.text(scenario).values()
    assert text.count("REPLACE") >= 10
    assert max(len(line) for line in text.splitlines()) <= 125
    lower = text.lower()
    assert "password: {" not in lower or "expires_after_days" in lower
    for word in ("begin private", 'psk: "', "psk: '"):
        assert word not in lower


@pytest.mark.parametrize("scenario", samples.SAMPLES)
def test_every_top_level_key_that_a_sample_uses_is_explained_by_a_comment(scenario: str) -> None:
    (text,) = samples.text(scenario).values()
    assert sum("#" in line for line in text.splitlines()) >= 40
    keys = {line.split(":")[0] for line in text.splitlines() if line[:1].isalpha()}
    assert keys <= set(FleetFile.model_fields)


def test_the_cloud_connected_sample_says_only_what_our_own_server_delivers() -> None:
    for item in spec.parse(samples.text("cloud-connected")).deployments():
        for key in SERVER_DELIVERS_NOT:
            assert not item.says(key) or key == "network.vpn", key
        assert item.settings.network is not None
        assert item.settings.network.vpn is not None
        assert item.settings.network.vpn.name is None
    found = spec.parse(samples.text("cloud-connected"))
    assert len(found.model.headsets) == 24
    assert len(found.deployments()) == 3


@pytest.mark.parametrize("scenario", samples.SAMPLES)
def test_a_sample_of_another_day_moves_its_days_and_nothing_else(scenario: str) -> None:
    step = timedelta(days=1000)
    then = spec.parse(samples.text(scenario, today=samples.WRITTEN_ON + step)).model
    now = spec.parse(samples.text(scenario)).model
    assert then.headsets == now.headsets
    assert [loan.ships - step for loan in then.loans] == [loan.ships for loan in now.loans]
    assert [item.until - step for item in then.attestations] == [item.until for item in now.attestations]
    (text,) = samples.text(scenario, today=date(2030, 1, 1)).values()
    assert "(Microsoft, 2024-06-27)" in text


def test_an_unknown_scenario_has_no_sample() -> None:
    with pytest.raises(KeyError):
        samples.text("../../etc/passwd")
