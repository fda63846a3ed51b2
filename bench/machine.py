"""The machine: which core does what, and how steady it is."""

from __future__ import annotations

import os
import platform
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Cores:
    """The core of the server process, and the core of everything else (load client, PostgreSQL)."""

    server: int
    client: int

    @property
    def words(self) -> str:
        """What the reader of the numbers has to know."""
        if self.server == self.client:
            return f"ONE core ({self.server}) for server and load client: rates by the wall clock mean little"
        return f"server process on core {self.server}, load client (and PostgreSQL) on core {self.client}"


def cores() -> Cores:
    """Return two cores that this process may use, or one twice where there is no other."""
    allowed = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else [0]
    return Cores(server=allowed[0], client=allowed[-1])


def pin(core: int) -> None:
    """Keep this process, and what it starts, on one core; does nothing where the system cannot."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {core})


@contextmanager
def unpinned() -> Iterator[None]:
    """Let this process, and what it starts, use every core until the end of the block."""
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, range(os.cpu_count() or 1))
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def cpu_s() -> float:
    """Return the seconds of processor that this process has used, with all its threads."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def spin_ms() -> float:
    """Return the processor time of a fixed piece of work: the same work, so that differences are the machine's."""
    begun = time.thread_time()
    total = 0
    for number in range(200_000):
        total += number * number & 0xFF
    assert total
    return (time.thread_time() - begun) * 1e3


def fdatasync_ms(folder: Path, times: int = 20) -> list[float]:
    """Return how long it takes here until a written page is on the disk: the floor of every commit."""
    found = []
    with tempfile.TemporaryFile(dir=folder) as file:
        for _ in range(times):
            file.write(b"x" * 4096)
            file.flush()
            begun = time.perf_counter()
            os.fdatasync(file.fileno())
            found.append((time.perf_counter() - begun) * 1e3)
    return found


def description() -> dict[str, str | int | float]:
    """Return what the machine is, and how busy others kept it when the run began."""
    return {
        "processor": _processor(),
        "cores": os.cpu_count() or 1,
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.release()}",
        "load_before": round(os.getloadavg()[0], 2) if sys.platform != "win32" else 0.0,
    }


def _processor() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def postgres_cpu_s(cluster: Path) -> float:
    """Return the processor time of a PostgreSQL cluster: its postmaster and all its processes, ended or alive."""
    postmaster = int((cluster / "data" / "postmaster.pid").read_text(encoding="utf-8").split()[0])
    ticks = 0
    for process in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = process.read_text(encoding="utf-8").rpartition(")")[2].split()
        except OSError:
            continue  # it ended meanwhile
        if postmaster in (int(process.parent.name), int(fields[1])):
            ticks += int(fields[11]) + int(fields[12])
        if int(process.parent.name) == postmaster:
            ticks += int(fields[13]) + int(fields[14])  # children that it has waited for
    return ticks / os.sysconf("SC_CLK_TCK")
