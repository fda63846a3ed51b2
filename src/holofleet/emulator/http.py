"""Serves an emulator over HTTP on loopback: an ASGI application, and a server in a thread or for a command.

The application is bare ASGI: it hands requests to :meth:`Emulator.handle` one after another. A connection that the
fault plan cuts is closed in the middle of an answer.
"""

from __future__ import annotations

import asyncio
import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from holofleet.emulator.faults import ConnectionCutError, NoAnswerError
from holofleet.emulator.message import Request, Response
from holofleet.errors import InputError

if TYPE_CHECKING:
    import uvicorn

    from holofleet.emulator.emulator import Emulator

_PROMISED = b"1000000"
_MAX_BODY_BYTES = 8 * 1024 * 1024


SILENT_S = 120.0
"""How long a request that gets no answer hangs before a gateway gives it up (assumed)."""


def application(emulator: Emulator, *, silent_s: float = SILENT_S) -> Any:
    """Return the ASGI application of an emulator.

    Args:
        emulator: Answers.
        silent_s: How long a request that the fault plan leaves without an answer hangs, in seconds.
    """

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await _lifespan(receive, send)
            return
        body = await _body(receive)
        try:
            response = emulator.handle(_request(scope, body))
        except NoAnswerError:
            if not await _left(receive, silent_s):
                await _cut(send)
            return
        except ConnectionCutError:
            await _cut(send)
            return
        await _answer(response, send)

    return app


async def _left(receive: Any, within_s: float) -> bool:
    """Return whether the client gave up in so many seconds."""

    async def gone() -> None:
        while (await receive())["type"] != "http.disconnect":
            pass

    try:
        await asyncio.wait_for(gone(), within_s)
    except TimeoutError:
        return False
    return True


async def _cut(send: Any) -> None:
    """Promise more than comes, so that the server has to close the connection."""
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", _PROMISED)]})
    await send({"type": "http.response.body", "body": b"", "more_body": True})


async def _lifespan(receive: Any, send: Any) -> None:
    while (await receive())["type"] != "lifespan.shutdown":
        await send({"type": "lifespan.startup.complete"})
    await send({"type": "lifespan.shutdown.complete"})


async def _body(receive: Any) -> bytes:
    parts: list[bytes] = []
    length = 0
    while True:
        message = await receive()
        parts.append(message.get("body", b""))
        length += len(parts[-1])
        if not message.get("more_body") or length > _MAX_BODY_BYTES:
            return b"".join(parts)


def _request(scope: Any, body: bytes) -> Request:
    headers = {name.decode("latin-1").casefold(): value.decode("latin-1") for name, value in scope["headers"]}
    return Request(
        method=scope["method"],
        path=unquote(scope["raw_path"].decode("ascii").partition("?")[0])
        if scope.get("raw_path")
        else scope["path"],
        query=scope["query_string"].decode("latin-1"),
        headers=headers,
        body=body,
        origin=f"{scope['scheme']}://{headers.get('host', '127.0.0.1')}",
    )


async def _answer(response: Response, send: Any) -> None:
    headers = {"Content-Type": "application/json", **response.headers}
    if response.body is None:
        content = b""
        headers.pop("Content-Type")
    else:
        content = response.body if isinstance(response.body, bytes) else json.dumps(response.body).encode()
    raw = [(name.lower().encode(), value.encode("latin-1")) for name, value in headers.items()]
    raw.append((b"content-length", str(len(content)).encode()))
    await send({"type": "http.response.start", "status": response.status, "headers": raw})
    await send({"type": "http.response.body", "body": content})


def bind(host: str, port: int) -> socket.socket:
    """Return a socket that listens, on loopback only.

    Raises:
        InputError: another address than one of loopback, or one that is taken.
    """
    if host not in ("127.0.0.1", "::1", "localhost"):
        raise InputError(f"{host}: the emulator asks for no sign-in and therefore listens on loopback only")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError as error:
        listening.close()
        raise InputError(f"{host}:{port}: {error.strerror}", mend="Say another --listen address.") from error
    listening.listen(128)
    return listening


def server(emulator: Emulator, *, silent_s: float = SILENT_S) -> uvicorn.Server:
    """Return a server for sockets of :func:`bind`."""
    import uvicorn

    config = uvicorn.Config(
        application(emulator, silent_s=silent_s), log_level="critical", access_log=False, ws="none", lifespan="on"
    )
    return uvicorn.Server(config)


@contextmanager
def serving(emulator: Emulator) -> Iterator[str]:
    """Serve an emulator from a thread, on a free port, and give its address: for tests."""
    listening = bind("127.0.0.1", 0)
    running = server(emulator)
    thread = threading.Thread(target=running.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        running.should_exit = True
        thread.join(timeout=10)
        listening.close()
