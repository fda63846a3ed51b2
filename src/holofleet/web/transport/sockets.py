"""WebSockets of a listener: which upgrades are taken, and what such a connection may cost.

uvicorn's protocol over ``websockets`` does the work; here are our limits. A message is bounded, and so are its
fragments; compression is off (one byte must not become a thousand, and secrets must not be compressed beside what
others choose); a peer that reads nothing is gone after a while.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any, Final

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Frame
from websockets.protocol import State

_MOST_FRAGMENTS: Final = 64
_TOO_BIG: Final = 1009


@dataclass(frozen=True, slots=True)
class SocketPaths:
    """Where a listener takes WebSockets; everywhere else an upgrade is refused as before.

    Args:
        paths: Exact paths, without a query: secrets do not stand in addresses (SECURITY WEB-2).
        message_bytes: The largest message.
        ping_s: An idle connection is asked this often whether it is there, and closed without an answer in time.
        backlog_bytes: What may wait to be read by the peer.
    """

    paths: frozenset[str] = frozenset()
    message_bytes: int = 64 * 1024
    ping_s: float = 20
    backlog_bytes: int = 1024 * 1024

    def takes(self, method: bytes, target: bytes, headers: list[tuple[bytes, bytes]]) -> bool:
        """Whether a request is an upgrade that is taken here."""
        upgrade = [value.strip().lower() for name, value in headers if name == b"upgrade"]
        joined = b",".join(value for name, value in headers if name == b"connection")
        connection = [token.strip().lower() for token in joined.split(b",")]
        body = any(name == b"content-length" and value.strip() != b"0" for name, value in headers)
        return (
            method == b"GET"
            and target.decode("latin-1") in self.paths
            and upgrade == [b"websocket"]
            and b"upgrade" in connection
            and not body
        )


class LimitedSocket(WebSocketsSansIOProtocol):
    """One WebSocket connection."""

    def __init__(self, *arguments: Any, write_stall_s: float, backlog_bytes: int, **keywords: Any) -> None:
        super().__init__(*arguments, **keywords)
        self._write_stall_s = write_stall_s
        self._backlog_bytes = backlog_bytes
        self._stall: asyncio.TimerHandle | None = None

    def handle_cont(self, event: Frame) -> None:
        if len(self.frames) >= _MOST_FRAGMENTS:
            self.conn.fail(_TOO_BIG, "too many fragments")
            self.handle_parser_exception()
            return
        super().handle_cont(event)

    def handle_ping(self) -> None:
        # Pings of a peer that reads no pongs must not pile up.
        if self.transport.get_write_buffer_size() > self._backlog_bytes:
            self.transport.abort()
            return
        super().handle_ping()

    def shutdown(self) -> None:
        # A peer that says goodbye at the same moment has had our answer; uvicorn would say it once more and fail.
        if self.conn.state is State.CLOSING and not self.close_sent:
            self.stop_keepalive()
            self.transport.close()
            return
        super().shutdown()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._unstall()
        self._stall = self.loop.call_later(self._write_stall_s, self.transport.abort)

    def resume_writing(self) -> None:
        super().resume_writing()
        self._unstall()

    def connection_lost(self, exc: Exception | None) -> None:
        self._unstall()
        super().connection_lost(exc)

    def _unstall(self) -> None:
        if self._stall is not None:
            self._stall.cancel()
            self._stall = None
