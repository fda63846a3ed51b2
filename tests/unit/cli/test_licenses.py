"""``holofleet licenses`` on a data folder, and on a fleet file alone."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from tests.unit.cli.test_audit import run

from holofleet import samples
from holofleet.cli.services import wire


@pytest.fixture
def fleet(tmp_path: Path) -> Path:
    path = tmp_path / "fleet.yaml"
    for name, text in (samples.text("shared-identity") | samples.enclosures("shared-identity")).items():
        (tmp_path / name).write_text(text)
    return path


@pytest.fixture
def data(tmp_path: Path, fleet: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    folder = tmp_path / "data"
    with wire(folder):
        pass
    assert run("apply", fleet, "--yes", "--data", folder) == 0
    capsys.readouterr()
    return folder


def read(capsys: pytest.CaptureFixture[str], *words: str | Path) -> dict[str, object]:
    capsys.readouterr()
    status = run(*words, "--format", "json")
    found: dict[str, object] = json.loads(capsys.readouterr().out)
    return {**found, "status": status}


def test_the_forecast_of_a_file_is_what_the_server_then_says(
    fleet: Path, data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    foretold = read(capsys, "licenses", "forecast", fleet)
    applied = read(capsys, "licenses", "list", "--data", data)
    assert foretold == applied
    pools = foretold["pools"]
    assert isinstance(pools, list)
    assert sum(pool["used"] for pool in pools) > 0


def test_the_forecast_counts_what_was_assigned_on_the_server(
    fleet: Path, data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    alone = read(capsys, "licenses", "forecast", fleet)["pools"]
    assert isinstance(alone, list)
    sku = next(pool["sku"] for pool in alone if pool["seats"] > pool["used"])
    assert run("users", "add", "extra@contoso.com", "--data", data) == 0
    assert run("licenses", "assign", sku, "--user", "extra@contoso.com", "--data", data) == 0
    with_server = read(capsys, "licenses", "forecast", fleet, "--data", data)["pools"]
    assert isinstance(with_server, list)
    used = {pool["sku"]: pool["used"] for pool in with_server}
    assert used == {pool["sku"]: pool["used"] + (pool["sku"] == sku) for pool in alone}


def test_assigning_explaining_and_taking_back(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pools = read(capsys, "licenses", "list", "--data", data)["pools"]
    assert isinstance(pools, list)
    sku = next(pool["sku"] for pool in pools if pool["seats"] > pool["used"])
    assert run("users", "add", "extra@contoso.com", "--data", data) == 0
    assert run("licenses", "assign", sku, "--user", "extra@contoso.com", "--data", data) == 0
    assert run("licenses", "why", "extra@contoso.com", "--data", data) == 0
    said = capsys.readouterr().out
    assert f"{sku}" in said
    assert f"Wasted: {sku}: they have no role" in said
    assert run("licenses", "take", sku, "--user", "extra@contoso.com", "--data", data) == 0
    assert "1 have it no longer" in capsys.readouterr().out
    assert run("licenses", "take", sku, "--user", "extra@contoso.com", "--data", data) == 2
    assert "is not assigned here" in capsys.readouterr().err


def test_text_names_what_is_short(fleet: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = fleet.read_text()
    fleet.write_text(re.sub(r"seats: \d+", "seats: 1", text))
    assert run("licenses", "forecast", fleet) == 1
    said = capsys.readouterr().out
    assert "CountViolation" in said
    assert "Lacking" in said
