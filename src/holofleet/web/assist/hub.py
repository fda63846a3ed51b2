"""The sockets of this process, and what wakes them.

What a party is told stands in the database; a socket is only woken to read on. So it does not matter which process
told it: our own answer, a notification of another process, or a look from time to time all do the same.
"""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any, Final, Protocol, TypeVar

from anyio import CapacityLimiter, to_thread

from holofleet.clock import monotonic_s
from holofleet.errors import HolofleetError
from holofleet.protocols.signaling import PartyKind
from holofleet.server.assist import AssistRooms, Line, Socket
from holofleet.server.assist.presence import GONE_AFTER, RENEW_EVERY
from holofleet.server.assist.signals import Told
from holofleet.server.assist.watch import JUDGE_EVERY
from holofleet.web.assist.post import SignalPost

_LOG = logging.getLogger("holofleet.web.assist")
_T = TypeVar("_T")
STEP_S: Final = 1.0
WORKERS: Final = 12
"""Threads for calls; of their own, so that neither pages nor calls wait for each other."""
FORGET_EVERY_S: Final = 3600.0
LEFT_EVERY_S: Final = 2.0
"""How soon an expert whose page is open hears of a message left for them."""


class Listening(Protocol):
    """A socket, as far as the hub knows it."""

    id: str

    @property
    def who(self) -> str:
        """The party on it."""
        ...

    def has(self, call: str) -> int:
        """Return the number of the last line of a call that it was sent."""
        ...

    def send_lines(self, call: str, lines: Sequence[Line]) -> None:
        """Send what is new."""
        ...

    def tell_left(self, waiting: int) -> None:
        """Say how many messages left wait for its party, where that is news."""
        ...


class Hub:
    """Keeps the sockets of this process told."""

    def __init__(self, rooms: AssistRooms, now: Callable[[], Any], *, step_s: float = STEP_S) -> None:
        self.rooms = rooms
        self.process = uuid.uuid4().hex
        self.post = SignalPost(partial(self.in_thread, rooms.desk.signals.pass_on), self.tell)
        self._now = now
        self._step_s = step_s
        self._limiter: CapacityLimiter | None = None
        self._by_who: dict[str, dict[str, Listening]] = defaultdict(dict)
        self._dirty: set[str] = set()
        self._delivering: dict[str, asyncio.Task[None]] = {}
        self._closing: set[asyncio.Task[None]] = set()
        self._keeping: asyncio.Task[None] | None = None
        self._unlisten: Callable[[], None] | None = None
        self._begun = False
        self._beginning = asyncio.Lock()

    async def in_thread(self, work: Callable[..., _T], *arguments: Any, **keywords: Any) -> _T:
        """Run something that waits for the database."""
        if self._limiter is None:
            self._limiter = CapacityLimiter(WORKERS)
        return await to_thread.run_sync(partial(work, *arguments, **keywords), limiter=self._limiter)

    def of(self, who: str) -> tuple[Listening, ...]:
        """Return the sockets of a party here, oldest first."""
        return tuple(self._by_who.get(who, {}).values())

    @property
    def open(self) -> int:
        """How many sockets are open here."""
        return sum(len(sockets) for sockets in self._by_who.values())

    async def join(self, socket: Listening, page: str) -> None:
        """Begin to wake a socket, and say that its party is there."""
        await self._begin()
        self._by_who[socket.who][socket.id] = socket
        row = Socket(socket.id, self.process, socket.who, page)
        await self.in_thread(self.rooms.presence.store.open, row, at=self._now())

    def leave(self, socket: Listening) -> None:
        """Wake it no more; nobody waits until that is written, as the server may be ending."""
        own = self._by_who.get(socket.who, {})
        if own.pop(socket.id, None) is None:
            return
        if not own:
            self._by_who.pop(socket.who, None)
        task = asyncio.get_running_loop().create_task(self._gone(socket.id), name="call-socket-gone")
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)

    def wake(self, calls: Iterable[str]) -> None:
        """Let the sockets of calls read on; may be called as often as one likes."""
        for call in calls:
            self._dirty.add(call)
            if call not in self._delivering:
                task = asyncio.get_running_loop().create_task(self._deliver(call), name="call-lines")
                self._delivering[call] = task

    def tell(self, told: Iterable[Told]) -> None:
        """Send what is known to have been told; a socket that misses more than that reads on by itself."""
        behind = set()
        for one in told:
            for socket in self.of(one.who):
                missing = one.line.seq - socket.has(one.call)
                if missing == 1:
                    socket.send_lines(one.call, (one.line,))
                elif missing > 1:
                    behind.add(one.call)
        self.wake(behind)

    async def close(self) -> None:
        """Stop looking after calls; sockets are closed by the server."""
        if self._unlisten is not None:
            await self.in_thread(self._unlisten)
            self._unlisten = None
        if self._keeping is not None:
            self._keeping.cancel()
            self._keeping = None
        self._begun = False

    # Within

    async def _begin(self) -> None:
        """At the first socket of this process: hear others, forget sockets of earlier lives, look after calls."""
        async with self._beginning:
            if self._begun and self._keeping is not None and not self._keeping.done():
                return
            first = not self._begun
            self._begun = True
            bell, loop = self.rooms.bell, asyncio.get_running_loop()
            if first and bell.is_needed:
                self._unlisten = bell.listen(partial(self._heard, loop))
            elif first:
                await self.in_thread(self.rooms.presence.store.clear)
                await self.in_thread(self.rooms.watch.after_a_start)
            self._keeping = loop.create_task(self._keep(), name="calls")

    async def _gone(self, socket_id: str) -> None:
        try:
            await self.in_thread(self.rooms.presence.store.close, socket_id)
        except HolofleetError as error:
            # Its process does not renew it any more: it counts for a minute longer.
            _LOG.info("a socket that is gone could not be noted: %s", error.summary)

    def _heard(self, loop: asyncio.AbstractEventLoop, call: str) -> None:
        """Another process told a call's parties something; called in the thread that listens."""
        if not loop.is_closed():
            loop.call_soon_threadsafe(self.wake, (call,))

    async def _deliver(self, call: str) -> None:
        try:
            while call in self._dirty:
                self._dirty.discard(call)
                try:
                    await self._send_new(call)
                except HolofleetError as error:
                    _LOG.warning("a call's parties have to wait: %s", error.summary)
                    await asyncio.sleep(self._step_s)
                    self._dirty.add(call)
        finally:
            self._delivering.pop(call, None)

    async def _send_new(self, call: str) -> None:
        seats = await self.in_thread(self.rooms.store.seats, call)
        wanting: dict[str, list[Listening]] = {}
        after: dict[str, int] = {}
        for who, (party, newest) in seats.items():
            behind = [socket for socket in self.of(who) if socket.has(call) < newest]
            if behind:
                wanting[party] = behind
                after[party] = min(socket.has(call) for socket in behind)
        if not after:
            return
        by_party: dict[str, list[Line]] = defaultdict(list)
        for line in await self.in_thread(self.rooms.store.lines, call, after):
            by_party[line.party].append(line)
        for party, sockets in wanting.items():
            for socket in sockets:
                socket.send_lines(call, by_party[party])

    async def _keep(self) -> None:
        """Look after calls as long as this process has sockets, and for as long as a party may stay away."""
        renewed = judged = forgotten = counted = monotonic_s()
        while True:
            await asyncio.sleep(self._step_s)
            now = monotonic_s()
            judge = now - judged >= JUDGE_EVERY.total_seconds()
            try:
                if now - renewed >= RENEW_EVERY.total_seconds():
                    renewed = now
                    await self._renew()
                if judge:
                    judged = now
                changed = await self.in_thread(self.rooms.watch.run, judge=judge, mine=frozenset(self._by_who))
                self.wake(changed)
                if judge:
                    await self._look()
                if now - counted >= LEFT_EVERY_S:
                    counted = now
                    await self._tell_left()
                if now - forgotten >= FORGET_EVERY_S:
                    forgotten = now
                    await self.in_thread(self.rooms.watch.forget)
            except HolofleetError as error:
                _LOG.warning("calls cannot be looked after now: %s", error.summary)

    async def _renew(self) -> None:
        store = self.rooms.presence.store
        await self.in_thread(store.renew, self.process, at=self._now())
        await self.in_thread(store.clear, before=self._now() - GONE_AFTER)

    async def _tell_left(self) -> None:
        """Tell experts who are here what waits for them: one question for all of them."""
        people = [key for kind, _, key in (who.partition(":") for who in self._by_who) if kind == PartyKind.EXPERT]
        if not people:
            return
        counts = await self.in_thread(self.rooms.waiting.counts, people)
        for person, waiting in counts.items():
            for socket in self.of(f"{PartyKind.EXPERT}:{person}"):
                socket.tell_left(waiting)

    async def _look(self) -> None:
        """Wake whatever a lost notification may have left asleep."""
        if not self.rooms.bell.is_needed:
            return
        here = frozenset(self._by_who)
        self.wake(one.id for one in await self.in_thread(self.rooms.store.open_calls) if one.who & here)
