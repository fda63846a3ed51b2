"""The bare limit of the same stack: an application that does next to nothing, behind the server's own listener."""

from __future__ import annotations

import asyncio
import hashlib
import ssl
from collections.abc import Awaitable, Callable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from sqlalchemy import Engine

CONSTANT_PATH = "/constant"
READ_PATH = "/read"
_Message = MutableMapping[str, Any]
_Header = tuple[bytes, bytes]
_QUERY = "SELECT * FROM enrollment WHERE certificate_sha256 = "


class Reference:
    """``/constant`` reads the body and always answers the same; ``/read`` reads one row by its index before.

    The row is read with the driver itself on a connection of its own, in one thread beside the loop: on SQLite and
    PostgreSQL alike, without SQLAlchemy, and nothing is made of the row.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._query = _QUERY + ("?" if engine.dialect.name == "sqlite" else "%s")
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="bench-read")
        self._cursor: Any = None
        self.answer_with(600)

    def answer_with(self, size: int) -> None:
        """Answer with so many bytes from now on."""
        self._answer = b"x" * size
        self._headers: list[_Header] = [
            (b"content-length", b"%d" % size),
            (b"content-type", b"application/vnd.syncml.dm+xml"),
        ]

    async def __call__(
        self,
        scope: _Message,
        receive: Callable[[], Awaitable[_Message]],
        send: Callable[[_Message], Awaitable[None]],
    ) -> None:
        while (await receive()).get("more_body"):
            pass
        if scope["path"] == READ_PATH:
            pem = scope["extensions"]["tls"]["client_cert_chain"][0]
            await asyncio.get_running_loop().run_in_executor(self._thread, self._read, pem)
        await send({"type": "http.response.start", "status": 200, "headers": self._headers})
        await send({"type": "http.response.body", "body": self._answer})

    def _read(self, pem: str) -> None:
        if self._cursor is None:
            self._cursor = self._connect().cursor()
        digest = hashlib.sha256(ssl.PEM_cert_to_DER_cert(pem)).hexdigest()
        self._cursor.execute(self._query, (digest,))
        if self._cursor.fetchone() is None:
            raise LookupError("the headset of this load is not enrolled")

    def _connect(self) -> Any:
        pooled = self._engine.raw_connection()
        driver: Any = pooled.driver_connection
        if self._engine.dialect.name != "sqlite":
            driver.autocommit = True
        pooled.detach()  # it is never given back
        return driver

    def close(self) -> None:
        """End the thread."""
        self._thread.shutdown()
