"""``holofleet serve`` as a process of its own, in a folder of its own, and a command line beside it.

Nothing is imported from the server here: a test that uses this sees what an operator and a headset see.
"""

from __future__ import annotations

import json
import signal
import socket
import sqlite3
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests import started
from tests.started import Ended, Started

from holofleet import samples
from holofleet.targets.server import ApiClient

START_S = 60.0
"""A machine that does much else starts a server slowly; one that cannot start ends by itself."""
END_S = 60.0


def free_port() -> int:
    """Return a port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Run(Ended):
    """What a command said, and its exit status."""

    def json(self) -> Any:
        assert self.status in (0, 1), self.error
        return json.loads(self.out)


def holofleet(*arguments: str | Path, env: Mapping[str, str] | None = None, cold: bool = False) -> Run:
    """Run one command to its end; ``cold`` as in :func:`tests.started.run`."""
    ended = started.run(*arguments, env=env, cold=cold)
    return Run(ended.status, ended.out, ended.error)


@dataclass
class ServedProcess:
    """A server in ``data``; it keeps its addresses when it is started again.

    Args:
        data: Its data folder.
        options: Further options of ``serve``.
        env: Further variables of its environment.
        log: File that takes everything it prints.
        cold: Whether it and the commands beside it start as an operator starts them, in an interpreter of their
            own, and not forked from a warm one.
        port, device_port: Where it listens for people and for headsets.
    """

    data: Path
    options: Sequence[str] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    cold: bool = False
    log: Path = field(init=False)
    port: int = field(init=False)
    device_port: int = field(init=False)
    _process: Started | subprocess.Popen[bytes] | None = None

    def __post_init__(self) -> None:
        self.log = self.data.parent / f"{self.data.name}.log"
        self.port, self.device_port = free_port(), free_port()

    # Its life

    def start(self) -> None:
        """Start it and wait until it answers."""
        assert self._process is None
        (self.data / "server.json").unlink(missing_ok=True)
        command = ["serve", "--data", str(self.data)]
        command += ["--listen", f"127.0.0.1:{self.port}", "--device-listen", f"127.0.0.1:{self.device_port}"]
        command += self.options
        with self.log.open("ab") as log:
            self._process = started.start(*command, out=log, error=log, env=self.env, cold=self.cold)
        deadline = time.monotonic() + START_S
        while not (self.data / "server.json").exists():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                raise AssertionError(f"the server does not start:\n{self.output}")
            time.sleep(0.005)

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Send it a signal and wait for its end; return its exit status."""
        assert self._process is not None
        self._process.send_signal(number)
        status = self._process.wait(END_S)
        self._process = None
        return status

    def kill(self) -> None:
        """End it as a power cut does."""
        self.stop(signal.SIGKILL)

    @property
    def lives(self) -> bool:
        """Whether it still runs."""
        return self._process is not None and self._process.poll() is None

    # What it says

    @property
    def address(self) -> str:
        """Origin of the listener for people, first enrollment and the API."""
        return f"https://127.0.0.1:{self.port}"

    @property
    def ca(self) -> Path:
        """The CA file that clients trust."""
        return self.data / "ca.pem"

    @property
    def output(self) -> str:
        """Everything that it has printed."""
        return self.log.read_text(encoding="utf-8", errors="replace")

    @property
    def memory_kib(self) -> int:
        """Its resident memory."""
        assert self._process is not None
        status = Path(f"/proc/{self._process.pid}/status").read_text()
        return int(status.split("VmRSS:")[1].split()[0])

    # What is asked of it

    def run(self, *arguments: str | Path) -> Run:
        """Run a command of the operator on its data folder."""
        return holofleet(*arguments, "--data", self.data, cold=self.cold)

    @contextmanager
    def api(self) -> Iterator[ApiClient]:
        """Call its API as the local administrator."""
        token = (self.data / "local-admin.token").read_text().strip()
        with ApiClient.connect(self.address, token=token, ca=self.ca) as client:
            yield client

    def apply_sample(self, scenario: str) -> Path:
        """Write a sample fleet beside the data folder and apply it; return the file."""
        file = self.data.parent / f"{scenario}.yaml"
        file.write_text(samples.text(scenario)["fleet.yaml"], encoding="utf-8")
        for name, text in samples.enclosures(scenario).items():
            (file.parent / name).write_text(text, encoding="utf-8")
        applied = self.run("apply", file, "--yes")
        assert applied.status == 0, applied.error
        return file

    def words(self) -> dict[str, str]:
        """Return the word of each headset, as ``headsets list`` says it."""
        listed = self.run("headsets", "list", "--format", "json").json()
        return {item["serial"]: item["compliance"] for item in listed["headsets"]}

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Look into its SQLite database, without writing."""
        with closing(sqlite3.connect(f"file:{self.data / 'holofleet.sqlite'}?mode=ro", uri=True)) as connection:
            return connection.execute(query).fetchall()

    def kinds(self, serial: str) -> list[str]:
        """Return the kinds of all events of a headset, oldest first."""
        with self.api() as api:
            events = api.get("/events", limit=500)["events"]
        return [event["kind"] for event in events if event["serial"] == serial]


@contextmanager
def served(
    folder: Path, *options: str, env: Mapping[str, str] | None = None, cold: bool = False
) -> Iterator[ServedProcess]:
    """Run a server in an empty folder and end it, whatever happens inside."""
    server = ServedProcess(folder / "data", options, env or {}, cold)
    server.start()
    try:
        yield server
    finally:
        if server.lives:
            server.stop()
