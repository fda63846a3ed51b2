"""Starts servers that are killed at a chosen point of their work with the database.

The product has no points of failure built in: this program imports it, wraps the two ways into the database, and
forks one server after the other, each a process of its own that ends by SIGKILL when its point has come. Points
are counted in memory that the test shares: one after each read, one before and one after each commit. They count
only while the test has the counter armed, and never in work that no headset asked for.

Orders come to it as to ``tests/forks.py``.
"""

from __future__ import annotations

import mmap
import os
import signal
import socket
import struct
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from pathlib import Path
from typing import Any

from tests.forks import Forks, warm_up

from holofleet.cli import main

NUMBERS, COUNT = struct.Struct("qqq"), struct.Struct("q")
BESIDE: ContextVar[bool] = ContextVar("beside", default=False)
"""Whether this is upkeep, or counting ahead."""


class Counter:
    """Three numbers in a shared file: whether it counts, at which point to die, how many points there were."""

    def __init__(self, path: Path) -> None:
        if not path.exists():
            path.write_bytes(bytes(NUMBERS.size))
        with path.open("r+b") as file:
            self._memory = mmap.mmap(file.fileno(), NUMBERS.size)

    def _get(self) -> tuple[int, int, int]:
        armed, at, count = NUMBERS.unpack_from(self._memory)
        return armed, at, count

    def set(self, *, armed: bool, at: int | None = None, count: int | None = None) -> None:
        _, at_now, count_now = self._get()
        at, count = at_now if at is None else at, count_now if count is None else count
        NUMBERS.pack_into(self._memory, 0, int(armed), at, count)

    @property
    def count(self) -> int:
        return self._get()[2]

    @property
    def killed(self) -> bool:
        """Whether the point to die at was reached."""
        _, at, count = self._get()
        return 0 < at <= count

    def point(self) -> None:
        """Pass a point, or die at it."""
        armed, at, count = self._get()
        if not armed or BESIDE.get():
            return
        COUNT.pack_into(
            self._memory, NUMBERS.size - COUNT.size, count + 1
        )  # whoever disarms it meanwhile is heard
        if count + 1 == at:
            os.kill(os.getpid(), signal.SIGKILL)


def watch(counter: Counter) -> None:
    """Wrap the ways into the database, for every server that is forked from now on."""
    from holofleet.server.fleet import FleetService
    from holofleet.server.fleet.upkeep import Upkeep
    from holofleet.server.visits import VisitService
    from holofleet.storage.database import Database

    real_read, real_transaction = Database.read, Database.transaction

    @contextmanager
    def read(self: Database) -> Iterator[Any]:
        with real_read(self) as connection:
            yield connection
        counter.point()

    @contextmanager
    def transaction(self: Database) -> Iterator[Any]:
        with real_transaction(self) as connection:
            yield connection
            counter.point()
        counter.point()

    Database.read = read  # type: ignore[method-assign]
    Database.transaction = transaction  # type: ignore[method-assign]
    for owner, name in ((Upkeep, "run"), (FleetService, "count_ahead"), (VisitService, "count_ahead")):
        setattr(owner, name, _beside(getattr(owner, name)))


def _beside(work: Callable[..., Any]) -> Callable[..., Any]:
    """Mark what is done in a piece of work as asked for by no headset."""

    @wraps(work)
    def marked(*arguments: Any) -> Any:
        token = BESIDE.set(True)
        try:
            return work(*arguments)
        finally:
            BESIDE.reset(token)

    return marked


def run(counter_file: Path, orders: int) -> None:
    """Be whatever server is ordered next."""
    watch(Counter(counter_file))
    warm_up()
    main(Forks(socket.socket(fileno=orders)).arguments())


if __name__ == "__main__":
    run(Path(sys.argv[1]), int(sys.argv[2]))
