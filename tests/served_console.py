"""The console over TLS on a free port of loopback, in a thread, for browsers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.in_thread import in_thread
from tests.web_server import listening


@contextmanager
def served(app: Any) -> Iterator[str]:
    """Serve an application; give its origin."""
    with in_thread(lambda: listening(app), "console") as listener:
        yield f"https://localhost:{listener.port}"
