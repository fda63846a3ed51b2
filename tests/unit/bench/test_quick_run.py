"""The measurements run to their end and say everything; no number is judged."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.postgres import binaries

ROOT = Path(__file__).parents[3]
SESSIONS = {
    "idle check-in (one message, nothing is due)": {
        "check-ins on kept connections",
        "processor time of one",
        "bare: constant answer",
        "bare: with one indexed read",
        "check-in / bare constant",
        "check-in / bare with one read",
        "check-ins, each on a new connection",
        "check-in / bare, each on a new connection",
    },
    "first convergence of 60 settings": {
        "first sessions",
        "processor time of one",
        "messages from the headset",
        "bytes from the headset",
        "bytes to the headset",
        "session / bare answers of its messages",
    },
    "enrollment": {"enrollments", "bare signature of a certificate", "enrollment / bare signature"},
    "statements, as counted at the driver": {
        f"{act}: {kind}"
        for act in ("idle check-in", "first convergence", "enrollment")
        for kind in ("reads", "writes", "commits")
    },
}
STARTING = {
    "catalog: load",
    "fleet file of 100 headsets: load",
    "fleet file of 100 headsets: compile",
    "holofleet --help",
}


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, dict[str, Any]]:
    file = tmp_path_factory.mktemp("bench") / "figures.json"
    done = subprocess.run(
        [sys.executable, "-m", "bench", "--least", "--json", str(file)],
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=240,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout, json.loads(file.read_text(encoding="utf-8"))


def databases() -> list[str]:
    return ["SQLite", "PostgreSQL"] if binaries() else ["SQLite"]


def test_every_figure_is_measured_on_every_database_that_is_there(run: tuple[str, dict[str, Any]]) -> None:
    sections = run[1]["sections"]
    for database in databases():
        for title, names in SESSIONS.items():
            assert names <= sections[f"{database}: {title}"].keys()
    assert sections["Starting (each round a fresh process)"].keys() >= STARTING
    assert all(figure["median"] >= 0 for section in sections.values() for figure in section.values())


def test_every_figure_stands_in_the_table_with_what_was_pinned_where(run: tuple[str, dict[str, Any]]) -> None:
    table, value = run
    assert value["about"]["pinned"] in table
    lines = table.splitlines()
    for title, section in value["sections"].items():
        assert title in lines
        for name in section:
            assert any(line.startswith(f"  {name} ") for line in lines), name


def test_an_idle_check_in_is_one_read_and_no_write(run: tuple[str, dict[str, Any]]) -> None:
    for database in databases():
        counted = run[1]["sections"][f"{database}: statements, as counted at the driver"]
        assert counted["idle check-in: reads"]["median"] == 1
        assert counted["idle check-in: writes"]["median"] == 0
        assert counted["idle check-in: commits"]["median"] == 0
