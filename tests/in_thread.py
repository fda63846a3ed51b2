"""A server in a loop and a thread of its own, for tests that wait: Playwright's loop is that of the test."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractAsyncContextManager, contextmanager
from typing import TypeVar

_OPENS_S = 60
_CLOSES_S = 30
T = TypeVar("T")


@contextmanager
def in_thread(open_it: Callable[[], AbstractAsyncContextManager[T]], name: str) -> Iterator[T]:
    """Hold an asynchronous context open until the end of the block; give what it gave.

    Raises:
        whatever opening or closing the context raised.
    """
    loop, ready, stop = asyncio.new_event_loop(), threading.Event(), asyncio.Event()
    found: list[T] = []
    failed: list[BaseException] = []

    async def run() -> None:
        async with open_it() as opened:
            found.append(opened)
            ready.set()
            await stop.wait()

    def work() -> None:
        asyncio.set_event_loop(loop)
        try:
            loop.run_until_complete(run())
        except BaseException as error:  # told to the thread that waits
            failed.append(error)
        finally:
            _end(loop)
            ready.set()

    thread = threading.Thread(target=work, name=name, daemon=True)
    thread.start()
    try:
        assert ready.wait(_OPENS_S), f"{name}: not there after {_OPENS_S} s"
        if failed:
            raise failed[0]
        yield found[0]
    finally:
        if not loop.is_closed():
            loop.call_soon_threadsafe(stop.set)
        thread.join(_CLOSES_S)
    if failed:
        raise failed[0]


def _end(loop: asyncio.AbstractEventLoop) -> None:
    left = asyncio.all_tasks(loop)
    for task in left:
        task.cancel()
    loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
    loop.run_until_complete(loop.shutdown_asyncgens())
    loop.run_until_complete(loop.shutdown_default_executor())
    loop.close()
