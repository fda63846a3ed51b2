"""A TCP proxy that does not understand what it carries, and loses the reply that it is told to lose.

TLS passes through. What it can see are the records of TLS: it counts those that come from the server after the
client's end of the handshake (tickets are among them), and when number ``at`` comes, it closes both ends without
passing it on. So every reply is lost once when every number is tried, whole or in the middle.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

APPLICATION_DATA = 23
_HEAD = 5


@dataclass
class Drops:
    """What proxies share: how many records have passed while ``armed``, and which one is lost."""

    at: int = 0
    count: int = 0
    armed: bool = False
    lost: int = 0

    def loses_this(self) -> bool:
        """Count a record, and tell whether it is lost."""
        if not self.armed:
            return False
        self.count += 1
        if self.count != self.at:
            return False
        self.lost += 1
        return True


@dataclass(eq=False)
class DroppingProxy:
    """Stands before one address of loopback."""

    drops: Drops
    port: int = 0
    target: int = 0
    _open: set[asyncio.StreamWriter] = field(default_factory=set)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Carry one connection until one side ends it, or a record is lost."""
        try:
            there, back = await asyncio.open_connection("127.0.0.1", self.target)
        except OSError:
            writer.transport.abort()
            return
        self._open |= {writer, back}
        speaks = asyncio.Event()
        ends = {
            asyncio.create_task(self._upward(reader, back, speaks)),
            asyncio.create_task(self._downward(there, writer, speaks)),
        }
        self._tasks |= ends
        try:
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for end in ends:
                end.cancel()
            await asyncio.gather(*ends, return_exceptions=True)
            self._tasks -= ends
            self._open -= {writer, back}
            writer.transport.abort()
            back.transport.abort()

    async def _upward(
        self, reader: asyncio.StreamReader, back: asyncio.StreamWriter, speaks: asyncio.Event
    ) -> None:
        while True:
            record = await _record(reader)
            if record[0] == APPLICATION_DATA:
                speaks.set()
            back.write(record)
            await back.drain()

    async def _downward(
        self, there: asyncio.StreamReader, writer: asyncio.StreamWriter, speaks: asyncio.Event
    ) -> None:
        while True:
            record = await _record(there)
            if record[0] == APPLICATION_DATA and speaks.is_set() and self.drops.loses_this():
                return
            writer.write(record)
            await writer.drain()


async def _record(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readexactly(_HEAD)
    return head + await reader.readexactly(int.from_bytes(head[3:5], "big"))


@asynccontextmanager
async def dropping(drops: Drops) -> AsyncIterator[DroppingProxy]:
    """Listen on a free port; where to is said later (``target``)."""
    proxy = DroppingProxy(drops)

    async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await proxy.carry(reader, writer)

    server = await asyncio.start_server(carry, "127.0.0.1", 0, limit=2**20)
    proxy.port = server.sockets[0].getsockname()[1]
    try:
        yield proxy
    finally:
        server.close()
        for task in list(proxy._tasks):
            task.cancel()
        await asyncio.sleep(0.01)
