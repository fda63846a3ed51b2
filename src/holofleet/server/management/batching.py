"""Sessions of many headsets at once: reads and writes of requests in flight are grouped.

Nothing waits for a timer. While one group is being read or committed the next one gathers; alone, a request costs
one hop into a thread and back. An answer leaves only after the commit that holds its change. When a headset was
last seen is gathered in memory and written every few seconds: it is the one thing that a crash may forget.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import partial
from typing import Any, TypeVar

from holofleet.clock import Clock
from holofleet.errors import StorageError
from holofleet.server.management.exchange import Change, FindRow, ManagementStore, Steps, Store
from holofleet.server.management.row import EnrollmentRow
from holofleet.server.management.service import Answer, Identity, ManagementService, Refusal, digest_of

FLUSH_EVERY_S = 5.0
MAX_GROUP = 256
"""Reads or changes of one statement or transaction. Ours: more only makes the first of them wait."""
_T = TypeVar("_T")


class AsyncManagement:
    """Runs :class:`ManagementService` for an event loop. Use as an async context manager."""

    def __init__(self, service: ManagementService, store: ManagementStore, clock: Clock) -> None:
        self._service = service
        self._store = store
        self._clock = clock
        self._reader = ThreadPoolExecutor(1, thread_name_prefix="management-read")
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="management-write")
        self._reads: dict[str, list[asyncio.Future[EnrollmentRow | None]]] = {}
        self._writes: list[tuple[Change, asyncio.Future[bool]]] = []
        self._working: set[str] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._seen: dict[str, datetime] = {}
        self._flushing: asyncio.Task[None] | None = None

    async def __aenter__(self) -> AsyncManagement:
        self._flushing = asyncio.create_task(self._flush_for_ever())
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._flushing is not None:
            self._flushing.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._flushing
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.flush()
        self._reader.shutdown()
        self._writer.shutdown()

    async def authenticate(self, certificate_der: bytes) -> Identity | Refusal:
        """Judge a client certificate by its row and by itself; the one read of a check-in."""
        row = await self._find(digest_of(certificate_der))
        return self._service.judge(row, certificate_der)

    async def handle(self, identity: Identity, body: bytes) -> Answer:
        """Take one message and return the answer, stored before it leaves."""
        answer = await self._run(self._service.steps(identity, body))
        if answer.status == 200:
            self._seen[identity.row.id] = self._clock.now()
        return answer

    async def flush(self) -> None:
        """Write now when headsets were last seen."""
        moments, self._seen = self._seen, {}
        if not moments:
            return
        try:
            await self._in(self._writer, partial(self._store.seen, moments))
        except StorageError:
            self._seen = moments | self._seen  # a headset that comes once a month would count as late
            raise

    async def _run(self, steps: Steps) -> Answer:
        given: Any = None
        try:
            while True:
                request = steps.send(given)
                if isinstance(request, Store):
                    given = await self._write(request.change)
                elif isinstance(request, FindRow):
                    given = await self._find(request.certificate_sha256)
                else:
                    given = await self._in(self._reader, partial(self._service.look_up, request))
        except StopIteration as done:
            result: Answer = done.value
            return result
        finally:
            steps.close()

    def _find(self, certificate_sha256: str) -> asyncio.Future[EnrollmentRow | None]:
        future: asyncio.Future[EnrollmentRow | None] = asyncio.get_running_loop().create_future()
        self._reads.setdefault(certificate_sha256, []).append(future)
        self._start("reads", self._read_groups)
        return future

    def _write(self, change: Change) -> asyncio.Future[bool]:
        future: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._writes.append((change, future))
        self._start("writes", self._write_groups)
        return future

    async def _read_groups(self) -> None:
        while self._reads:
            keys = list(self._reads)[:MAX_GROUP]
            group = {key: self._reads.pop(key) for key in keys}
            try:
                rows = await self._in(self._reader, partial(self._store.rows, keys))
            except Exception as error:  # whoever waits gets it; the next group is read all the same
                for future in (future for futures in group.values() for future in futures):
                    _fail(future, error)
                continue
            for key, futures in group.items():
                for future in futures:
                    _give(future, rows.get(key))

    async def _write_groups(self) -> None:
        while self._writes:
            group, self._writes = self._writes[:MAX_GROUP], self._writes[MAX_GROUP:]
            changes = [change for change, _ in group]
            try:
                stored = await self._in(self._writer, partial(self._store.store, changes))
            except Exception as error:  # nothing of the group was stored, and nothing of it leaves
                for _, future in group:
                    _fail(future, error)
                continue
            for (_, future), done in zip(group, stored, strict=True):
                _give(future, done)

    def _start(self, name: str, work: Callable[[], Any]) -> None:
        """Start a worker if it is not at work already."""
        if name in self._working:
            return
        self._working.add(name)

        async def run() -> None:
            try:
                await work()
            finally:
                self._working.discard(name)

        task = asyncio.get_running_loop().create_task(run())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _flush_for_ever(self) -> None:
        while True:
            await asyncio.sleep(FLUSH_EVERY_S)
            with contextlib.suppress(Exception):  # the next flush tries again
                await self.flush()

    @staticmethod
    async def _in(pool: ThreadPoolExecutor, work: Callable[[], _T]) -> _T:
        return await asyncio.get_running_loop().run_in_executor(pool, work)


def _give(future: asyncio.Future[_T], value: _T) -> None:
    if not future.done():
        future.set_result(value)


def _fail(future: asyncio.Future[Any], error: Exception) -> None:
    if not future.done():
        future.set_exception(error)
