"""The console over TLS on a free port of loopback, in a thread, for browsers."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.web_server import listening


@contextmanager
def served(app: Any) -> Iterator[str]:
    """Serve an application; give its origin."""
    ready, port = threading.Event(), [0]
    loop = asyncio.new_event_loop()
    stop = asyncio.Event()

    async def run() -> None:
        async with listening(app) as listener:
            port[0] = listener.port
            ready.set()
            await stop.wait()

    def work() -> None:
        asyncio.set_event_loop(loop)
        try:
            loop.run_until_complete(run())
            loop.run_until_complete(loop.shutdown_asyncgens())
            loop.run_until_complete(loop.shutdown_default_executor())
        finally:
            loop.close()

    thread = threading.Thread(target=work, name="console", daemon=True)
    thread.start()
    try:
        if not ready.wait(10):
            raise AssertionError("the console does not listen")
        yield f"https://localhost:{port[0]}"
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(10)
