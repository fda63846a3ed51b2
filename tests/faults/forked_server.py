"""A server that the launcher forks: started anew in a moment, and killed where the test wants it."""

from __future__ import annotations

import os
import shutil
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.faults.launcher import Counter
from tests.served_process import START_S, free_port
from tests.started import ROOT, Started, Warm, environment

from holofleet.targets.server import ApiClient


@dataclass(frozen=True)
class Launcher:
    """The process that forks servers, and where their points are counted."""

    counter: Counter
    warm: Warm

    def fork(self, arguments: list[str], log: Path) -> Started:
        """Start a server."""
        with open(os.devnull, "rb") as nothing, log.open("ab") as said:
            files = (nothing.fileno(), said.fileno(), said.fileno())
            return self.warm.start(["serve", *arguments], files, env=environment(), folder=ROOT)


@contextmanager
def launcher(folder: Path) -> Iterator[Launcher]:
    """Start the launcher; at the end it is gone, and so are its servers."""
    file = folder / "points"
    counter = Counter(file)
    warm = Warm(("tests.faults.launcher", str(file)))
    try:
        yield Launcher(counter, warm)
    finally:
        warm.close()


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
    process: Started | None = None
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
        self.process = self.launcher.fork([*arguments, *self.options], self.log)
        deadline = time.monotonic() + START_S
        while not announced.exists():
            if not self.lives or time.monotonic() > deadline:
                raise AssertionError(f"the server does not start:\n{self.log.read_text()}")
            time.sleep(0.002)

    @property
    def lives(self) -> bool:
        """Whether its process is there."""
        return self.process is not None and self.process.poll() is None

    def revive(self) -> None:
        """Start it again if it was killed."""
        if self._is_dying():
            self.deaths += 1
            self.start()

    def _is_dying(self) -> bool:
        """Whether it is dead; one that was just sent its signal gets the moment that it needs."""
        if self.launcher.counter.killed and not self.deaths:
            assert self.process is not None
            self.process.wait(START_S)
        return not self.lives

    def stop(self) -> None:
        """End it, without grace: what it knows stands in its database already."""
        if self.process is not None:
            self.process.kill()
            self.process.wait(START_S)

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
