"""``holofleet audit retention``, ``person-export`` and ``person-erase`` on a data folder."""

from __future__ import annotations

import json
import stat
from datetime import timedelta
from pathlib import Path

import pytest
from tests.unit.cli.test_audit import run

from holofleet.cli.services import wire
from holofleet.clock import SetClock, SystemClock
from holofleet.server.audit import OutsideFile


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    return tmp_path / "kept.txt"


@pytest.fixture
def data(tmp_path: Path, kept: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    """A server that a year ago did something, sent a checkpoint outside, and went on."""
    folder = tmp_path / "data"
    clock = SetClock(SystemClock().now() - timedelta(days=365))
    with wire(folder, clock=clock) as wired:
        token = wired.services.access.one_time_link().token
        assert wired.services.access.redeem(token) is not None
        wired.keeper.send_to(OutsideFile(kept))
        wired.upkeep.run()
    assert kept.read_text().startswith("holofleet-checkpoint/1 ")
    assert run("users", "add", "megan@contoso.com", "--data", folder) == 0
    capsys.readouterr()
    return folder


def test_old_records_are_cut_with_a_proof(data: Path, kept: Path, capsys: pytest.CaptureFixture[str]) -> None:
    day = (SystemClock().now() - timedelta(days=200)).date().isoformat()
    assert run("audit", "retention", "--data", data) == 0
    assert "Records 1 to " in capsys.readouterr().out
    assert run("audit", "retention", "--cut-before", day, "--data", data) == 2  # nobody said yes
    capsys.readouterr()
    assert run("audit", "retention", "--cut-before", day, "--yes", "--data", data) == 0
    assert "records are deleted, the last of them number" in capsys.readouterr().out
    assert run("audit", "verify", "--data", data) == 0
    assert "None of the checkpoints that you gave" in capsys.readouterr().out
    assert run("audit", "verify", "--checkpoints", kept, "--data", data) == 0
    assert "None of the checkpoints" not in capsys.readouterr().out
    assert run("audit", "retention", "--data", data) == 0
    assert "Cut up to record" in capsys.readouterr().out


def test_what_is_no_day_and_what_is_too_young_is_refused(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("audit", "retention", "--cut-before", "yesterday", "--yes", "--data", data) == 2
    assert "is no day" in capsys.readouterr().err
    today = SystemClock().now().date().isoformat()
    assert run("audit", "retention", "--cut-before", today, "--yes", "--data", data) == 2
    assert "180 days are kept" in capsys.readouterr().err


def test_a_person_is_written_out_and_then_erased(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "megan.json"
    assert run("audit", "person-export", "megan@contoso.com", "--out", out, "--data", data) == 0
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    found = json.loads(out.read_text())
    assert found["upn"] == "megan@contoso.com"
    assert found["rooms"]["person"][0]["created_at"].endswith("Z")
    assert run("audit", "person-export", "megan@contoso.com", "--out", out, "--data", data) == 2
    assert run("audit", "person-erase", "megan@contoso.com", "--yes", "--data", data) == 2
    assert "is here" in capsys.readouterr().err
    assert run("users", "leave", "megan@contoso.com", "--yes", "--data", data) == 0
    assert run("audit", "person-erase", "megan@contoso.com", "--yes", "--data", data) == 0
    assert "Erased: " in capsys.readouterr().out
    assert run("users", "show", "megan@contoso.com", "--data", data) == 2
    assert run("audit", "verify", "--data", data) == 0


def test_a_place_for_checkpoints_that_cannot_be_stops_the_start(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("serve", "--data", tmp_path / "x", "--checkpoints-to", "http://log.contoso.com") == 2
    assert "is no place for checkpoints" in capsys.readouterr().err
