"""What the tests start is a process as any other, though it is forked from one that has everything in memory."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest
from tests.started import ending, run, start


def test_its_exit_status_and_what_it_prints_are_those_of_a_cold_start() -> None:
    for words, status in ((["--version"], 0), (["no-such-command"], 2)):
        told = run(*words)
        assert told.status == status
        assert told == run(*words, cold=True)


def test_it_works_in_its_own_folder_and_takes_signals(tmp_path: Path) -> None:
    log = tmp_path / "log"
    words = ("serve", "--data", "data", "--secrets", "secrets", "--listen", "127.0.0.1:0")
    (tmp_path / "secrets").mkdir()
    for number, status in ((signal.SIGINT, 0), (signal.SIGTERM, 0), (signal.SIGKILL, -signal.SIGKILL)):
        with log.open("wb") as file:
            process = start(*words, out=file, error=file, folder=tmp_path)
        with ending(process):
            deadline = time.monotonic() + 60
            while b"Stop with" not in log.read_bytes():
                assert process.poll() is None, log.read_text()
                assert time.monotonic() < deadline
                time.sleep(0.005)
            assert os.getpgid(process.pid) == os.getpgid(0)
            assert Path(f"/proc/{process.pid}/cwd").readlink() == tmp_path
            with pytest.raises(subprocess.TimeoutExpired):
                process.wait(0.01)
            process.send_signal(number)
            assert process.wait(60) == status
        assert not Path(f"/proc/{process.pid}").exists()
        process.kill()  # of one that has ended: nothing
