"""A party of a call as a bare WebSocket client, written from ``docs/assist-protocol.md``, not from the server."""

from __future__ import annotations

import asyncio
import itertools
import json
import secrets
import ssl
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Origin, Subprotocol

SUBPROTOCOL = Subprotocol("holofleet.assist.v1")
WAIT_S = 30.0


class Peer:
    """One page's socket: asks, remembers what it was told, and can lose its connection and resume."""

    def __init__(self, address: str, page: str, cookie: str, *, tls: ssl.SSLContext, origin: str = "") -> None:
        """Take what is needed.

        Args:
            address: ``https://localhost:PORT``.
            page: headset, expert or guest.
            cookie: ``NAME=VALUE``.
            tls: Trusts the server.
            origin: As the browser would say it.
        """
        self.address, self.page, self.cookie, self.tls = address, page, cookie, tls
        self.origin = origin or address
        self.told: list[dict[str, Any]] = []
        self.seq: dict[str, int] = {}
        self.me: dict[str, Any] = {}
        self.welcome: dict[str, Any] = {}
        self.closed: tuple[int, str] | None = None
        self._socket: ClientConnection | None = None
        self._answers: dict[str, asyncio.Future[dict[str, Any]]] = {}
        self._reading: asyncio.Task[None] | None = None
        self._news = asyncio.Condition()
        self._numbers, self._prefix = itertools.count(1), secrets.token_hex(4)

    async def open(self, *, hello: bool = True) -> Peer:
        """Connect and say hello, with what it has of its calls."""
        self._socket = await connect(
            self.address.replace("https://", "wss://") + "/assist/socket",
            ssl=self.tls,
            subprotocols=[SUBPROTOCOL],
            origin=Origin(self.origin),
            additional_headers={"Cookie": self.cookie},
            compression=None,
            ping_interval=None,
            open_timeout=WAIT_S,
            proxy=None,
        )
        self.closed = None
        self._reading = asyncio.create_task(self._read(self._socket))
        if hello:
            resume = [{"call": call, "seq": seq} for call, seq in self.seq.items()]
            self.welcome = await self.ask("hello", page=self.page, resume=resume)
            self.me = self.welcome.get("me", {})
        return self

    async def drop(self) -> None:
        """Lose the connection without a word."""
        if self._socket is not None:
            self._socket.transport.abort()
        if self._reading is not None:
            with suppress(ConnectionClosed):
                await self._reading

    async def hand_out(self) -> ClientConnection:
        """Stop reading, and return the bare socket to whoever wants to read it alone."""
        assert self._socket is not None
        assert self._reading is not None
        self._reading.cancel()
        with suppress(asyncio.CancelledError):
            await self._reading
        return self._socket

    async def close(self) -> None:
        """Close it as a page that goes away does."""
        if self._socket is not None:
            await self._socket.close()
        if self._reading is not None:
            await self._reading

    async def ask(self, kind: str, *, named: str = "", **fields: Any) -> dict[str, Any]:
        """Send a message and return its answer."""
        key = named or f"{self._prefix}-{next(self._numbers)}"
        waiting = self._answers[key] = asyncio.get_running_loop().create_future()
        await self.send({"v": 1, "type": kind, "id": key, **fields})
        return await asyncio.wait_for(waiting, WAIT_S)

    async def send(self, message: dict[str, Any] | str) -> None:
        """Send whatever it is."""
        assert self._socket is not None
        await self._socket.send(message if isinstance(message, str) else json.dumps(message))

    async def hears(self, kind: str, when: Callable[[dict[str, Any]], bool] = lambda _: True) -> dict[str, Any]:
        """Wait until it was told something of a kind, and return it; what it was told before counts, once."""

        def found() -> dict[str, Any] | None:
            return next((one for one in self.told if one["type"] == kind and when(one)), None)

        async with self._news:
            await asyncio.wait_for(self._news.wait_for(lambda: found() is not None), WAIT_S)
            message = found()
        assert message is not None
        self.told.remove(message)
        return message

    async def sees(self, call: str, state: str) -> dict[str, Any]:
        """Wait until a call is in a state, and return how it looks then."""
        message = await self.hears("call.state", lambda m: m["call"]["id"] == call and m["call"]["state"] == state)
        view: dict[str, Any] = message["call"]
        return view

    async def until_closed(self) -> tuple[int, str]:
        """Wait until the server closes, and return its code and reason."""
        assert self._reading is not None
        await asyncio.wait_for(self._reading, WAIT_S)
        assert self.closed is not None
        return self.closed

    async def _read(self, socket: ClientConnection) -> None:
        try:
            async for text in socket:
                await self._take(json.loads(text))
        except ConnectionClosed:
            pass
        finally:
            self.closed = (socket.close_code or 1006, socket.close_reason or "")

    async def _take(self, message: dict[str, Any]) -> None:
        call, seq = message.get("call"), message.get("seq")
        if seq is not None:
            key = call["id"] if isinstance(call, dict) else str(call)
            self.seq[key] = seq
        waiting = self._answers.pop(message.get("re", ""), None)
        if waiting is not None and not waiting.done():
            waiting.set_result(message)
            return
        async with self._news:
            self.told.append(message)
            self._news.notify_all()


def seat_of(view: dict[str, Any], kind: str) -> dict[str, Any]:
    """Return the newest party of a kind in a call."""
    found: dict[str, Any] = [party for party in view["parties"] if party["kind"] == kind][-1]
    return found
