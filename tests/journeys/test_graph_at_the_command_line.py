"""A fleet file becomes a tenant: every command its own process, the emulator another, sockets between them.

The first of each kind of command starts cold, and so do those that are killed or wait.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest
from tests.started import Ended, run

PATIENCE_S = 300
"""A creation that was begun and perhaps never sent is looked for, for minutes, before it is made again."""
COMMAND = [sys.executable, "-c", "from holofleet.cli import main; main()"]
GROUPS = "/v1.0/groups"
PROFILES = "/v1.0/deviceManagement/deviceConfigurations"


@dataclass(frozen=True)
class Operator:
    folder: Path
    url: str

    def run(self, command: str, *more: str, cold: bool = False) -> Ended:
        flags = ["--target", "graph", "--graph-url", self.url, "--format", "json"]
        state = {"XDG_STATE_HOME": str(self.folder / "state")}
        file = self.folder / "fleet.yaml"
        return run(command, file, *flags, *more, env=state, cold=cold, timeout=PATIENCE_S)

    def names(self, where: str) -> list[str]:
        return [item["displayName"] for item in httpx2.get(self.url + where).json()["value"]]

    def json(self, command: str, *more: str, cold: bool = False) -> Any:
        ended = self.run(command, *more, cold=cold)
        assert ended.status in (0, 1), ended.error
        return json.loads(ended.out)


@pytest.fixture
def operator(tmp_path: Path) -> Iterator[Operator]:
    fleet = str(tmp_path / "fleet.yaml")
    assert run("init", "--scenario", "cloud-connected", "--out", fleet).status == 0
    flags = ["--listen", "127.0.0.1:0", "--pace", "0.01", "--no-quotas", "--port-file", str(tmp_path / "port")]
    with subprocess.Popen([*COMMAND, "graph-emulator", *flags], stdout=subprocess.PIPE, text=True) as emulator:
        assert emulator.stdout is not None
        try:
            yield Operator(tmp_path, emulator.stdout.readline().strip())
        finally:
            emulator.send_signal(signal.SIGINT)
            emulator.wait(timeout=60)


def test_plan_apply_plan_drift_as_an_operator_does(operator: Operator) -> None:
    planned = operator.json("plan", cold=True)
    assert planned["changes"]
    assert httpx2.get(operator.url + PROFILES).json()["value"] == []

    told = operator.run("apply", "--yes", "--plan-hash", planned["hash"], cold=True)
    assert told.status == 0
    assert json.loads(told.out)["applied"] == len(planned["changes"])
    assert "Parts of the tenant: " in told.error
    assert operator.json("plan")["changes"] == []
    assert operator.run("drift", cold=True).status == 0

    profile = httpx2.get(operator.url + PROFILES).json()["value"][0]
    kept = profile["description"]
    patch = {"@odata.type": profile["@odata.type"], "displayName": "Renamed in the portal"}
    assert httpx2.patch(f"{operator.url}{PROFILES}/{profile['id']}", json=patch).status_code == 200
    drifted = operator.run("drift")
    assert drifted.status == 1
    assert [one["reported"] for one in json.loads(drifted.out)["drift"]] == ["Renamed in the portal"]

    assert operator.json("apply", "--yes")["applied"] == 1
    assert operator.run("drift").status == 0
    mended = httpx2.get(f"{operator.url}{PROFILES}/{profile['id']}").json()
    assert (mended["displayName"], mended["description"]) == (profile["displayName"], kept)


def test_an_apply_whose_process_is_killed_is_completed_by_the_next(operator: Operator) -> None:
    command = [*COMMAND, "apply", str(operator.folder / "fleet.yaml"), "--yes"]
    flags = ["--target", "graph", "--graph-url", operator.url]
    state = {**os.environ, "XDG_STATE_HOME": str(operator.folder / "state")}
    quiet = subprocess.DEVNULL
    with subprocess.Popen([*command, *flags], env=state, stdout=quiet, stderr=quiet) as running:
        until = time.monotonic() + 60
        while not operator.names(GROUPS) and time.monotonic() < until:
            time.sleep(0.005)
        running.kill()
    assert running.returncode == -signal.SIGKILL
    assert operator.json("plan")["changes"]  # it was killed amid its work
    operator.json("apply", "--yes")
    assert operator.json("plan")["changes"] == []
    for where in (GROUPS, PROFILES):
        names = operator.names(where)
        assert names
        assert len(names) == len(set(names))


def test_two_applies_at_once_make_nothing_twice(operator: Operator) -> None:
    command = [*COMMAND, "apply", str(operator.folder / "fleet.yaml"), "--yes"]
    flags = ["--target", "graph", "--graph-url", operator.url]
    state = {**os.environ, "XDG_STATE_HOME": str(operator.folder / "state")}
    running = [
        subprocess.Popen([*command, *flags], env=state, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    told = [one.communicate(timeout=PATIENCE_S)[1] for one in running]
    # Whoever comes second is refused, or finds that all is done: both are one apply at a time.
    ended = [one.returncode for one in running]
    assert sorted(ended) in ([0, 0], [0, 2])
    for one, status, words in zip(running, ended, told, strict=True):
        if status == 2:
            other = next(process.pid for process in running if process is not one)
            assert f"another apply works on this tenant: process {other}, since 20" in words
    for where in (GROUPS, PROFILES):
        names = operator.names(where)
        assert names
        assert len(names) == len(set(names))


def test_an_apply_beside_one_that_still_asks_is_refused_and_a_plan_is_not(operator: Operator) -> None:
    command = [*COMMAND, "apply", str(operator.folder / "fleet.yaml")]
    flags = ["--target", "graph", "--graph-url", operator.url]
    state = {**os.environ, "XDG_STATE_HOME": str(operator.folder / "state")}
    lead, follow = os.openpty()
    with subprocess.Popen([*command, *flags], env=state, stdin=follow, stdout=follow, stderr=follow) as asking:
        seen = b""
        while b"Apply " not in seen:
            seen += os.read(lead, 65536)
        second = operator.run("apply", "--yes")
        assert second.status == 2
        assert f"process {asking.pid}" in second.error
        assert operator.names(GROUPS) == []
        assert operator.json("plan")["changes"]
        asking.terminate()
    os.close(lead)
    os.close(follow)
    assert operator.json("apply", "--yes")["applied"]
