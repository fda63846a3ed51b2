"""A slow link on loopback: a UDP proxy with a rate, a delay, jitter and loss in each direction.

It stands in front of a relay, so that whatever media goes over the relay goes over the link: no root, no kernel
module. A datagram waits for its turn at the rate of the link; one that would wait longer than the queue holds is
dropped, as a router does it. Order is kept: jitter delays, it does not overtake.
"""

from __future__ import annotations

import asyncio
import random
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

QUEUE_S = 0.3
_APART_S = 1e-6
"""Timers of one moment fire in any order; these do not."""


@dataclass(frozen=True, slots=True)
class Way:
    """One direction of a link.

    Args:
        bit_per_s: Rate; 0 for no limit.
        delay_s: Fixed delay.
        jitter_s: More delay, evenly between 0 and this.
        loss: Share of datagrams that are lost, from 0 to 1.
    """

    bit_per_s: float = 0
    delay_s: float = 0
    jitter_s: float = 0
    loss: float = 0


@dataclass
class Counted:
    """What went over one direction."""

    datagrams: int = 0
    octets: int = 0
    lost: int = 0
    dropped: int = 0


@dataclass
class Lane:
    """Datagrams of one direction on their way; pure but for its own memory."""

    way: Way
    chance: random.Random
    counted: Counted = field(default_factory=Counted)
    free_at: float = 0
    last_at: float = 0

    def arrival(self, now: float, size: int) -> float | None:
        """Return when a datagram gets to the other end; ``None`` for one that never does."""
        if self.chance.random() < self.way.loss:
            self.counted.lost += 1
            return None
        start = max(now, self.free_at)
        if start - now > QUEUE_S:
            self.counted.dropped += 1
            return None
        self.free_at = start + (size * 8 / self.way.bit_per_s if self.way.bit_per_s else 0)
        arrives = self.free_at + self.way.delay_s + self.chance.random() * self.way.jitter_s
        self.last_at = max(arrives, self.last_at + _APART_S)
        self.counted.datagrams += 1
        self.counted.octets += size
        return self.last_at


@dataclass
class Link:
    """A link that runs: callers send to ``address``, and what comes out goes to the server behind it.

    ``up`` is towards the server, ``down`` away from it; both may be changed while it runs.
    """

    address: tuple[str, int]
    up: Way
    down: Way
    sent: Counted = field(default_factory=Counted)
    received: Counted = field(default_factory=Counted)

    def change(self, way: Way) -> None:
        """Make both directions this, from now on."""
        self.up = self.down = way


class _Server(asyncio.DatagramProtocol):
    """The side of callers; each caller gets a socket of its own towards the server."""

    def __init__(self, proxy: _Proxy) -> None:
        self._proxy = proxy

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self._proxy.up(data, addr)


class _Proxy:
    def __init__(self, link: Link, target: tuple[str, int], seed: int) -> None:
        self._link = link
        self._target = target
        self._loop = asyncio.get_running_loop()
        self._up = Lane(link.up, random.Random(seed), link.sent)
        self._down = Lane(link.down, random.Random(seed + 1), link.received)
        self._backs: dict[tuple[str, int], socket.socket] = {}
        self.front: asyncio.DatagramTransport | None = None

    def up(self, data: bytes, caller: tuple[str, int]) -> None:
        self._up.way = self._link.up
        at = self._up.arrival(self._loop.time(), len(data))
        if at is None:
            return
        if caller not in self._backs:
            self._open(caller)
        self._loop.call_at(at, self._deliver_up, data, self._backs[caller])

    def down(self, data: bytes, caller: tuple[str, int]) -> None:
        self._down.way = self._link.down
        at = self._down.arrival(self._loop.time(), len(data))
        if at is not None:
            self._loop.call_at(at, self._deliver_down, data, caller)

    def _deliver_down(self, data: bytes, caller: tuple[str, int]) -> None:
        if self.front is not None and not self.front.is_closing():
            self.front.sendto(data, caller)

    def _deliver_up(self, data: bytes, back: socket.socket) -> None:
        with suppress(OSError):  # a full buffer or a closed port loses a datagram, as on any network
            back.send(data)

    def _open(self, caller: tuple[str, int]) -> None:
        back = self._backs[caller] = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        back.setblocking(False)
        back.connect(self._target)
        self._loop.add_reader(back, self._heard, back, caller)

    def _heard(self, back: socket.socket, caller: tuple[str, int]) -> None:
        with suppress(OSError):
            self.down(back.recv(65536), caller)

    async def close(self) -> None:
        if self.front is not None:
            self.front.close()
        for back in self._backs.values():
            self._loop.remove_reader(back)
            back.close()


@contextmanager
def link(target: tuple[str, int], way: Way, *, back: Way | None = None, seed: int = 1) -> Iterator[Link]:
    """Run a link in front of a server until the end of the block, on a thread and a port of its own.

    Args:
        target: Where the server listens.
        way: Both directions, or the one towards the server.
        back: The other direction.
        seed: Decides which datagrams are lost.
    """
    made = Link(("127.0.0.1", 0), way, back or way)
    ready, loop = threading.Event(), asyncio.new_event_loop()

    async def run() -> None:
        proxy = _Proxy(made, target, seed)
        transport, _ = await loop.create_datagram_endpoint(lambda: _Server(proxy), local_addr=("127.0.0.1", 0))
        proxy.front = transport
        made.address = transport.get_extra_info("sockname")
        stopping.set_result(proxy)
        ready.set()

    stopping: asyncio.Future[_Proxy] = loop.create_future()
    loop.create_task(run())
    thread = threading.Thread(target=loop.run_forever, name="link", daemon=True)
    thread.start()
    try:
        assert ready.wait(5), "the link did not open"
        yield made
    finally:
        asyncio.run_coroutine_threadsafe(stopping.result().close(), loop).result(5)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(5)
        loop.close()
