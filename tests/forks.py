"""A program that has everything in memory and forks itself whenever a test starts ``holofleet``.

The interpreter and what it imports take three processor seconds of each start of a server, and the tests start
some hundred processes. What is forked here is a process as any other: with its own arguments, environment, folder,
standard files, signals and exit status. What it does not show is that a cold interpreter finds all that it needs;
``tests/journeys/test_life_of_a_headset.py`` starts everything cold, other journeys the commands that it lacks.

``tests/started.py`` gives the orders. They come as datagrams, :class:`Order` in JSON with four files: the three
standard ones, and one over which the process id and later the exit status are told. When nobody can order any
more, what still runs is killed.
"""

from __future__ import annotations

import gc
import json
import os
import selectors
import signal
import socket
import struct
import sys
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages

LONGEST, NUMBER = 65536, struct.Struct("q")
STANDARD = (0, 1, 2)


@dataclass(frozen=True)
class Order:
    """What to start."""

    arguments: Sequence[str]
    env: Mapping[str, str]
    folder: str

    def bytes(self) -> bytes:
        return json.dumps(asdict(self)).encode()


@dataclass
class Forks:
    """The processes that run, and who is told of their end.

    Args:
        orders: Where orders come from.
    """

    orders: socket.socket
    _running: dict[int, tuple[int, socket.socket]] = field(default_factory=dict)
    _ready: selectors.BaseSelector = field(default_factory=selectors.DefaultSelector)

    def arguments(self) -> list[str]:
        """Return in each process that is ordered, with its arguments; end when no more orders can come."""
        assert threading.active_count() == 1, "a lock of another thread would never be released in a fork"
        self._ready.register(self.orders, selectors.EVENT_READ)
        gc.collect()
        gc.freeze()  # what a fork never looks at stays shared
        while True:
            for key, _ in self._ready.select():
                if key.fileobj is not self.orders:
                    self._tell_end(int(key.fd))
                elif (order := self._next()) is not None:
                    return order

    def _next(self) -> list[str] | None:
        text, files, _, _ = socket.recv_fds(self.orders, LONGEST, len(STANDARD) + 1)
        if not text:
            for pid, _ in self._running.values():
                os.kill(pid, signal.SIGKILL)
            os._exit(0)
        order = Order(**json.loads(text))
        pid = os.fork()
        if pid == 0:
            _become(order, files)
            return list(order.arguments)
        for file in files[:-1]:
            os.close(file)
        told = socket.socket(fileno=files[-1])
        told.send(NUMBER.pack(pid))
        end = os.pidfd_open(pid)
        self._running[end] = pid, told
        self._ready.register(end, selectors.EVENT_READ)
        return None

    def _tell_end(self, end: int) -> None:
        self._ready.unregister(end)
        os.close(end)
        pid, told = self._running.pop(end)
        status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        with told, suppress(BrokenPipeError):  # whoever ordered it has gone
            told.send(NUMBER.pack(status))


def _become(order: Order, files: Sequence[int]) -> None:
    """Be what was ordered: nothing of the forking process is open, set or caught any more."""
    for number in STANDARD:
        os.dup2(files[number], number)
    for number in map(int, os.listdir("/proc/self/fd")):
        if number not in STANDARD:
            with suppress(OSError):  # the listing's own
                os.close(number)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.environ.clear()
    os.environ.update(order.env)
    os.chdir(order.folder)
    sys.argv = ["holofleet", *order.arguments]


def warm_up() -> None:
    """Import everything, and make a server ready once and throw it away."""
    import asyncio
    import tempfile

    import holofleet
    from holofleet import catalog
    from holofleet.cli.addresses import addresses
    from holofleet.cli.app import build
    from holofleet.cli.serve import bound
    from holofleet.cli.services import wire

    async def ready() -> None:
        server = await bound(wired, addresses("127.0.0.1:0", None, None, None))
        await server.stop()

    for module in walk_packages(holofleet.__path__, "holofleet.", onerror=lambda _name: None):
        if not module.name.startswith("holofleet.storage.migrations."):  # those are run by Alembic only
            with suppress(ImportError):  # who needs it says so
                import_module(module.name)
    build()
    catalog.nodes()
    with tempfile.TemporaryDirectory() as folder, wire(Path(folder) / "data") as wired:
        asyncio.run(ready())


if __name__ == "__main__":
    from holofleet.cli import main

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for whoever ordered
    warm_up()
    main(Forks(socket.socket(fileno=int(sys.argv[1]))).arguments())
