"""``holofleet`` started as a process of its own: forked from a warm one, or cold as an operator starts it."""

from __future__ import annotations

import atexit
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import IO

from tests.forks import NUMBER, Order

ROOT = Path(__file__).parents[1]
COLD = (sys.executable, "-W", "error", "-c", "from holofleet.cli import main; main()")
Files = tuple[int, int, int]
"""Standard input, output and error."""


@dataclass
class Started:
    """A process that was forked; the part of ``subprocess.Popen`` that the tests use."""

    pid: int
    arguments: Sequence[str]
    _told: socket.socket
    returncode: int | None = None

    def poll(self) -> int | None:
        """Return its exit status, or ``None`` while it runs; negative if a signal ended it."""
        with suppress(subprocess.TimeoutExpired):
            self.wait(0)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end; return its exit status.

        Raises:
            subprocess.TimeoutExpired: it runs longer.
        """
        if self.returncode is None:
            if not select.select([self._told], [], [], timeout)[0]:
                raise subprocess.TimeoutExpired(list(self.arguments), timeout or 0)
            said = self._told.recv(NUMBER.size)
            assert said, "the process that forks is gone"
            self.returncode = NUMBER.unpack(said)[0]
            self._told.close()
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Send a signal, unless it has ended."""
        if self.poll() is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


@dataclass
class Warm:
    """The process that forks. It ends with the tests, and so does what they left running.

    Args:
        program: Its module and arguments; the number of its socket is added.
    """

    program: Sequence[str] = ("tests.forks",)
    _orders: socket.socket = field(init=False)
    _process: subprocess.Popen[bytes] = field(init=False)

    def __post_init__(self) -> None:
        self._orders, there = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with there:
            command = [sys.executable, "-W", "error", "-m", *self.program, str(there.fileno())]
            self._process = subprocess.Popen(command, cwd=ROOT, env=environment(), pass_fds=[there.fileno()])

    def start(self, arguments: Sequence[str], files: Files, *, env: Mapping[str, str], folder: Path) -> Started:
        """Start ``holofleet`` with these arguments, this environment and nothing of the tester's own."""
        here, there = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with there:
            order = Order(list(arguments), dict(env), str(folder))
            socket.send_fds(self._orders, [order.bytes()], [*files, there.fileno()])
        said = here.recv(NUMBER.size)
        assert said, "the process that forks is gone"
        return Started(NUMBER.unpack(said)[0], ["holofleet", *arguments], here)

    def close(self) -> None:
        """End it."""
        self._orders.close()
        self._process.wait(30)


@lru_cache(maxsize=1)
def warm() -> Warm:
    """Return the process that forks for this process of tests; it is started by whoever asks first."""
    started = Warm()
    atexit.register(started.close)
    return started


def environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return a small environment: nothing of the tester's own leaks into a server."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
    return {**kept, "PYTHONDONTWRITEBYTECODE": "1", **(extra or {})}


def start(
    *arguments: str | Path,
    out: IO[bytes],
    error: IO[bytes],
    env: Mapping[str, str] | None = None,
    folder: Path = ROOT,
    cold: bool = False,
) -> Started | subprocess.Popen[bytes]:
    """Start ``holofleet``; what it prints goes to these files, and nobody answers its questions.

    Args:
        env: Further variables of its environment.
        cold: Whether an interpreter is started for it, as an operator's shell does.
    """
    words = [*map(str, arguments)]
    with open(os.devnull, "rb") as nothing:
        if cold:
            return subprocess.Popen(
                [*COLD, *words], stdin=nothing, stdout=out, stderr=error, cwd=folder, env=environment(env)
            )
        files = (nothing.fileno(), out.fileno(), error.fileno())
        return warm().start(words, files, env=environment(env), folder=folder)


@dataclass(frozen=True)
class Ended:
    """What a command said, and its exit status."""

    status: int
    out: str
    error: str


def run(
    *arguments: str | Path,
    env: Mapping[str, str] | None = None,
    folder: Path = ROOT,
    cold: bool = False,
    timeout: float = 120,
) -> Ended:
    """Run one command to its end.

    Raises:
        subprocess.TimeoutExpired: it takes longer; it is killed.
    """
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as error:
        process = start(*arguments, out=out, error=error, env=env, folder=folder, cold=cold)
        with ending(process):
            status = process.wait(timeout)
        out.seek(0)
        error.seek(0)
        return Ended(status, out.read().decode(), error.read().decode())


@contextmanager
def ending(process: Started | subprocess.Popen[bytes]) -> Iterator[None]:
    """Kill a process at the end of a block if it still runs then."""
    try:
        yield
    finally:
        if process.poll() is None:
            process.kill()
            process.wait(30)
