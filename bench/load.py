"""The load client: raw HTTP/1.1 over TLS on asyncio streams, each connection one headset with its certificate.

It makes as little of an answer as it can, so that the server is what is measured: the head is split, the status
is compared, the body is read by its length.
"""

from __future__ import annotations

import asyncio
import ssl
from base64 import b64decode
from collections.abc import Callable
from dataclasses import dataclass
from tempfile import NamedTemporaryFile
from typing import Any

from holofleet.simulator import Headset
from holofleet.simulator.headset.inventory import device_facts
from holofleet.simulator.headset.session import ManagementSession, Opening
from holofleet.simulator.network import client_context

_FIRST_SESSION = 0x10000
_HEADERS = (
    "Accept: application/vnd.syncml.dm+xml, application/vnd.syncml.dm+wbxml, application/octet-stream\r\n"
    "Accept-Charset: UTF-8\r\nUser-Agent: MSFT OMA DM Client/1.2.0.1\r\nClient-Request-Id: 0\r\n"
    "Content-Type: application/vnd.syncml.dm+xml\r\n"
)


@dataclass
class Caller:
    """A headset as the load client knows it: certificate, and first message with a hole for the session."""

    tls: ssl.SSLContext
    before: bytes
    after: bytes
    sessions: int = _FIRST_SESSION

    @classmethod
    def of(cls, headset: Headset, ca: str) -> Caller:
        """Take over a simulated headset that is enrolled and converged."""
        enrolled = headset.to_json()["enrollment"]
        tls = client_context(ca)
        with NamedTemporaryFile(suffix=".pem") as file:
            certificate = ssl.DER_cert_to_PEM_cert(b64decode(enrolled["certificate"]))
            file.write(f"{enrolled['key']}{certificate}".encode())
            file.flush()
            tls.load_cert_chain(file.name)
        opening = Opening(
            session_id="@@",
            address=enrolled["address"],
            device_id=enrolled["device_id"],
            facts=device_facts(enrolled["device_id"]),
        )
        before, _, after = ManagementSession(headset.tree, opening).open().partition(b"@@")
        return cls(tls, before, after)

    def message(self) -> bytes:
        """Return the first message of the next session."""
        self.sessions += 1
        return b"%b%X%b" % (self.before, self.sessions, self.after)


class Connection:
    """One connection to the server."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, host: str) -> None:
        self._reader = reader
        self._writer = writer
        self._host = host

    @classmethod
    async def to(cls, port: int, tls: ssl.SSLContext) -> Connection:
        """Connect; the handshake is a full one, as after the hours between two check-ins."""
        reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=tls)
        return cls(reader, writer, f"127.0.0.1:{port}")

    async def post(self, target: str, body: bytes) -> bytes:
        """Send a message and return the body of its answer.

        Raises:
            RuntimeError: another status than 200.
        """
        head = f"POST {target} HTTP/1.1\r\nHost: {self._host}\r\n{_HEADERS}Content-Length: {len(body)}\r\n\r\n"
        self._writer.write(head.encode() + body)
        answer = await self._reader.readuntil(b"\r\n\r\n")
        if answer[9:12] != b"200":
            raise RuntimeError(f"the server answered {answer[9:12].decode()}")
        start = answer.index(b"content-length: ") + 16
        return await self._reader.readexactly(int(answer[start : answer.index(b"\r", start)]))

    def close(self) -> None:
        """Drop the connection."""
        self._writer.transport.abort()


async def keep_asking(
    callers: list[Caller], port: int, target: str, *, each: int, measured: Callable[[], Any]
) -> tuple[Any, Any]:
    """Let every caller send ``each`` messages over one kept connection, all callers at once.

    Args:
        measured: Asked before the first message and after the last answer; connecting lies outside.

    Returns:
        What ``measured`` said before and after.
    """
    connections = [await Connection.to(port, caller.tls) for caller in callers]

    async def ask(caller: Caller, connection: Connection, times: int) -> None:
        for _ in range(times):
            await connection.post(target, caller.message())

    pairs = list(zip(callers, connections, strict=True))
    await asyncio.gather(*(ask(caller, connection, 1) for caller, connection in pairs))
    before = measured()
    await asyncio.gather(*(ask(caller, connection, each) for caller, connection in pairs))
    after = measured()
    for connection in connections:
        connection.close()
    return before, after


async def connect_and_ask(
    callers: list[Caller], port: int, target: str, *, at_once: int, measured: Callable[[], Any]
) -> tuple[Any, Any]:
    """Let every caller connect, send one message and go, as a headset does between its long waits."""
    waiting = iter(callers)

    async def work() -> None:
        for caller in waiting:
            connection = await Connection.to(port, caller.tls)
            await connection.post(target, caller.message())
            connection.close()

    before = measured()
    await asyncio.gather(*(work() for _ in range(at_once)))
    after = measured()
    return before, after
