"""DEP-5: the unit that is shipped lets the process break out of nothing."""

from __future__ import annotations

import inspect
import shlex
import shutil
import subprocess
from collections import defaultdict
from pathlib import Path

import pytest

from holofleet.cli.serve import serve

UNIT = Path(__file__).parents[2] / "deploy/holofleet.service"
ANALYZER = shutil.which("systemd-analyze")
MOST_EXPOSED = 20
"""Of 100, as systemd counts; 0 is a process that may do nothing at all."""


def said() -> dict[str, list[str]]:
    found = defaultdict(list)
    for line in UNIT.read_text(encoding="utf-8").splitlines():
        name, equals, value = line.partition("=")
        if equals and not line.startswith("#"):
            found[name].append(value)
    return found


def test_DEP_5_the_service_is_nobody_else_writes_one_folder_and_has_its_limits() -> None:
    unit = said()
    assert unit["DynamicUser"] == ["yes"]
    assert unit["ProtectSystem"] == ["strict"]
    assert unit["StateDirectory"] == ["holofleet"]
    assert "ReadWritePaths" not in unit
    assert unit["CapabilityBoundingSet"] == unit["AmbientCapabilities"] == [""]
    assert unit["NoNewPrivileges"] == unit["MemoryDenyWriteExecute"] == ["yes"]
    assert unit["UMask"] == ["0077"]
    assert unit["IPAddressDeny"] == ["any"]
    assert "any" not in " ".join(unit["IPAddressAllow"]).split()
    assert unit["MemoryMax"] != []


def test_DEP_5_the_command_of_the_unit_is_one_that_there_is() -> None:
    (command,) = said()["ExecStart"]
    program, verb, *rest = shlex.split(command)
    assert (Path(program).name, verb) == ("holofleet", "serve")
    flags = {word.removeprefix("--").replace("-", "_") for word in rest if word.startswith("--")}
    assert flags <= set(inspect.signature(serve).parameters)


@pytest.mark.skipif(ANALYZER is None, reason="systemd is not installed here")
def test_DEP_5_systemd_finds_little_that_is_exposed() -> None:
    assert ANALYZER is not None
    words = [ANALYZER, "security", "--offline=true", f"--threshold={MOST_EXPOSED}", "--no-pager", str(UNIT)]
    done = subprocess.run(words, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout[-200:] + done.stderr
