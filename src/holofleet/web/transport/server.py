"""The server: its listeners, its beginning and its end.

async with Server([people, device]) as server:
    ...
"""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from email.utils import formatdate
from types import TracebackType
from typing import Any, Self

from holofleet.web.transport.listener import Listener

SERVER_NAME = b"holofleet"
"""The Server header; a version would only help those who look for old ones."""


class Server:
    """Listeners that start and stop together.

    Args:
        listeners: At least one.
        grace_s: How long answers in progress may take at the end.
    """

    def __init__(self, listeners: Sequence[Listener], *, grace_s: float = 5.0) -> None:
        self.listeners = tuple(listeners)
        self._grace_s = grace_s
        self._ticking: asyncio.Task[None] | None = None
        self._stopping = asyncio.Event()
        self._bound = False

    def listener(self, name: str) -> Listener:
        """Return a listener by its name."""
        return next(listener for listener in self.listeners if listener.name == name)

    async def bind(self) -> None:
        """Take all addresses, or none; ports are known afterwards, and applications may still be set.

        Raises:
            InputError: an address cannot be taken.
        """
        try:
            for listener in self.listeners:
                await listener.bind()
        except BaseException:
            for listener in self.listeners:
                await listener.stop_accepting()
            raise
        self._bound = True

    async def start(self) -> None:
        """Begin to accept; takes the addresses first if that was not done.

        Raises:
            InputError: an address cannot be taken.
        """
        if not self._bound:
            await self.bind()
        self._stopping.clear()
        self._set_headers()
        self._ticking = asyncio.create_task(self._tick(), name="http-date")
        for listener in self.listeners:
            listener.start({"stopping": self._stopping})

    async def stop(self) -> None:
        """Stop accepting, let answers finish, and close. Long-lived streams see ``state["stopping"]`` set."""
        self._stopping.set()
        for listener in self.listeners:
            await listener.stop_accepting()
        self._bound = False
        await asyncio.gather(*(listener.stop(self._grace_s) for listener in self.listeners))
        if self._ticking is not None:
            self._ticking.cancel()
            await asyncio.gather(self._ticking, return_exceptions=True)
            self._ticking = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, value: BaseException | None, tb: TracebackType | None
    ) -> None:
        await self.stop()

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(1)
            self._set_headers()

    def _set_headers(self) -> None:
        date = formatdate(time.time(), usegmt=True).encode()
        for listener in self.listeners:
            listener.state.default_headers = [(b"date", date), (b"server", SERVER_NAME)]


async def serve(server: Server, *, started: Callable[[], Awaitable[None]] | None = None) -> None:
    """Run a server until SIGINT or SIGTERM; a second signal ends it without grace.

    Args:
        started: Awaited once every address is taken, for what is printed or written then.
    """
    loop = asyncio.get_running_loop()
    asked = asyncio.Event()
    signals = (signal.SIGINT, signal.SIGTERM)
    for number in signals:
        loop.add_signal_handler(number, asked.set)
    try:
        await server.start()
        try:
            if started is not None:
                await started()
            await asked.wait()
        finally:
            asked.clear()
            ending = asyncio.create_task(server.stop())
            again = asyncio.create_task(asked.wait())
            await asyncio.wait({ending, again}, return_when=asyncio.FIRST_COMPLETED)
            again.cancel()
            if not ending.done():
                ending.cancel()
            await asyncio.gather(ending, again, return_exceptions=True)
    finally:
        for number in signals:
            loop.remove_signal_handler(number)


def run(main: Coroutine[Any, Any, None]) -> None:
    """Run ``main`` on the fastest event loop there is."""
    try:
        import uvloop
    except ImportError:
        asyncio.run(main)
        return
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main)
