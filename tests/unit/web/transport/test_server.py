"""Beginning and end of the server."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import ssl
from dataclasses import replace
from typing import Any

import pytest
from tests.web_server import Wire, echo, exchange, listening, trust

from holofleet.errors import InputError
from holofleet.web.limits import ConnectionLimits
from holofleet.web.transport import Listener, Server, SocketPaths, people_context
from holofleet.web.transport.server import serve

GET = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
UPGRADE = (
    b"GET /socket HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)

QUICK = replace(ConnectionLimits(), linger_s=1)


def _listener(port: int = 0, app: Any = echo, name: str = "people") -> Listener:
    files = trust().server
    context = people_context(files.certificate_file, files.key_file)
    return Listener(name, app, host="127.0.0.1", port=port, tls=context)


async def test_an_address_in_use_is_said_and_no_listener_stays_open() -> None:
    async with listening(echo) as taken:
        first, second = _listener(name="people"), _listener(taken.port, name="device")
        with pytest.raises(InputError, match="cannot listen on"):
            await Server([first, second]).start()
        with pytest.raises(OSError):
            await asyncio.open_connection("127.0.0.1", first.port)


async def test_an_answer_in_progress_is_finished_when_the_server_stops() -> None:
    entered, leave = asyncio.Event(), asyncio.Event()

    async def slow(scope: Any, receive: Any, send: Any) -> None:
        entered.set()
        await leave.wait()
        await echo(scope, receive, send)

    server = Server([_listener(app=slow)], grace_s=5)
    await server.start()
    wire = await Wire.open(server.listener("people").port)
    await wire.send(GET)
    await entered.wait()
    stopping = asyncio.create_task(server.stop())
    await asyncio.sleep(0.05)
    leave.set()
    answer = await wire.answer()
    assert answer.status == 200
    assert answer.header("connection") == "close"
    await stopping
    await wire.close()


async def test_a_page_that_says_goodbye_while_the_server_stops_keeps_nobody_from_being_told() -> None:
    told = asyncio.Event()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "websocket.accept"})
        while (await receive())["type"] != "websocket.disconnect":
            pass
        told.set()

    files = trust().server
    context = people_context(files.certificate_file, files.key_file)
    paths = SocketPaths(paths=frozenset({"/socket"}))
    server = Server(
        [Listener("people", app, host="127.0.0.1", port=0, tls=context, sockets=paths, limits=QUICK)], grace_s=5
    )
    await server.start()
    listener = server.listener("people")
    staying = await Wire.open(listener.port)
    assert (await staying.ask(UPGRADE)).status == 101
    going = await asyncio.to_thread(_upgraded, listener.port)
    going.sendall(bytes.fromhex("8882 00000000 03e8"))  # a close frame, and no end of TLS after it
    await asyncio.wait_for(told.wait(), 30)
    await server.stop()
    assert listener.state.connections == set()
    await staying.close()
    going.close()


def _upgraded(port: int) -> ssl.SSLSocket:
    """Open a WebSocket of somebody who reads nothing more."""
    plain = socket.create_connection(("127.0.0.1", port), timeout=30)
    opened = trust().client_context(None).wrap_socket(plain, server_hostname="localhost")
    opened.sendall(UPGRADE)
    assert opened.recv(4096).startswith(b"HTTP/1.1 101 ")
    return opened


async def test_what_does_not_end_in_time_is_ended_and_idle_connections_are_closed() -> None:
    cancelled = asyncio.Event()

    async def endless(scope: Any, receive: Any, send: Any) -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.set()
            raise

    server = Server([_listener(app=endless)], grace_s=0.1)
    await server.start()
    port = server.listener("people").port
    busy, idle = await Wire.open(port), await Wire.open(port)
    await busy.send(GET)
    await asyncio.sleep(0.05)
    async with asyncio.timeout(3):
        await server.stop()
    assert cancelled.is_set()
    assert await idle.is_closed()
    await busy.close()
    await idle.close()


async def test_streams_are_told_that_the_server_stops() -> None:
    async def stream(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"begun", "more_body": True})
        await scope["state"]["stopping"].wait()
        await send({"type": "http.response.body", "body": b"ended"})

    server = Server([_listener(app=stream)], grace_s=5)
    await server.start()
    wire = await Wire.open(server.listener("people").port)
    await wire.send(GET)
    await wire.reader.readuntil(b"begun")
    await server.stop()
    assert await wire.reader.readuntil(b"ended")
    await wire.close()


async def test_a_signal_ends_the_server() -> None:
    server = Server([_listener()], grace_s=1)
    started = asyncio.Event()

    async def note() -> None:
        started.set()

    running = asyncio.create_task(serve(server, started=note))
    await started.wait()
    assert (await exchange(server.listener("people").port, GET)).status == 200
    os.kill(os.getpid(), signal.SIGTERM)
    async with asyncio.timeout(3):
        await running
