"""The load client's handle on the server process."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]


@dataclass
class ServerProcess:
    """A running :mod:`bench.server_process`."""

    people: str
    device_port: int
    bare_port: int
    ca: str
    process: subprocess.Popen[str]

    def order(self, do: str, **arguments: Any) -> dict[str, Any]:
        """Give an order and return what came of it.

        Raises:
            RuntimeError: the server process is gone.
        """
        _put(self.process, {"do": do, **arguments})
        return _receive(self.process)

    def spins_ms(self, times: int, *, meanwhile: Callable[[], object] | None = None) -> list[float]:
        """Let the server process do the fixed piece of work, while this process does something or waits."""
        _put(self.process, {"do": "spin", "times": times})
        if meanwhile is not None:
            for _ in range(times):
                meanwhile()
        return [float(value) for value in _receive(self.process)["ms"]]

    def cpu_s(self) -> float:
        """Return the processor time that the server process has used, all its threads together."""
        return float(self.order("usage")["cpu_s"])


@contextmanager
def server_process(
    folder: Path, *, core: int, headsets: int, database: str | None = None
) -> Iterator[ServerProcess]:
    """Start the server in an empty folder, and stop it at the end, whatever happens inside."""
    command = [sys.executable, "-m", "bench.server_process", "--core", str(core), "--data", str(folder / "data")]
    command += ["--headsets", str(headsets), *(["--database", database] if database else [])]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    try:
        yield ServerProcess(**_receive(process), process=process)
    finally:
        assert process.stdin is not None
        process.stdin.close()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _put(process: subprocess.Popen[str], order: dict[str, Any]) -> None:
    assert process.stdin is not None
    process.stdin.write(json.dumps(order) + "\n")
    process.stdin.flush()


def _receive(process: subprocess.Popen[str]) -> dict[str, Any]:
    assert process.stdout is not None
    line = process.stdout.readline()
    if not line:
        raise RuntimeError(f"the server process ended with status {process.wait(20)}")
    answer: dict[str, Any] = json.loads(line)
    return answer
