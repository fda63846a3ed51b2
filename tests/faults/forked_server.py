"""A server that the launcher forks: started anew in a moment, and killed where the test wants it."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.faults.launcher import Counter
from tests.served_process import ROOT, START_S, environment, free_port

from holofleet.targets.server import ApiClient


@dataclass
class Launcher:
    """The process that forks servers."""

    folder: Path
    counter: Counter
    process: subprocess.Popen[str]

    def fork(self, arguments: list[str], log: Path) -> int:
        """Start a server; return its process id."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps({"arguments": arguments, "log": str(log)}) + "\n")
        self.process.stdin.flush()
        return int(self.process.stdout.readline())


@contextmanager
def launcher(folder: Path) -> Iterator[Launcher]:
    """Start the launcher; at the end it is gone, and so are its servers if the tests ended theirs."""
    file = folder / "points"
    counter = Counter(file)
    with subprocess.Popen(
        [sys.executable, "-m", "tests.faults.launcher", str(file)],
        cwd=ROOT,
        env=environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        yield Launcher(folder, counter, process)
        assert process.stdin is not None
        process.stdin.close()
        process.wait(20)


@dataclass
class ForkedServer:
    """A server on a copy of a prepared data folder; it keeps its addresses over its deaths.

    Args:
        launcher: Who forks it.
        template: The data folder that is copied.
        data: Where to.
        options: Further options of ``serve``.
        ports: Of people and of headsets.
    """

    launcher: Launcher
    template: Path
    data: Path
    options: tuple[str, ...] = ()
    deaths: int = 0
    pid: int = 0
    ports: tuple[int, int] = field(default_factory=lambda: (free_port(), free_port()))

    def __post_init__(self) -> None:
        shutil.copytree(self.template, self.data)

    @property
    def address(self) -> str:
        """Origin of the listener for people, first enrollment and the API."""
        return f"https://127.0.0.1:{self.ports[0]}"

    @property
    def ca(self) -> Path:
        """The CA file that headsets trust."""
        return self.data / "ca.pem"

    @property
    def log(self) -> Path:
        """What it printed."""
        return self.data.with_suffix(".log")

    def start(self) -> None:
        """Start it and wait until it answers."""
        announced = self.data / "server.json"
        announced.unlink(missing_ok=True)
        people, device = (f"127.0.0.1:{port}" for port in self.ports)
        arguments = ["--data", str(self.data), "--listen", people, "--device-listen", device]
        self.pid = self.launcher.fork([*arguments, *self.options], self.log)
        deadline = time.monotonic() + START_S
        while not announced.exists():
            if not self.lives or time.monotonic() > deadline:
                raise AssertionError(f"the server does not start:\n{self.log.read_text()}")
            time.sleep(0.002)

    @property
    def lives(self) -> bool:
        """Whether its process is there."""
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return False
        return True

    def revive(self) -> None:
        """Start it again if it was killed."""
        if self._is_dying():
            self.deaths += 1
            self.start()

    def _is_dying(self) -> bool:
        """Whether it is dead; one that was just sent its signal gets the moment that it needs."""
        if self.launcher.counter.killed and not self.deaths:
            while self.lives:
                time.sleep(0.001)
        return not self.lives

    def stop(self) -> None:
        """End it, without grace: what it knows stands in its database already."""
        if self.lives:
            os.kill(self.pid, signal.SIGKILL)
        while self.lives:
            time.sleep(0.002)

    @contextmanager
    def api(self) -> Iterator[ApiClient]:
        """Call its API as the local administrator."""
        token = (self.data / "local-admin.token").read_text().strip()
        with ApiClient.connect(self.address, token=token, ca=self.ca) as client:
            yield client

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Look into its database, without writing."""
        with closing(sqlite3.connect(f"file:{self.data / 'holofleet.sqlite'}?mode=ro", uri=True)) as connection:
            return connection.execute(query).fetchall()
