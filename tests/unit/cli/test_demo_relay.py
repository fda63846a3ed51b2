"""The relay of the demo: for callers on this machine, and gone when the demo is."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.turn_client import RefusedError, TurnClient

from holofleet.cli.demo_relay import demo_relay
from holofleet.server.assist import TurnServers
from holofleet.server.assist.turn import credentials

HELD = """
import sys
from holofleet.cli.demo_relay import demo_relay
with demo_relay() as relays:
    print(relays.urls[0], flush=True)
    sys.stdin.read()
"""


def address(url: str) -> tuple[str, int]:
    found = re.fullmatch(r"turn:([0-9.]+):([0-9]+)", url)
    assert found is not None
    return found[1], int(found[2])


def caller(servers: TurnServers, party: str) -> TurnClient:
    made = credentials(servers, call="c", party=party, now=datetime.now(UTC))
    assert made is not None
    return TurnClient(address(servers.urls[0]), made.username, made.credential)


def answers(where: tuple[str, int]) -> bool:
    try:
        socket.create_connection(where, 1).close()
    except OSError:
        return False
    return True


def test_callers_on_this_machine_meet_at_the_relay_of_the_demo_and_reach_nothing_else() -> None:
    with demo_relay() as servers:
        assert servers is not None
        where = address(servers.urls[0])
        with caller(servers, "one") as one, caller(servers, "other") as other:
            here, there = one.allocate(), other.allocate()
            one.permit(there[0])
            other.permit(here[0])
            one.send(*there, b"hello")
            assert other.receive() == b"hello"
            for elsewhere in ("127.0.0.2", "10.0.0.1", "169.254.169.254"):
                with pytest.raises(RefusedError):
                    one.permit(elsewhere)
    assert not answers(where)


def test_the_relay_ends_when_the_demo_is_killed() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HELD], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        where = address(process.stdout.readline().strip())
        assert answers(where)
        os.kill(process.pid, signal.SIGKILL)
    for _ in range(600):
        if not answers(where):
            return
        time.sleep(0.05)
    raise AssertionError("the relay still answers")


def test_without_the_program_the_demo_says_so_and_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("holofleet.cli.demo_relay._path", lambda: str(tmp_path))
    with demo_relay() as servers:
        assert servers is None
    assert "No media relay" in capsys.readouterr().err


def test_a_relay_that_does_not_start_is_said_and_stops_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    program = tmp_path / "turnserver"
    program.write_text("#!/bin/sh\nexit 1\n")
    program.chmod(0o755)
    monkeypatch.setattr("holofleet.cli.demo_relay._path", lambda: str(tmp_path))
    monkeypatch.setattr("holofleet.cli.demo_relay._START_S", 0.3)
    with demo_relay() as servers:
        assert servers is None
    assert "does not start" in capsys.readouterr().err
